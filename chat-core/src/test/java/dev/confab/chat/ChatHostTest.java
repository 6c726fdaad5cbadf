package dev.confab.chat;

import static dev.confab.chat.internal.engine.World.hears;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.internal.engine.World;
import dev.confab.chat.internal.engine.World.Client;
import dev.confab.chat.internal.hub.HostFollower;
import dev.confab.chat.internal.hub.Pin;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.testkit.CapturedLog;
import dev.confab.chat.testkit.LoopbackTransport;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.StoreWrapper;
import dev.confab.chat.testkit.TransportClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What the host can do with a running chat. */
final class ChatHostTest {
  private static final ChannelName ROOM = ChannelName.of("room_1");
  private static final Duration SOON = Duration.ofSeconds(20);

  private static ChatBuilder builder() {
    return Chat.builder()
        .authenticator(credentials -> {
          String name = ((Credentials.Password) credentials).name();
          return Identity.of(name, name);
        })
        // The first comes at any time within the interval, also in the middle of a test.
        .limits(Limits.builder().heartbeat(Duration.ofHours(1)).build());
  }

  private static Json json(String text) {
    return Json.parse(text);
  }

  /** A client over the loopback, logged in. */
  private static TransportClient client(LoopbackTransport transport, String name) {
    TransportClient client = transport.connect("/chat", List.of("chat.v1"));
    hear(client, "{\"event\":\"welcome\"");
    client.sendText("{\"op\":\"auth\",\"args\":[\"" + name + "\",\"pw\"]}");
    hear(client, "{\"op\":\"auth\",\"success\":true");
    return client;
  }

  private static String hear(TransportClient client, String beginning) {
    Received.Text text = (Received.Text) client.read(SOON);
    assertThat(text.text()).startsWith(beginning);
    return text.text();
  }

  @Test
  void publishing_is_numbered_and_repeatable_by_key() {
    try (Chat chat = builder().build()) {
      SendKey key = SendKey.of("k");
      Receipt first = chat.publish(ROOM, json("1"), key);
      Receipt again = chat.publish(ROOM, json("2"), key);
      assertThat(first.seq()).isEqualTo(1);
      assertThat(again.seq()).isEqualTo(1);
      assertThat(again.duplicate()).isTrue();
      assertThat(chat.publish(new UserId("tom"), json("3")).channel().value())
          .isEqualTo("user_tom");
      assertThat(chat.publishLater(ROOM, json("4"), Optional.empty())
              .toCompletableFuture()
              .join()
              .seq())
          .isEqualTo(2);
    }
  }

