package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.spi.MessageStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What clients send, worked on elsewhere and acknowledged. */
final class WorkQueueTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private TestServer server;
  private WorkQueue queue;

  private void start(WorkQueue.Builder settings) throws Exception {
    WorkQueue made = settings.build();
    queue = made;
    server = new TestServer(
        chat -> chat.on("work", made.op("work")), api -> api.queue(made), made::feeding);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private TestSocket worker() throws Exception {
    TestSocket worker = server.worker();
    worker.send("{\"m\":\"queue.pop\",\"p\":{\"t\":[\"q\"]},\"i\":0}");
    assertThat(worker.next()).startsWith("{\"E\":null");
    return worker;
  }

  private static JsonNode record(TestSocket worker) throws Exception {
    return MAPPER.readTree(worker.await(frame -> frame.startsWith("{\"e\":"))).get("p");
  }

  private static void acknowledge(TestSocket worker, JsonNode record) {
    settle(worker, "queue.ack", record);
  }

  private static void settle(TestSocket worker, String how, JsonNode record) {
    worker.send(
        "{\"m\":\"" + how + "\",\"p\":{\"t\":\"q\",\"k\":" + record.get("k") + "},\"i\":1}");
  }

  /** {@code handshake}, {@code close}, or the first argument of a message. */
  private static String what(JsonNode record) throws Exception {
    JsonNode said = record.get("d");
    return said.get("event").asText().equals("message")
        ? MAPPER
            .readTree(said.get("frame").get("data").asText())
            .get("args")
            .get(0)
            .asText()
        : said.get("event").asText();
  }

  private static void send(TestSocket client, String what) throws Exception {
    client.send("{\"op\":\"work\",\"args\":[\"" + what + "\"],\"id\":\"" + what + "\"}");
    assertThat(client.await(frame -> frame.contains("\"id\":\"" + what + "\"")))
        .contains("success");
  }

  private static String next(TestSocket worker) throws Exception {
    JsonNode record = record(worker);
    acknowledge(worker, record);
    return what(record);
  }

  @Test
  void seed_000_row_12_records_of_a_connection_come_in_order_one_after_the_other()
      throws Exception {
    start(WorkQueue.named("q"));
    TestSocket one = worker();
    TestSocket two = worker();
    TestSocket client = server.client("ann");
    JsonNode handshake = record(one);
    assertThat(what(handshake)).isEqualTo("handshake");
    assertThat(handshake.get("d").get("path").asText()).isEqualTo("/chat");
    send(client, "a");
    send(client, "b");
    // Not to the other worker, either, before the first is acknowledged.
    assertThat(ping(two)).isEqualTo("pong");
    acknowledge(one, handshake);
    List<String> seen = new ArrayList<>();
    List<TestSocket> workers = List.of(one, two);
    while (seen.size() < 2) {
      for (TestSocket worker : workers) {
        if (worker.unread().stream().anyMatch(frame -> frame.startsWith("{\"e\":"))) {
          seen.add(next(worker));
        }
      }
    }
    assertThat(seen).containsExactly("a", "b");
    client.close();
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> anyUnread(workers));
    TestSocket closing = workers.stream()
        .filter(worker -> worker.unread().stream().anyMatch(frame -> frame.startsWith("{\"e\":")))
        .findFirst()
        .orElseThrow();
    JsonNode close = record(closing);
    assertThat(what(close)).isEqualTo("close");
    assertThat(close.get("d").get("uid").asText()).isEqualTo("ann");
  }

  private static boolean anyUnread(List<TestSocket> workers) {
    return workers.stream()
        .anyMatch(
            worker -> worker.unread().stream().anyMatch(frame -> frame.startsWith("{\"e\":")));
  }

  private static String ping(TestSocket worker) throws Exception {
    worker.send("ping");
    return worker.next();
  }

  @Test
  void seed_000_row_12_what_a_dead_worker_had_goes_to_another() throws Exception {
    // Because it is gone, not because its time is over.
    start(WorkQueue.named("q").within(Duration.ofHours(1)));
    TestSocket client = server.client("ann");
    TestSocket first = worker();
    assertThat(next(first)).isEqualTo("handshake");
    send(client, "a");
    send(client, "b");
    JsonNode lost = record(first);
    assertThat(what(lost)).isEqualTo("a");
    assertThat(lost.get("r").asInt()).isEqualTo(1);
    TestSocket second = worker();
    first.cut();
    JsonNode again = record(second);
    assertThat(what(again)).isEqualTo("a");
    assertThat(again.get("r").asInt()).isEqualTo(2);
    acknowledge(second, again);
    assertThat(next(second)).isEqualTo("b");
  }

  @Test
  void seed_000_row_12_who_does_not_acknowledge_in_time_loses_it_to_another() throws Exception {
    start(WorkQueue.named("q").within(Duration.ofSeconds(1)));
    TestSocket client = server.client("ann");
    TestSocket hangs = worker();
    JsonNode kept = record(hangs);
    TestSocket works = worker();
    JsonNode again = record(works);
    assertThat(what(again)).isEqualTo("handshake");
    acknowledge(works, again);
    acknowledge(hangs, kept);
    assertThat(hangs.await(frame -> frame.contains("\"i\":1"))).contains("\"c\":204");
    send(client, "a");
    String next = nextOfEither(hangs, works);
    while (next.equals("handshake")) {
      // On a machine that is busy the second may have been too late, too.
      next = nextOfEither(hangs, works);
    }
    assertThat(next).isEqualTo("a");
  }

  private static String nextOfEither(TestSocket one, TestSocket two) throws Exception {
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> anyUnread(List.of(one, two)));
    return next(anyUnread(List.of(one)) ? one : two);
  }

  @Test
  void seed_000_row_12_full_queue_says_overloaded_and_closes_nobody() throws Exception {
    start(WorkQueue.named("q").capacity(3).perConnection(2));
    TestSocket ann = server.client("ann");
    TestSocket tom = server.client("tom");
    send(ann, "a1");
    send(ann, "a2");
    ann.send("{\"op\":\"work\",\"args\":[\"a3\"],\"id\":\"a3\"}");
    assertThat(ann.await(frame -> frame.contains("a3")))
        .contains("\"code\":\"overloaded\"")
        .contains("\"after_ms\":1000");
    send(tom, "t1");
    tom.send("{\"op\":\"work\",\"args\":[\"t2\"],\"id\":\"t2\"}");
    assertThat(tom.await(frame -> frame.contains("t2"))).contains("overloaded");
    assertThat(queue.counters().refused()).isEqualTo(2);
    TestSocket worker = worker();
    List<String> seen = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      seen.add(next(worker));
    }
    assertThat(seen)
        .containsExactlyInAnyOrder("handshake", "handshake", "a1", "a2", "t1")
        .containsSubsequence("a1", "a2");
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> queue.counters().acknowledged() == 5);
    send(ann, "a4");
    assertThat(next(worker)).isEqualTo("a4");
  }

  @Test
  void what_a_worker_could_not_do_comes_again_before_what_came_later() throws Exception {
    start(WorkQueue.named("q"));
    TestSocket client = server.client("ann");
    TestSocket worker = worker();
    assertThat(next(worker)).isEqualTo("handshake");
    send(client, "a");
    send(client, "b");
    settle(worker, "queue.nack", record(worker));
    JsonNode again = record(worker);
    assertThat(what(again)).isEqualTo("a");
    assertThat(again.get("r").asInt()).isEqualTo(2);
    acknowledge(worker, again);
    assertThat(next(worker)).isEqualTo("b");
  }

  @Test
  void connection_that_did_nothing_leaves_nothing_while_no_worker_is_there() throws Exception {
    start(WorkQueue.named("q"));
    for (int i = 0; i < 3; i++) {
      TestSocket client = server.client("ann");
      client.close();
    }
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> server.chat().connections().count() == 0);
    TestSocket client = server.client("tom");
    send(client, "t");
    TestSocket worker = worker();
    assertThat(next(worker)).isEqualTo("handshake");
    assertThat(next(worker)).isEqualTo("t");
  }

  @Test
  void worker_gets_no_more_than_it_asked_for_at_once() throws Exception {
    start(WorkQueue.named("q"));
    TestSocket worker = server.worker();
    worker.send("{\"m\":\"queue.pop\",\"p\":{\"t\":[\"q\"],\"w\":1},\"i\":0}");
    worker.next();
    server.client("ann");
    server.client("tom");
    JsonNode first = record(worker);
    assertThat(ping(worker)).isEqualTo("pong");
    assertThat(worker.unread()).isEmpty();
    acknowledge(worker, first);
    assertThat(what(record(worker))).isEqualTo("handshake");
  }

  @Test
  void record_keeps_its_id_and_is_set_aside_after_the_last_handout() throws Exception {
    List<Work> aside = new CopyOnWriteArrayList<>();
    start(WorkQueue.named("q").handouts(2).onSetAside(aside::add));
    TestSocket client = server.client("ann");
    TestSocket worker = worker();
    assertThat(next(worker)).isEqualTo("handshake");
    send(client, "a");
    send(client, "b");
    JsonNode first = record(worker);
    settle(worker, "queue.nack", first);
    JsonNode again = record(worker);
    assertThat(again.get("id")).isEqualTo(first.get("id"));
    assertThat(again.get("k")).isNotEqualTo(first.get("k"));
    settle(worker, "queue.nack", again);
    JsonNode later = record(worker);
    assertThat(what(later)).isEqualTo("b");
    assertThat(later.get("id")).isNotEqualTo(first.get("id"));
    assertThat(aside).hasSize(1);
    assertThat(aside.get(0).id()).isEqualTo(first.get("id").asText());
    assertThat(aside.get(0).text()).contains("{\"op\":\"work\",\"args\":[\"a\"]}");
    assertThat(server.get("/api/v1/queues").body()).contains("\"set_aside\":1");
  }

  @Test
  void worker_that_let_the_time_run_out_gets_nothing_for_a_ping_but_for_settling_something()
      throws Exception {
    start(WorkQueue.named("q").within(Duration.ofSeconds(1)));
    server.client("ann");
    TestSocket worker = worker();
    JsonNode kept = record(worker);
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> queue.counters().redelivered() == 1);
    assertThat(ping(worker)).isEqualTo("pong");
    assertThat(queue.counters().inFlight()).isZero();
    // Too late, but a sign of work.
    acknowledge(worker, kept);
    JsonNode again = record(worker);
    assertThat(again.get("r").asInt()).isEqualTo(2);
    assertThat(again.get("id")).isEqualTo(kept.get("id"));
  }

  @Test
  void connection_that_came_past_feeding_is_told_what_is_wrong() throws Exception {
    WorkQueue made = WorkQueue.named("q").build();
    queue = made;
    server =
        new TestServer(chat -> chat.on("work", made.op("work")), api -> api.queue(made), to -> {
          made.feeding(to);
          return to;
        });
    TestSocket client = server.client("ann");
    client.send("{\"op\":\"work\",\"args\":[\"a\"],\"id\":\"a\"}");
    assertThat(client.await(frame -> frame.contains("\"id\":\"a\"")))
        .contains("\"code\":\"unavailable\"")
        .contains("wrapped by feeding");
    assertThat(queue.counters().refused()).isZero();
  }

  @Test
  void node_that_is_no_number_in_json_is_told_as_text() throws Exception {
    WorkQueue made = WorkQueue.named("q").build();
    queue = made;
    server = new TestServer(
        chat -> chat.on("work", made.op("work")),
        api -> api.queue(made).node("007"),
        made::feeding);
    server.client("ann");
    TestSocket worker = worker();
    assertThat(worker.await(frame -> frame.startsWith("{\"e\":"))).contains("\"n\":\"007\",");
  }

  @Test
  void worker_that_stops_politely_may_finish_what_it_has() throws Exception {
    start(WorkQueue.named("q"));
    TestSocket client = server.client("ann");
    TestSocket worker = worker();
    JsonNode handshake = record(worker);
    worker.send("{\"m\":\"queue.unpop\",\"p\":{},\"i\":5}");
    assertThat(worker.await(frame -> frame.contains("\"i\":5"))).contains("\"E\":null");
    acknowledge(worker, handshake);
    assertThat(worker.await(frame -> frame.contains("\"i\":1"))).contains("\"E\":null");
    send(client, "a");
    assertThat(ping(worker)).isEqualTo("pong");
    assertThat(next(worker())).isEqualTo("a");
  }

  @Test
  void workers_that_can_not_acknowledge_keep_a_connection_to_themselves() throws Exception {
    start(WorkQueue.named("q").acknowledged(WorkQueue.Acknowledgement.BY_DELIVERY));
    TestSocket one = worker();
    TestSocket two = worker();
    TestSocket client = server.client("ann");
    for (String each : List.of("a", "b", "c")) {
      send(client, each);
    }
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> queue.counters().acknowledged() == 4);
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> anyUnread(List.of(one, two)));
    TestSocket its = anyUnread(List.of(one)) ? one : two;
    TestSocket other = its == one ? two : one;
    for (String each : List.of("handshake", "a", "b", "c")) {
      JsonNode record = record(its);
      assertThat(what(record)).isEqualTo(each);
      assertThat(record.has("k")).isFalse();
    }
    its.cut();
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> queue.counters().workers() == 1);
    send(client, "d");
    assertThat(what(record(other))).isEqualTo("d");
  }

  /** A store that says of no channel where it ends until it is let. */
  private static MessageStore hesitant(CountDownLatch let) {
    MessageStore store = InMemoryMessageStore.create();
    return (MessageStore) Proxy.newProxyInstance(
        MessageStore.class.getClassLoader(),
        new Class<?>[] {MessageStore.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("heads")) {
            let.await();
          }
          try {
            return method.invoke(store, arguments);
          } catch (InvocationTargetException failure) {
            throw failure.getCause();
          }
        });
  }

  private static long waitingForTheStore() {
    return Thread.getAllStackTraces().values().stream()
        .filter(stack -> Arrays.stream(stack)
            .anyMatch(call -> call.getClassName().equals("dev.confab.chat.Connections")
                && call.getMethodName().equals("subscribe")))
        .count();
  }

  @Test
  void what_is_acknowledged_does_not_wait_behind_calls_that_wait_for_the_store() throws Exception {
    // With as many sockets as there were threads whose calls waited, all others waited, too.
    CountDownLatch let = new CountDownLatch(1);
    WorkQueue made = WorkQueue.named("q").build();
    queue = made;
    server = new TestServer(
        chat -> chat.store(hesitant(let)).on("work", made.op("work")),
        api -> api.queue(made),
        made::feeding);
    try {
      server.client("ann");
      TestSocket worker = worker();
      JsonNode handshake = record(worker);
      for (int i = 0; i < 70; i++) {
        server
            .worker()
            .send("{\"m\":\"conn.call\",\"p\":{\"c\":" + handshake.get("c")
                + ",\"f\":\"subscribe\",\"a\":[\"room_" + i + "\"]},\"i\":1}");
      }
      Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> waitingForTheStore() == 64);
      acknowledge(worker, handshake);
      assertThat(worker.next()).startsWith("{\"E\":null");
    } finally {
      let.countDown();
    }
  }
}
