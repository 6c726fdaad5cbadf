package dev.confab.chat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Json;
import dev.confab.chat.spi.Backplane;
import dev.confab.chat.spi.Backplane.Envelope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Backplane} must do, rule by rule. Extend it and give it a way to join nodes to one another. Since a
 * backplane may lose what it likes, tests send on until enough has come.
 */
public abstract class BackplaneContract {
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final Duration QUIET = Duration.ofMillis(100);

  private final RandomGenerator random = RandomGenerator.getDefault();
  private final List<Node> nodes = new ArrayList<>();

  /** A node of its own, not opened yet, that is joined to the others this test asked for. */
  protected abstract Backplane join();

  /** Whether anything ever arrives; false only for a backplane of a single node. */
  protected abstract boolean delivers();

  @AfterEach
  void close_the_nodes() {
    nodes.forEach(node -> node.backplane.close());
  }

  @Rule("BACKPLANE-1")
  @Test
  void envelope_reaches_each_other_node_at_most_once_and_never_its_sender() {
    Node sender = node("sender");
    Node one = node("one");
    Node two = node("two");
    sendUntilReceived(sender, 20, one, two);

    for (Node node : List.of(one, two)) {
      assertThat(node.received).doesNotHaveDuplicates();
      assertThat(new HashSet<>(sender.sent)).containsAll(node.received);
    }
    assertStays(sender, 0);
  }

  @Rule("BACKPLANE-2")
  @Test
  void envelopes_of_one_node_arrive_in_the_order_they_were_sent() {
    Node one = node("one");
    Node two = node("two");
    Node reader = node("reader");
    CompletableFuture<Void> sending =
        CompletableFuture.runAsync(() -> sendUntilReceived(one, 50, reader));
    sendUntilReceived(two, 50, reader);
    sending.join();

    for (Node sender : List.of(one, two)) {
      assertThat(reader.receivedFrom(sender)).isSorted();
    }
  }

  @Rule("BACKPLANE-3")
  @Test
  void sending_does_not_wait_for_a_node_that_is_stuck() throws Exception {
    CountDownLatch stuck = new CountDownLatch(1);
    Node sender = node("sender");
    node("stuck", envelope -> awaitQuietly(stuck));
    CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
      for (int i = 0; i < 5_000; i++) {
        sender.send();
      }
    });
    try {
      assertThatCode(() -> sending.get(5, TimeUnit.SECONDS)).doesNotThrowAnyException();
    } finally {
      stuck.countDown();
    }
    sending.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
  }

  @Rule("BACKPLANE-3")
  @Test
  void sending_does_not_throw_whatever_happens_to_the_nodes() {
    Node sender = node("sender");
    node("faulty", envelope -> {
      throw new IllegalStateException("can not take it");
    });
    Node leaving = node("leaving");
    assertThatCode(sender::send).doesNotThrowAnyException();
    leaving.backplane.close();
    assertThatCode(sender::send).doesNotThrowAnyException();
    sender.backplane.close();
    assertThatCode(sender::send).doesNotThrowAnyException();
  }

  @Rule("BACKPLANE-4")
  @Test
  void node_that_is_closed_receives_nothing_more() {
    Node sender = node("sender");
    Node leaving = node("leaving");
    Node staying = node("staying");
    sendUntilReceived(sender, 20, leaving, staying);
    leaving.backplane.close();
    int before = leaving.received.size();

    sendUntilReceived(sender, 20, staying);
    assertStays(leaving, before);
  }

  /** Sends so many, and then on until each of these nodes has something that was sent after those. */
  private void sendUntilReceived(Node sender, int envelopes, Node... readers) {
    for (int i = 0; i < envelopes; i++) {
      sender.send();
    }
    if (!delivers()) {
      return;
    }
    long last = sender.number.get();
    await().pollInterval(Duration.ofMillis(2)).atMost(DEADLINE).until(() -> {
      sender.send();
      return List.of(readers).stream()
          .allMatch(reader -> reader.receivedFrom(sender).stream().anyMatch(seq -> seq > last));
    });
  }

  private static void assertStays(Node node, int received) {
    await()
        .failFast("received more", () -> node.received.size() > received)
        .during(QUIET)
        .atMost(DEADLINE)
        .until(() -> node.received.size() == received);
  }

  private Node node(String name) {
    return node(name, envelope -> {});
  }

  private Node node(String name, Backplane.Receiver then) {
    Node node = new Node(join(), ChannelName.of("room_" + name), random);
    nodes.add(node);
    node.backplane.open(envelope -> {
      node.received.add(envelope);
      then.received(envelope);
    });
    return node;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends entries of a channel of its own, so that it shows who sent what. */
  private static final class Node {
    final Backplane backplane;
    final ChannelName channel;
    final RandomGenerator random;
    final AtomicLong number = new AtomicLong();
    final List<Envelope> sent = new CopyOnWriteArrayList<>();
    final List<Envelope> received = new CopyOnWriteArrayList<>();

    Node(Backplane backplane, ChannelName channel, RandomGenerator random) {
      this.backplane = backplane;
      this.channel = channel;
      this.random = random;
    }

    void send() {
      long seq = number.incrementAndGet();
      Draft draft = Draft.message(
          channel, EntryId.random(random), Optional.empty(), Optional.empty(), Json.string("said"));
      Entry entry = Entry.of(draft, seq, seq, Instant.EPOCH);
      Cursor previous = seq == 1 ? Cursor.START : Cursor.of(seq - 1, EntryId.random(random));
      Envelope envelope = new Envelope(previous, List.of(entry));
      sent.add(envelope);
      backplane.send(envelope);
    }

    List<Long> receivedFrom(Node sender) {
      return received.stream()
          .flatMap(envelope -> envelope.entries().stream())
          .filter(entry -> entry.channel().equals(sender.channel))
          .map(Entry::seq)
          .toList();
    }
  }
}
