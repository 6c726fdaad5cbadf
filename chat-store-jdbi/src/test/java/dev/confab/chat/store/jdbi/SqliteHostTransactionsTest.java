package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.all;
import static dev.confab.chat.store.jdbi.Said.id;
import static dev.confab.chat.store.jdbi.Said.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.internal.journal.Journal;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import dev.confab.chat.testkit.CapturedLog;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Transactions of the host's on SQLite, which has one writer. */
class SqliteHostTransactionsTest extends HostTransactionsContract {
  private static final String REFUSED =
      "This thread has a transaction open on the SQLite file, for whose end this would wait: record"
          + " inside of it with store.append(connection, List.of(chat.draft(channel, data)))";

  private static Path file;

  @BeforeAll
  static void open() {
    file = SqliteFiles.fresh();
    JdbiMessageStore.sqlite(file).close();
    SqliteFiles.run(
        file,
        "create table host_order (id text primary key)",
        "create trigger poison before insert on chat_entry when new.data = '\"poison\"'"
            + " begin select raise(abort, 'poisoned'); end");
  }

  @Override
  boolean oneWriter() {
    return true;
  }

  @Override
  JdbiMessageStore store(Duration patience) {
    return JdbiMessageStore.sqliteBuilder(file).patience(patience).build();
  }