  @Test
  void every_door_thread_may_wait_for_the_store_at_once() throws Exception {
    int threads = 4;
    CountDownLatch all = new CountDownLatch(threads);
    Chat[] chat = new Chat[1];
    chat[0] = builder()
        .doorThreads(threads)
        .on("say", call -> {
          all.countDown();
          try {
            assertThat(all.await(5, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          chat[0]
              .follow(ChannelName.of("room_" + call.connection()), Cursor.START, entry -> {})
              .close();
          chat[0].signal(ROOM, json("1"));
          chat[0].history(ROOM, Long.MAX_VALUE, 10);
          return json(Long.toString(chat[0].publish(ROOM, json("1")).seq()));
        })
        .build();
    try (LoopbackTransport transport = new LoopbackTransport(chat[0].acceptor())) {
      List<TransportClient> clients = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        clients.add(client(transport, "u" + i));
      }
      clients.forEach(each -> each.sendText("{\"op\":\"say\"}"));
      clients.forEach(each -> hear(each, "{\"op\":\"say\",\"success\":true"));
    } finally {
      chat[0].close();
    }
  }

  @Test
  void signals_reach_whom_they_are_meant_for_and_are_counted() {
    try (Chat chat = builder().build();
        LoopbackTransport transport = new LoopbackTransport(chat.acceptor())) {
      TransportClient tom = client(transport, "tom");
      TransportClient ann = client(transport, "ann");
      for (TransportClient each : List.of(tom, ann)) {
        each.sendText("{\"op\":\"subscribe\",\"args\":[\"room_1\"]}");
        hear(each, "{\"op\":\"subscribe\",\"success\":true");
      }
      // A follower is added behind its reply: a signal sent between the two is for nobody.
      Awaitility.await().atMost(SOON).until(() -> chat.counters().followersLive() == 2);
      ConnectionId toms = chat.users().sessions(new UserId("tom")).get(0).connection();
      ConnectionId anns = chat.users().sessions(new UserId("ann")).get(0).connection();
      assertThat(chat.signal(Recipients.channel(ROOM).except(toms), json("1")))
          .isEqualTo(new SignalCount(1, 0, 0));
      hear(ann, "{\"event\":\"signal\"");
      assertThat(chat.signal(
              Recipients.connections(List.of(toms, new ConnectionId("gone"))).naming(ROOM),
              json("2")))
          .isEqualTo(new SignalCount(1, 0, 1));
      assertThat(hear(tom, "{\"event\":\"signal\"")).endsWith("\"data\":2}");
      assertThat(chat.signal(ROOM, json("3"))).isEqualTo(new SignalCount(2, 0, 0));
      assertThat(chat.signal(ChannelName.of("room_empty"), json("3")))
          .isEqualTo(new SignalCount(0, 0, 0));
      assertThat(anns).isNotEqualTo(toms);
    }
  }

  @Test
  void what_a_channel_is_not_for_is_refused() {
    try (Chat chat = builder().channels(ChannelKind.of("live_").withoutLog()).build()) {
      ChannelName live = ChannelName.of("live_1");
      assertThat(chat.announce(live, json("1"))).isEqualTo(new SignalCount(0, 0, 0));
      assertThatThrownBy(() -> chat.publish(live, json("1"))).isInstanceOf(RefusedException.class);
      assertThatThrownBy(() -> chat.announce(ROOM, json("1"))).isInstanceOf(RefusedException.class);
      assertThatThrownBy(() -> chat.follow(live, Cursor.START, entry -> {}))
          .isInstanceOf(RefusedException.class);
      assertThatThrownBy(() -> chat.publish(ROOM, Json.string("x".repeat(2 << 20))))
          .hasMessageContaining("too_large");
      assertThatThrownBy(() -> chat.history(ROOM, 1, 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void sessions_are_found_subscribed_unsubscribed_and_closed() {
    try (Chat chat = builder().build();
        LoopbackTransport transport = new LoopbackTransport(chat.acceptor())) {
      TransportClient tom = client(transport, "tom");
      SessionInfo session = chat.users().sessions(new UserId("tom")).get(0);
      assertThat(chat.connections().find(session.connection())).isPresent();
      assertThat(chat.connections().subscribe(session.connection(), ROOM)).isTrue();
      assertThat(chat.connections().subscribe(session.connection(), ROOM)).isTrue();
      assertThat(chat.connections().find(session.connection()).orElseThrow().channels())
          .isEqualTo(1);
      chat.publish(ROOM, "hello");
      hear(tom, "{\"event\":\"subscribe\",\"channel\":\"room_1\",\"seq\":1");
      assertThat(chat.channels().find(ROOM)).isEqualTo(new ChannelInfo(ROOM, 1, 1));
      assertThat(chat.connections().unsubscribe(session.connection(), ROOM)).isTrue();
      assertThat(chat.connections().unsubscribe(session.connection(), ROOM)).isFalse();
      chat.publish(ROOM, "unheard");
      assertThat(chat.disconnect(Recipients.user(new UserId("tom")), CloseReason.KICKED))
          .isEqualTo(1);
      hear(tom, "{\"event\":\"bye\",\"code\":4403");
      assertThat(tom.read(SOON)).isEqualTo(new Received.Closed(4403, "kicked"));
      Awaitility.await()
          .atMost(SOON)
          .until(() -> chat.users().sessions(new UserId("tom")).isEmpty());
      assertThat(chat.disconnect(Recipients.connection(session.connection()), CloseReason.KICKED))
          .isZero();
      assertThat(chat.connections().subscribe(session.connection(), ROOM)).isFalse();
      ChatCounters counters = chat.counters();
      assertThat(counters.toString()).isNotEmpty();
    }
  }

  @Test
  void a_redaction_takes_the_data_away_once() {
    try (Chat chat = builder().build()) {
      chat.publish(ROOM, "secret");
      assertThat(chat.redact(ROOM, 1)).isTrue();
      assertThat(chat.redact(ROOM, 1)).isFalse();
      assertThat(chat.redact(ROOM, 9)).isFalse();
      assertThat(chat.history(ROOM, 2, 1).entries().get(0).data()).isEqualTo(Json.NULL);
    }
  }

  // The host's own follower, on one thread and a clock that stands still.

  /** Writes down what it is told, and throws if a test wants it to. */
  private static final class Consumer implements LogConsumer {
    final List<String> heard = new ArrayList<>();
    int failures;

    @Override
    public void recorded(Entry entry) {
      if (failures > 0) {
        failures--;
        throw new IllegalStateException("not now");
      }
      heard.add(Long.toString(entry.seq()));
    }

    @Override
    public void reset(ChannelName channel, Head head) {
      heard.add("reset " + head.seq());
    }

    @Override
    public void trimmed(ChannelName channel, TrimmedRange range) {
      heard.add("trimmed " + range.from() + "-" + range.to());
    }
  }

  private static void say(World world, int times) {
    Client tom = world.chatV1("tom");
    for (int i = 0; i < times; i++) {
      hears(tom.asks("{'op':'publish','args':['room_1'," + i + "]}"), "{'op':'publish','success'");
    }
    tom.leaves();
    world.run();
  }

  /** Follows; somebody has to follow already, because nobody runs the readers while this waits. */
  private static Following follow(World world, Cursor from, LogConsumer consumer) {
    var pins = world.engine().hub().pin(List.of(ROOM));
    world.run();
    Pin pin = pins.join().get(0);
    var already = world.engine().hub().follow(pin, pin.head(), world.doors, told -> {});
    world.run();
    Following following = new Chat(world.engine()).follow(ROOM, from, consumer);
    already.end();
    world.run();
    return following;
  }

  @Test
  void the_host_follows_in_order_and_from_any_cursor() {
    World world = new World();
    say(world, 5);
    Consumer all = new Consumer();
    Following following = follow(world, Cursor.START, all);
    assertThat(all.heard).containsExactly("1", "2", "3", "4", "5");
    Consumer late = new Consumer();
    follow(world, following.position(), late);
    say(world, 1);
    assertThat(all.heard).endsWith("6");
    assertThat(late.heard).containsExactly("6");
    following.close();
    say(world, 1);
    assertThat(all.heard).hasSize(6);
    assertThat(following.position().seq()).isEqualTo(6);
  }

  @Test
  void what_a_consumer_throws_at_is_told_again_later_and_later() {
    World world = new World();
    Consumer consumer = new Consumer();
    consumer.failures = 3;
    Following following = follow(world, Cursor.START, consumer);
    try (CapturedLog log = new CapturedLog(HostFollower.class)) {
      say(world, 2);
      assertThat(following.position()).isEqualTo(Cursor.START);
      world.pass(Duration.ofSeconds(1 + 2));
      assertThat(consumer.heard).isEmpty();
      world.pass(Duration.ofSeconds(4));
      assertThat(consumer.heard).containsExactly("1", "2");
      assertThat(log.records()).hasSize(3);
    }
    following.close();
  }

  @Test
  void a_consumer_that_takes_its_time_holds_no_place_among_the_pages() {
    // The page was held until its last entry was taken; a few hundred slow followers of the host
    // kept everybody else from catching up.
    World.Parts parts = new World.Parts();
    World world = new World(parts);
    say(world, 5);
    world.pass(Duration.ofMinutes(1));
    Consumer consumer = new Consumer();
    consumer.failures = 1;
    try (CapturedLog log = new CapturedLog(HostFollower.class)) {
      follow(world, Cursor.START, consumer);
      assertThat(log.records()).hasSize(1);
      assertThat(world.engine().reads().isIdle()).isTrue();
      world.pass(Duration.ofSeconds(2));
    }
    assertThat(consumer.heard).containsExactly("1", "2", "3", "4", "5");
  }

  @Test
  void a_host_whose_cursor_lies_ahead_of_a_log_that_went_backwards_is_told() {
    // It waited for the log to come as far again, and what was said until then it never heard.
    World world = new World();
    say(world, 3);
    Consumer consumer = new Consumer();
    follow(world, Cursor.of(100, new EntryId("A".repeat(16))), consumer);
    assertThat(consumer.heard).containsExactly("reset 3");
    say(world, 1);
    assertThat(consumer.heard).containsExactly("reset 3", "4");
  }

  @Test
  void what_retention_removed_is_told_to_the_host() {
    World.Parts parts = new World.Parts();
    InMemoryMessageStore store = InMemoryMessageStore.create();
    parts.store = store;
    World world = new World(parts);
    say(world, 5);
    world.pass(Duration.ofMinutes(1));
    store.trim(ROOM, 3);
    Consumer consumer = new Consumer();
    follow(world, Cursor.START, consumer);
    assertThat(consumer.heard).containsExactly("trimmed 1-3", "4", "5");
  }

  // The end.

  @Test
  void closing_gives_back_every_thread_and_says_goodbye() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    Chat chat = builder().build();
    LoopbackTransport transport = new LoopbackTransport(chat.acceptor());
    TransportClient tom = client(transport, "tom");
    chat.publish(ROOM, "hello");
    chat.close(SOON);
    hear(tom, "{\"event\":\"bye\",\"code\":4000");
    assertThat(tom.read(SOON)).isEqualTo(new Received.Closed(4000, "server stopping"));
    chat.close();
    transport.close();
    Awaitility.await()
        .atMost(SOON)
        .until(() -> Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> !before.contains(thread)
                && thread.isAlive()
                && thread.getName().startsWith("confab-")));
  }

  @Test
  void closing_takes_no_longer_than_it_is_given_whatever_the_application_does() {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    Chat chat = builder()
        .on("hang", call -> {
          inside.countDown();
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return Json.NULL;
        })
        .build();
    LoopbackTransport transport = new LoopbackTransport(chat.acceptor());
    client(transport, "tom").sendText("{\"op\":\"hang\"}");
    Awaitility.await().atMost(SOON).until(() -> inside.getCount() == 0);
    long start = System.nanoTime();
    chat.close(Duration.ofSeconds(2));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    transport.close();
  }

  @Test
  void nobody_waits_for_a_chat_that_is_closed() {
    // A signal's task was dropped by the pumps that had ended, and the host waited for ever.
    Chat chat = builder().build();
    LoopbackTransport transport = new LoopbackTransport(chat.acceptor());
    TransportClient tom = client(transport, "tom");
    tom.sendText("{\"op\":\"subscribe\",\"args\":[\"room_1\"]}");
    hear(tom, "{\"op\":\"subscribe\"");
    chat.close(Duration.ofSeconds(2));
    transport.close();
    CompletableFuture<Void> all = CompletableFuture.runAsync(() -> {
      assertThatThrownBy(() -> chat.signal(ROOM, json("1"))).isInstanceOf(RefusedException.class);
      assertThatThrownBy(() -> chat.publish(ROOM, "x")).isInstanceOf(RefusedException.class);
    });
    assertThat(all).succeedsWithin(SOON);
  }

  @Test
  void a_store_that_fails_to_close_does_not_keep_others_waiting() {
    MessageStore broken = new StoreWrapper(InMemoryMessageStore.create()) {
      @Override
      public void close() {
        throw new IllegalStateException("will not close");
      }
    };
    Chat chat = builder().store(broken).build();
    assertThatThrownBy(() -> chat.close(Duration.ofSeconds(1)))
        .isInstanceOf(IllegalStateException.class);
    CompletableFuture<Void> again = CompletableFuture.runAsync(chat::close);
    assertThat(again).succeedsWithin(SOON);
  }

  @Test
  void what_was_begun_when_the_chat_closes_is_still_recorded_and_answered() throws Exception {
    // The journal was closed at once: a send that was with an interceptor just then was refused as
    // overloaded.
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Chat chat = builder()
        .interceptor(draft -> {
          begun.countDown();
          try {
            goOn.await(5, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return draft;
        })
        .build();
    LoopbackTransport transport = new LoopbackTransport(chat.acceptor());
    TransportClient tom = client(transport, "tom");
    tom.sendText("{\"op\":\"publish\",\"args\":[\"room_1\",\"late\"],\"id\":1}");
    assertThat(begun.await(5, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<Void> closed =
        CompletableFuture.runAsync(() -> chat.close(Duration.ofSeconds(12)));
    // Closing has begun once nobody is let in any more.
    Awaitility.await()
        .atMost(SOON)
        .until(() ->
            transport.connect("/chat", List.of("chat.v1")).read(SOON) instanceof Received.Closed);
    goOn.countDown();
    assertThat(hear(tom, "{\"op\":\"publish\"")).contains("\"success\":true");
    closed.get(15, TimeUnit.SECONDS);
  }
}
