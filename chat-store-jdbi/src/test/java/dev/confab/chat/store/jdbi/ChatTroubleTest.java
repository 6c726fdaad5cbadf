package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.ChatCounters;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.MessageStore.Position;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A whole chat over real sockets while its database breaks and heals: people who send with and without keys, people who read
 * live, and one who is far behind. Each fault is a real one.
 */
class ChatTroubleTest {
  private static final ChannelName ROOM = ChannelName.of("room_101");
  private static final ChannelName BACKLOG = ChannelName.of("room_backlog");
  private static final int BEHIND = 3_000;
  private static final String PAD = "x".repeat(1_000);

  /** What senders may be told, all of it documented. */
  private static final Set<String> DOCUMENTED =
      Set.of("store_unavailable", "outcome_unknown", "overloaded");

  private static ConditionFactory soon() {
    return await()
        .atMost(Duration.ofSeconds(90))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10));
  }

  /** Something that breaks, and heals. */
  interface Scene extends AutoCloseable {
    /** The store of the chat, closed with it. */
    MessageStore store();

    void begin();

    void end();

    @Override
    void close();

    /** True if sends fail meanwhile; else they only wait. */
    default boolean refuses() {
      return true;
    }

    /** True if the database could be asked all the time: then no outcome stays unknown. */
    default boolean canBeAsked() {
      return false;
    }

    /** True once it has been broken for long enough. */
    default boolean lasted() {
      return true;
    }
  }

  enum Fault {
    DOWN_POSTGRESQL {
      @Override
      Scene set() {
        return gate(false, PostgresqlServer.port(), PostgresqlServer.database()::through);
      }
    },
    DOWN_MARIADB {
      @Override
      Scene set() {
        return gate(false, MariadbServer.port(), MariadbServer.database()::through);
      }
    },
    SLOW_POSTGRESQL {
      @Override
      Scene set() {
        return gate(true, PostgresqlServer.port(), PostgresqlServer.database()::through);
      }
    },
    SLOW_MARIADB {
      @Override
      Scene set() {
        return gate(true, MariadbServer.port(), MariadbServer.database()::through);
      }
    },
    CRASHED_POSTGRESQL {
      @Override
      Scene set() {
        HikariDataSource pool = PostgresqlServer.database().pool(8);
        return new OnPool(pool, PostgresqlServer::crashAndRestart, () -> {}) {
          @Override
          public boolean refuses() {
            return false;
          }
        };
      }
    },
    RESTARTED_MARIADB {
      @Override
      Scene set() {
        HikariDataSource pool = MariadbServer.database().pool(8);
        return new OnPool(pool, MariadbServer::restart, () -> {}) {
          @Override
          public boolean refuses() {
            return false;
          }
        };
      }
    },
    OUT_OF_CONNECTIONS_POSTGRESQL {
      @Override
      Scene set() {
        return starved(PostgresqlServer.database().pool(8));
      }
    },
    OUT_OF_CONNECTIONS_MARIADB {
      @Override
      Scene set() {
        return starved(MariadbServer.database().pool(8));
      }
    },
    ANSWERS_LOST_POSTGRESQL {
      @Override
      Scene set() {
        return losing(PostgresqlServer.database().pool(8));
      }
    },
    ANSWERS_LOST_MARIADB {
      @Override
      Scene set() {
        return losing(MariadbServer.database().pool(8));
      }
    },
    ANSWERS_LOST_SQLITE {
      @Override
      Scene set() {
        Losing losing = new Losing(
            real -> SqliteDialect.run(real, "commit"),
            () -> new SQLException("[SQLITE_IOERR]", null, 10));
        return losing.scene(SqliteFiles.watched(SqliteFiles.fresh(), losing), () -> {});
      }
    },
    FULL_DISK_POSTGRESQL {
      @Override
      Scene set() {
        SmallDisk disk = SmallDisk.mount(96);
        PostgresqlServer.Database database = PostgresqlServer.databaseIn(disk.folder("data"));
        return new OnPool(database.pool(8), disk::fill, disk::free) {
          @Override
          public void close() {
            super.close();
            database.dropWithTablespace();
            disk.close();
          }
        };
      }
    },
    FULL_DISK_MARIADB {
      @Override
      Scene set() {
        SmallDisk disk = SmallDisk.mount(96);
        MariadbServer.Database database = MariadbServer.databaseIn(disk.folder("data"));
        return new OnPool(database.pool(8), disk::fill, disk::free) {
          @Override
          public void close() {
            super.close();
            database.drop();
            disk.close();
          }
        };
      }
    },
    FULL_DISK_SQLITE {
      @Override
      Scene set() {
        SmallDisk disk = SmallDisk.mount(96);
        MessageStore store = JdbiMessageStore.sqlite(disk.folder("data").resolve("chat.db"));
        return new Simple(store, disk::fill, disk::free, disk::close);
      }
    },
    HELD_FILE_SQLITE {
      @Override
      Scene set() {
        Path file = SqliteFiles.fresh();
        MessageStore store = JdbiMessageStore.sqliteBuilder(file)
            .patience(Duration.ofMillis(300))
            .build();
        try {
          Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
          SqliteDialect.run(other, "pragma busy_timeout = 20000");
          return new Simple(
              store, () -> run(other, "begin immediate"), () -> run(other, "rollback"), () -> {
                try {
                  other.close();
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
        } catch (SQLException e) {
          throw new IllegalStateException(e);
        }
      }
    };

    abstract Scene set();

    private static void run(Connection connection, String sql) {
      try {
        SqliteDialect.run(connection, sql);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    private static Scene gate(
        boolean slow, int port, java.util.function.IntFunction<javax.sql.DataSource> through) {
      TcpGate gate = new TcpGate(port);
      HikariDataSource pool = Sources.pool(through.apply(gate.port()), 8);
      Runnable begin = slow ? () -> gate.slow(Duration.ofMillis(60)) : gate::shut;
      Runnable end = slow ? () -> gate.slow(Duration.ZERO) : gate::open;
      return new OnPool(pool, begin, end) {
        @Override
        public boolean refuses() {
          return !slow;
        }

        @Override
        public void close() {
          super.close();
          gate.close();
        }
      };
    }

    private static Scene starved(HikariDataSource pool) {
      List<Connection> taken = new CopyOnWriteArrayList<>();
      return new OnPool(
          pool,
          () -> soon().until(() -> {
            try {
              taken.add(pool.getConnection());
            } catch (SQLException next) {
              // The chat was faster this time.
            }
            return taken.size() == 8;
          }),
          () -> taken.forEach(connection -> {
            try {
              connection.close();
            } catch (SQLException e) {
              throw new IllegalStateException(e);
            }
          }));
    }

    private static Scene losing(HikariDataSource pool) {
      Losing losing = new Losing(Connection::commit, () -> new SQLException("lost", "08006"));
      return losing.scene(JdbiMessageStore.create(Watched.dataSource(pool, losing)), pool::close);
    }
  }

  /** A scene of a store and two moments. */
  private static class Simple implements Scene {
    private final MessageStore store;
    private final Runnable begin;
    private final Runnable end;
    private final Runnable close;

    Simple(MessageStore store, Runnable begin, Runnable end, Runnable close) {
      this.store = store;
      this.begin = begin;
      this.end = end;
      this.close = close;
    }

    @Override
    public MessageStore store() {
      return store;
    }

    @Override
    public void begin() {
      begin.run();
    }

    @Override
    public void end() {
      end.run();
    }

    @Override
    public void close() {
      close.run();
    }
  }

  private static class OnPool extends Simple {
    OnPool(HikariDataSource pool, Runnable begin, Runnable end) {
      super(JdbiMessageStore.create(pool), begin, end, () -> {
        // Whatever was broken here, each connection was given back.
        soon().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
        pool.close();
      });
    }
  }

  /** Loses the answer of every third commit while it is on: of one that happened and of one that did not, in turns. */
  private static final class Losing implements Watched.Moment {
    private interface Commit {
      void of(Connection connection) throws SQLException;
    }

    private final Commit commit;
    private final java.util.function.Supplier<SQLException> failure;
    private final AtomicInteger commits = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private volatile boolean on;

    Losing(Commit commit, java.util.function.Supplier<SQLException> failure) {
      this.commit = commit;
      this.failure = failure;
    }

    @Override
    public void before(Connection real, String sql) throws SQLException {
      if (!on || !sql.equals("commit") || commits.incrementAndGet() % 3 != 0) {
        return;
      }
      if (lost.incrementAndGet() % 2 == 0) {
        commit.of(real);
      }
      if (!real.getMetaData().getDatabaseProductName().equals("SQLite")) {
        real.abort(Runnable::run);
      }
      throw failure.get();
    }

    Scene scene(MessageStore store, Runnable close) {
      return new Simple(store, () -> on = true, () -> on = false, close) {
        @Override
        public boolean refuses() {
          return false;
        }

        @Override
        public boolean canBeAsked() {
          return true;
        }

        @Override
        public boolean lasted() {
          return lost.get() >= 20;
        }
      };
    }
  }

  /** Says one message after the other, each until it is answered; with keys, each until it is recorded. */
  private static final class Sender {
    private final Guest guest;
    private final String name;
    private final boolean keyed;
    private final SynchronousQueue<JsonNode> replies = new SynchronousQueue<>();

    /** What was recorded, and at which number. */
    final Map<String, Long> recorded = new ConcurrentHashMap<>();

    /** What was not, and why. */
    final Map<String, String> refused = new ConcurrentHashMap<>();

    final Set<String> codes = ConcurrentHashMap.newKeySet();
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile boolean leaving;
    private final CompletableFuture<Boolean> done;

    Sender(Hall hall, String name, boolean keyed) {
      this.guest = hall.enter(name);
      this.name = name;
      this.keyed = keyed;
      guest.listen(node -> {
        if (node.has("op")) {
          try {
            replies.put(node);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        }
      });
      done = CompletableFuture.supplyAsync(this::sendOn, task -> {
        Thread thread = new Thread(task, "sender");
        thread.setDaemon(true);
        thread.start();
      });
    }

    private boolean sendOn() {
      for (int number = 0; !leaving; number++) {
        String text = name + " " + number + " " + PAD;
        String code = say(number, text);
        while (keyed && !code.isEmpty()) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
          code = say(number, text);
        }
        if (!code.isEmpty()) {
          refused.put(text, code);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
      return true;
    }

    /** The code of the refusal; empty if it was recorded. */
    private String say(int number, String text) {
      guest.say("{\"op\":\"sendtoroom\",\"args\":[\"" + ROOM + "\",\"" + text + "\""
          + (keyed ? ",{\"key\":\"" + name + "-" + number + "\"}" : "") + "],\"id\":" + number
          + "}");
      try {
        JsonNode reply = replies.poll(2, TimeUnit.MINUTES);
        assertThat(reply).as("reply to %s %s", name, number).isNotNull();
        assertThat(reply.path("id").asInt()).isEqualTo(number);
        if (reply.path("success").asBoolean()) {
          recorded.put(text, reply.path("data").path("seq").asLong());
          return "";
        }
        codes.add(reply.path("code").asText());
        refusals.incrementAndGet();
        return reply.path("code").asText();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    void leave() throws Exception {
      leaving = true;
      assertThat(done.get(90, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** Keeps all it is shown. */
  private static final class Reader {
    private final Guest guest;
    final List<Map.Entry<Long, String>> shown = new CopyOnWriteArrayList<>();
    final AtomicInteger messages = new AtomicInteger();
    final Set<String> surprises = ConcurrentHashMap.newKeySet();
    private final boolean keeps;
    private volatile long last;

    Reader(Hall hall, String name, ChannelName channel, boolean keeps) {
      this.guest = hall.enter(name);
      this.keeps = keeps;
      guest.say("{\"op\":\"subscribe\",\"args\":[\"" + channel + "\",{\"since\":{\"" + channel
          + "\":\"0\"}}],\"id\":\"s\"}");
    }

    Reader read() {
      guest.listen(node -> {
        String event = node.path("event").asText();
        if (event.equals("subscribe")) {
          if (node.path("seq").asLong() != last + 1) {
            surprises.add(last + " then " + node.path("seq"));
          }
          last = node.path("seq").asLong();
          messages.incrementAndGet();
          if (keeps) {
            shown.add(Map.entry(last, node.path("data").asText()));
          }
        } else if (Set.of("reset", "trimmed", "bye").contains(event) || node.has("error")) {
          surprises.add(node.toString());
        }
      });
      return this;
    }
  }

  @ParameterizedTest
  @EnumSource
  void everybody_is_told_the_truth_and_reads_on(Fault fault) throws Exception {
    Scene scene = fault.set();
    Limits limits = Limits.builder()
        .tailsBytes(1 << 20)
        .tailBytes(1 << 18)
        .watchPeriod(Duration.ofMillis(200))
        .lookupWithin(Duration.ofSeconds(scene.canBeAsked() ? 30 : 3))
        .build();
    try (Hall hall = new Hall(scene.store(), limits)) {
      CountDownLatch written = new CountDownLatch(BEHIND);
      for (int i = 0; i < BEHIND; i++) {
        hall.chat()
            .publishLater(BACKLOG, Json.string("y".repeat(4_000)), Optional.empty())
            .thenRun(written::countDown);
      }
      assertThat(written.await(60, TimeUnit.SECONDS)).isTrue();
      // It asks for 12 MB and takes none of it yet.
      Reader behind = new Reader(hall, "behind", BACKLOG, false);
      List<Reader> readers = List.of(
          new Reader(hall, "reader1", ROOM, true).read(),
          new Reader(hall, "reader2", ROOM, true).read());
      List<Sender> senders = List.of(
          new Sender(hall, "keyed1", true),
          new Sender(hall, "keyed2", true),
          new Sender(hall, "bare1", false),
          new Sender(hall, "bare2", false));
      soon().until(() -> senders.stream().allMatch(sender -> sender.recorded.size() >= 5));
      soon().until(() -> hall.chat().counters().followersCatchingUp() >= 1);
      Map<Sender, Integer> refusedBefore = new HashMap<>();
      senders.forEach(sender -> refusedBefore.put(sender, sender.refusals.get()));

      scene.begin();
      soon()
          .until(() -> scene.lasted()
              && (!scene.refuses()
                  || senders.stream()
                      .allMatch(sender -> sender.refusals.get() > refusedBefore.get(sender))));
      // Now it wants what only the database has.
      behind.read();
      assertBounded(hall.chat().counters(), limits);
      Map<Sender, Integer> before = new HashMap<>();
      senders.forEach(sender -> before.put(sender, sender.recorded.size()));
      if (!scene.refuses()) {
        soon()
            .until(() -> senders.stream()
                .allMatch(sender -> sender.recorded.size() >= before.get(sender) + 3));
      }
      scene.end();

      soon()
          .until(() -> senders.stream()
              .allMatch(sender -> sender.recorded.size() >= before.get(sender) + 5));
      for (Sender sender : senders) {
        sender.leave();
      }
      List<Entry> log = log(scene.store());
      assertTruth(scene, senders, log);
      List<Map.Entry<Long, String>> all =
          log.stream().map(entry -> Map.entry(entry.seq(), text(entry))).toList();
      for (Reader reader : readers) {
        soon().until(() -> reader.shown.size() >= all.size());
        assertThat(reader.shown).isEqualTo(all);
      }
      soon().until(() -> behind.messages.get() == BEHIND);
      for (Reader reader : List.of(readers.get(0), readers.get(1), behind)) {
        assertThat(reader.surprises).isEmpty();
        assertThat(reader.guest.end()).as("nobody closed a reader").isEmpty();
      }
      soon().untilAsserted(() -> assertAtRest(hall.chat().counters(), limits));
      for (Sender sender : senders) {
        assertThat(sender.guest.end()).as("nobody closed a sender").isEmpty();
        sender.guest.close();
      }
      readers.forEach(reader -> reader.guest.close());
      behind.guest.close();
    } finally {
      scene.close();
    }
  }

  private static String text(Entry entry) {
    String json = entry.data().text();
    return json.substring(1, json.length() - 1);
  }

  private static List<Entry> log(MessageStore store) {
    List<Entry> log = new ArrayList<>();
    while (true) {
      MessageStore.Page page = store.read(ROOM, new Position.AfterSeq(log.size()), 1_000, 16 << 20);
      log.addAll(page.entries());
      if (!page.more()) {
        return log;
      }
    }
  }

  private static void assertTruth(Scene scene, List<Sender> senders, List<Entry> log) {
    assertThat(log)
        .extracting(Entry::seq)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, log.size()).boxed().toList());
    Map<String, List<Long>> places = log.stream()
        .collect(Collectors.groupingBy(
            ChatTroubleTest::text, Collectors.mapping(Entry::seq, Collectors.toList())));
    Set<String> codes = new TreeSet<>();
    int accounted = 0;
    for (Sender sender : senders) {
      codes.addAll(sender.codes);
      sender.recorded.forEach(
          (text, seq) -> assertThat(places.get(text)).as(text).containsExactly(seq));
      accounted += sender.recorded.size();
      for (Map.Entry<String, String> refusal : sender.refused.entrySet()) {
        List<Long> found = places.getOrDefault(refusal.getKey(), List.of());
        if (refusal.getValue().equals("outcome_unknown")) {
          assertThat(found).as("at most once").hasSizeLessThanOrEqualTo(1);
        } else {
          assertThat(found).as("told %s", refusal.getValue()).isEmpty();
        }
        accounted += found.size();
      }
      if (scene.refuses()) {
        assertThat(sender.codes).isNotEmpty();
      }
    }
    assertThat(log).as("nothing that nobody sent").hasSize(accounted);
    assertThat(DOCUMENTED).containsAll(codes);
    if (scene.canBeAsked()) {
      assertThat(codes).doesNotContain("outcome_unknown");
    }
  }

  private static void assertBounded(ChatCounters counters, Limits limits) {
    assertThat(counters.journalBytes()).isLessThanOrEqualTo(limits.journalBytes());
    assertThat(counters.tailBytes()).isLessThanOrEqualTo(limits.tailsBytes());
    assertThat(counters.pageBytes()).isLessThanOrEqualTo(limits.pagesBytes());
  }

  private static void assertAtRest(ChatCounters counters, Limits limits) {
    assertBounded(counters, limits);
    assertThat(counters.journalDrafts()).isZero();
    assertThat(counters.journalBytes()).isZero();
    assertThat(counters.pageBytes()).isZero();
    assertThat(counters.followersCatchingUp()).isZero();
    Map<String, Long> threads = Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("confab-"))
        .collect(
            Collectors.groupingBy(name -> name.replaceAll("-\\d+$", ""), Collectors.counting()));
    assertThat(threads.getOrDefault("confab-journal", 0L)).isLessThanOrEqualTo(1);
    assertThat(threads.getOrDefault("confab-journal-held", 0L)).isLessThanOrEqualTo(2);
    assertThat(threads.getOrDefault("confab-reader", 0L)).isLessThanOrEqualTo(limits.readers());
  }
}