  private static Connection connect(Path where, String mode) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + where
        + "?journal_mode=WAL&synchronous=FULL&busy_timeout=20000&transaction_mode=" + mode);
  }

  /** By statements: the driver begins the next transaction as soon as one has ended, and would hold the file again. */
  @Override
  Connection begin() throws SQLException {
    Connection connection = connect(file, "DEFERRED");
    run(connection, "begin immediate");
    return connection;
  }

  @Override
  Connection beginElsewhere() throws SQLException {
    Connection connection = connect(SqliteFiles.fresh(), "DEFERRED");
    run(connection, "begin immediate");
    return connection;
  }

  @Override
  void commit(Connection connection) throws SQLException {
    run(connection, "commit");
  }

  @Override
  void rollback(Connection connection) throws SQLException {
    run(connection, "rollback");
  }

  @Override
  void beginAgain(Connection connection) throws SQLException {
    run(connection, "begin immediate");
  }

  /** A transaction the driver has begun itself. */
  private Connection driverBegins(String mode) throws SQLException {
    Connection connection = closing(connect(file, mode));
    connection.setAutoCommit(false);
    return connection;
  }

  @Override
  void kill(Connection connection) throws SQLException {
    connection.close();
  }

  // How it was begun.

  @Test
  void transaction_that_the_driver_began_does_as_well() throws Exception {
    Site site = site();
    ChannelName room = room();
    Connection connection = driverBegins("IMMEDIATE");
    Posting posting = site.store.append(connection, List.of(site.draft(room, "x")));
    connection.commit();
    // Else the driver has begun the next one, and holds the file.
    connection.setAutoCommit(true);
    posting.committed();
    assertThat(site.chat.publish(room, "y").seq()).isEqualTo(2);
  }

  @Test
  void transaction_that_read_before_somebody_else_wrote_is_told_how_to_begin() throws Exception {
    Site site = site();
    ChannelName room = room();
    Connection connection = driverBegins("DEFERRED");
    try (var rows = connection.createStatement().executeQuery("select count(*) from host_order")) {
      rows.next();
    }
    site.chat.publish(room, "between");
    assertThatThrownBy(() -> site.store.append(connection, List.of(site.draft(room, "x"))))
        .isExactlyInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("begin with BEGIN IMMEDIATE");
    connection.rollback();
  }

  @Test
  void transaction_that_has_read_nothing_yet_may_be_deferred() throws Exception {
    Site site = site();
    ChannelName room = room();
    Connection connection = driverBegins("DEFERRED");
    site.store.append(connection, List.of(site.draft(room, "x")));
    connection.commit();
    assertThat(texts(all(site.store, room))).containsExactly("x");
  }

  // Waiting for oneself.

  @Test
  void publish_from_inside_is_refused_with_the_right_call() throws Exception {
    Site site = site();
    ChannelName room = room();
    Connection connection = hosts();
    Posting posting = site.store.append(connection, List.of(site.draft(room, "inside")));
    for (Runnable wrong : List.<Runnable>of(
        () -> site.chat.publish(room, "outside"),
        () -> site.chat.redact(room, 1),
        () -> site.chat.publishLater(room, Json.string("later"), Optional.empty()))) {
      long begun = System.nanoTime();
      assertThatThrownBy(wrong::run)
          .isExactlyInstanceOf(RefusedException.class)
          .hasMessageContaining(REFUSED)
          .matches(refused -> ((RefusedException) refused).refusal().code() == ErrorCode.BAD_ARGS);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(WAITED);
    }
    commit(connection);
    posting.committed();
    assertThat(site.chat.publish(room, "behind").seq()).isEqualTo(2);
  }

  /** What a call takes at least that waits for the file instead of being refused. */
  private static final Duration WAITED = Duration.ofSeconds(25);

  @Test
  void publish_from_inside_a_transaction_of_the_store_is_refused() {
    Site site = site();
    ChannelName room = room();
    site.store.transaction(connection -> {
      assertThatThrownBy(() -> site.chat.publish(room, "outside"))
          .isExactlyInstanceOf(RefusedException.class)
          .hasMessageContaining(REFUSED);
      assertThatThrownBy(() -> site.store.transaction(another -> true))
          .isExactlyInstanceOf(StoreException.class)
          .hasMessageContaining(REFUSED);
      return site.store.append(connection, List.of(site.draft(room, "inside")));
    });
    // It is over: nobody has to say so.
    assertThat(site.chat.publish(room, "behind").seq()).isEqualTo(2);
  }

  @Test
  void host_that_forgets_to_say_committed_may_publish_all_the_same() throws Exception {
    Site site = site();
    ChannelName room = room();
    Connection connection = hosts();
    site.store.append(connection, List.of(site.draft(room, "forgotten")));
    commit(connection);
    assertThat(site.chat.publish(room, "behind").seq()).isEqualTo(2);
    beginAgain(connection);
    site.store.append(connection, List.of(site.draft(room, "never")));
    rollback(connection);
    assertThat(site.chat.publish(room, "behind it").seq()).isEqualTo(3);
    beginAgain(connection);
    site.store.append(connection, List.of(site.draft(room, "lost")));
    connection.close();
    assertThat(site.chat.publish(room, "behind that").seq()).isEqualTo(4);
  }

  @Test
  void forgotten_commit_is_noticed_even_while_somebody_else_writes() throws Exception {
    Site site = impatientSite();
    ChannelName room = room();
    Connection connection = hosts();
    site.store.append(connection, List.of(site.draft(room, "forgotten")));
    commit(connection);
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch enough = new CountDownLatch(1);
    Future<Boolean> other = meanwhile(() -> {
      try (Connection busy = begin()) {
        order(busy, id().value());
        writing.countDown();
        assertThat(enough.await(20, TimeUnit.SECONDS)).isTrue();
        commit(busy);
      }
      return true;
    });
    assertThat(writing.await(20, TimeUnit.SECONDS)).isTrue();
    // It may not write, but it is not told that it waits for itself.
    assertThat(refused(() -> site.chat.publish(room, "behind")))
        .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    enough.countDown();
    assertThat(other.get(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void other_threads_are_not_refused_but_wait() throws Exception {
    Site site = site();
    ChannelName room = room();
    Connection connection = hosts();
    Posting posting = site.store.append(connection, List.of(site.draft(room, "inside")));
    Future<Long> waiting = meanwhile(() -> site.chat.publish(room, "outside").seq());
    commit(connection);
    posting.committed();
    assertThat(waiting.get(20, TimeUnit.SECONDS)).isEqualTo(2);
  }

  @Test
  void who_waits_for_an_unknown_transaction_finds_the_possibility_in_the_log() throws Exception {
    Site site = impatientSite();
    ChannelName room = room();
    Connection connection = hosts();
    order(connection, id().value());
    try (CapturedLog log = new CapturedLog(Journal.class)) {
      assertThat(refused(() -> site.chat.publish(room, "stuck")))
          .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
      assertThat(log.records())
          .anySatisfy(line -> assertThat(line.getThrown())
              .isInstanceOf(StoreUnavailableException.class)
              .hasMessageContaining("record in it with store.append(connection, drafts)"));
    }
    rollback(connection);
    assertThat(site.chat.publish(room, "free").seq()).isEqualTo(1);
  }

  @Test
  void reading_goes_on_inside() throws Exception {
    Site site = site();
    ChannelName room = room();
    site.chat.publish(room, "before");
    Connection connection = hosts();
    site.store.append(connection, List.of(site.draft(room, "inside")));
    List<Entry> seen = site.chat.history(room, Long.MAX_VALUE, 10).entries();
    assertThat(texts(seen)).containsExactly("before");
    rollback(connection);
  }
}
