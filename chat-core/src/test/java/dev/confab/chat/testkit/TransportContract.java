package dev.confab.chat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.testkit.RecordingAcceptor.Accepted;
import dev.confab.chat.testkit.RecordingAcceptor.Told;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rules of {@link Connection}, {@link dev.confab.chat.spi.Inbound} and {@link Acceptor}, for whoever writes a transport. */
public abstract class TransportContract {
  private static final int MAX_FRAME_BYTES = 4_096;

  /** A chat that writes everything down; speaks {@code two} better than {@code one}. */
  protected final RecordingAcceptor chat =
      new RecordingAcceptor(List.of("two", "one"), MAX_FRAME_BYTES);

  private final List<TransportClient> clients = new ArrayList<>();
  private ServedTransport transport;

  /** A running transport that hands its connections to this acceptor. */
  protected abstract ServedTransport serve(Acceptor acceptor);

  /** What the rules call soon, with room for a slow machine. */
  protected Duration soon() {
    return Duration.ofSeconds(5);
  }

  /** For what must come; a slow machine may need it. */
  protected Duration patience() {
    return Duration.ofSeconds(10);
  }

  /** A write that is not done after this much is taken for stalled. */
  protected Duration stallAfter() {
    return Duration.ofMillis(500);
  }

  @BeforeEach
  void start() {
    transport = serve(chat);
  }

  /** Ends everything; behind it nothing is told any more, so that what came can be counted. */
  @AfterEach
  void stop() {
    clients.forEach(TransportClient::close);
    transport.close();
  }

  private TransportClient connect(String... offered) {
    return connectTo("/chat", offered);
  }

  private TransportClient connectTo(String path, String... offered) {
    TransportClient client = transport.connect(path, List.of(offered));
    clients.add(client);
    return client;
  }

  private Accepted accepted() {
    return chat.next(patience());
  }

  private static String text(Received received) {
    assertThat(received).isInstanceOf(Received.Text.class);
    return ((Received.Text) received).text();
  }

  private List<String> texts(TransportClient client, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> text(client.read(patience())))
        .toList();
  }

  /**
   * A write that is not done, because its client does not read.
   *
   * @param write that one
   * @param writes how many there were with it
   */
  private record Stalled(Written write, int writes) {}

  private Stalled stall(TransportClient client, Accepted accepted) {
    client.stopReading();
    String text = "x".repeat(256 * 1024);
    for (int writes = 1; writes <= 256; writes++) {
      Written write = accepted.write(text);
      if (!write.endsWithin(stallAfter())) {
        return new Stalled(write, writes);
      }
    }
    throw new AssertionError("64 MiB were written to a client that does not read");
  }

  /** Answers a close frame, for which some containers wait long, and reads until nothing comes any more. */
  private void awaitEnd(TransportClient client) {
    try {
      client.close(1000, "");
    } catch (UncheckedIOException gone) {
      assertThat(gone).hasCauseInstanceOf(IOException.class);
    }
    while (!(client.read(patience()) instanceof Received.Broken)) {
      // Whatever was on its way may still come.
    }
  }

  // CONNECTION-1

  @Test
  @Rule("CONNECTION-1")
  void frames_of_a_write_arrive_in_order_each_as_one_message() {
    TransportClient client = connect();
    List<String> frames = List.of("first", "", "zweite – ü 😀\nline", "x".repeat(100_000), "last");

    accepted().write(frames);

    assertThat(texts(client, frames.size())).isEqualTo(frames);
  }

  @Test
  @Rule("CONNECTION-1")
  void thousands_of_frames_in_one_write_arrive_in_order() {
    TransportClient client = connect();
    List<String> frames = IntStream.range(0, 5_000).mapToObj(i -> "frame " + i).toList();

    accepted().write(frames);

    assertThat(texts(client, frames.size())).isEqualTo(frames);
  }

  @Test
  @Rule("CONNECTION-1")
  void writes_arrive_one_behind_the_other() {
    TransportClient client = connect();
    Accepted accepted = accepted();
    List<String> frames = IntStream.range(0, 200).mapToObj(i -> "frame " + i).toList();

    for (int i = 0; i < frames.size(); i += 2) {
      assertThat(accepted.write(frames.get(i), frames.get(i + 1)).endsWithin(patience()))
          .isTrue();
    }

    assertThat(texts(client, frames.size())).isEqualTo(frames);
  }

  // CONNECTION-2

  @Test
  @Rule("CONNECTION-2")
  void write_is_done_once() {
    TransportClient client = connect();
    Accepted accepted = accepted();

    Written first = accepted.write("one", "two");
    assertThat(first.endsWithin(patience())).isTrue();
    Written second = accepted.write("three");
    assertThat(second.endsWithin(patience())).isTrue();
    texts(client, 3);

    stop();
    assertThat(first.times()).isEqualTo(1);
    assertThat(second.times()).isEqualTo(1);
  }

  @Test
  @Rule("CONNECTION-2")
  void stalled_write_is_done_once_when_the_connection_is_closed() {
    TransportClient client = connect();
    Accepted accepted = accepted();
    Stalled stalled = stall(client, accepted);

    accepted.connection().close(CloseReason.STALLED);

    assertThat(stalled.write().endsWithin(soon())).isTrue();
    // Now the container may come to say so as well.
    client.resumeReading();
    texts(client, stalled.writes() - 1);
    stop();
    assertThat(stalled.write().times()).isEqualTo(1);
  }

  @Test
  @Rule("CONNECTION-2")
  void stalled_write_is_done_once_when_the_connection_breaks() {
    TransportClient client = connect();
    Accepted accepted = accepted();
    Written write = stall(client, accepted).write();

    client.reset();

    assertThat(write.endsWithin(soon())).isTrue();
    accepted.told(1, soon());
    stop();
    assertThat(write.times()).isEqualTo(1);
  }

  @Test
  @Rule("CONNECTION-2")
  void stalled_write_is_done_when_the_client_reads_on() {
    TransportClient client = connect();
    Accepted accepted = accepted();
    Stalled stalled = stall(client, accepted);

    client.resumeReading();
    texts(client, stalled.writes());

    assertThat(stalled.write().endsWithin(soon())).isTrue();
    stop();
    assertThat(stalled.write().times()).isEqualTo(1);
  }

  @Test
  @Rule("CONNECTION-2")
  void write_behind_the_end_is_done_once() {
    connect();
    Accepted accepted = accepted();
    accepted.connection().close(CloseReason.NORMAL);
    accepted.told(1, soon());

    Written write = accepted.write("too late", "too late as well");

    assertThat(write.endsWithin(soon())).isTrue();
    stop();
    assertThat(write.times()).isEqualTo(1);
  }

  // CONNECTION-3

  @Test
  @Rule("CONNECTION-3")
  void write_to_a_client_that_reads_does_not_fail() {
    TransportClient client = connect();

    Written write = accepted().write("one", "two");

    texts(client, 2);
    assertThat(write.failure(patience())).isEmpty();
  }

  @Test
  @Rule("CONNECTION-3")
  void write_behind_the_end_fails() {
    connect();
    Accepted accepted = accepted();
    accepted.connection().close(CloseReason.NORMAL);

    assertThat(accepted.write("too late").failure(soon())).isPresent();
  }

  @Test
  @Rule("CONNECTION-3")
  void write_of_which_nothing_more_is_taken_fails() {
    TransportClient client = connect();
    Accepted accepted = accepted();
    Written write = stall(client, accepted).write();

    client.reset();

    assertThat(write.failure(soon())).isPresent();
  }

  // CONNECTION-4

  @Test
  @Rule("CONNECTION-4")
  void close_sends_its_code_and_text_and_is_told_once() {
    TransportClient client = connect();
    Accepted accepted = accepted();

    accepted.connection().close(CloseReason.KICKED);

    assertThat(client.read(patience())).isEqualTo(new Received.Closed(4403, "kicked"));
    awaitEnd(client);
    accepted.told(1, soon());
    stop();
    assertThat(accepted.told()).containsExactly(new Told.Closed(4403, "kicked"));
  }

  @Test
  @Rule("CONNECTION-4")
  void close_text_arrives_whole_up_to_its_last_character() {
    TransportClient client = connect();
    CloseReason reason = CloseReason.of(4100, "ü".repeat(100));
    assertThat(reason.text()).hasSize(61);

    accepted().connection().close(reason);

    assertThat(client.read(patience())).isEqualTo(new Received.Closed(4100, reason.text()));
  }

  @Test
  @Rule("CONNECTION-4")
  void close_behind_a_write_lets_the_write_arrive() {
    TransportClient client = connect();
    Accepted accepted = accepted();
    assertThat(accepted.write("bye").endsWithin(patience())).isTrue();

    accepted.connection().close(CloseReason.STOPPING);

    assertThat(client.read(patience())).isEqualTo(new Received.Text("bye"));
    assertThat(client.read(patience())).isEqualTo(new Received.Closed(4000, "server stopping"));
  }

  @Test
  @Rule("CONNECTION-4")
  void close_returns_at_once_and_is_told_soon_though_the_client_has_stalled() {
    TransportClient client = connect();
    Accepted accepted = accepted();
    stall(client, accepted);

    long before = System.nanoTime();
    accepted.connection().close(CloseReason.NORMAL);
    Duration took = Duration.ofNanos(System.nanoTime() - before);

    assertThat(took).isLessThan(Duration.ofSeconds(1));
    accepted.told(1, soon());
    stop();
    assertThat(accepted.told()).containsExactly(new Told.Closed(1000, ""));
  }

  @Test
  @Rule("CONNECTION-4")
  void further_closes_do_nothing() {
    TransportClient client = connect();
    Accepted accepted = accepted();

    accepted.connection().close(CloseReason.STOPPING);
    accepted.connection().close(CloseReason.KICKED);
    accepted.told(1, soon());
    accepted.connection().close(CloseReason.BANNED);

    assertThat(client.read(patience())).isEqualTo(new Received.Closed(4000, "server stopping"));
    awaitEnd(client);
    stop();
    assertThat(accepted.told()).containsExactly(new Told.Closed(4000, "server stopping"));
  }

  @Test
  @Rule("CONNECTION-4")
  void close_before_the_connection_is_taken_is_told_when_it_is() {
    chat.whenConnected(connection -> connection.close(CloseReason.OVERLOADED));

    TransportClient client = connect();

    assertThat(client.read(patience())).isEqualTo(new Received.Closed(4101, "overloaded"));
    Accepted accepted = accepted();
    accepted.told(1, soon());
    stop();
    assertThat(accepted.told()).containsExactly(new Told.Closed(4101, "overloaded"));
  }

  // CONNECTION-5

  @Test
  @Rule("CONNECTION-5")
  void ping_is_a_ping_or_nothing() {
    TransportClient client = connect();
    Accepted accepted = accepted();

    accepted.connection().ping();
    accepted.write("behind");

    Received first = client.read(patience());
    if (first instanceof Received.Ping) {
      first = client.read(patience());
    }
    assertThat(first).isEqualTo(new Received.Text("behind"));
  }

  @Test
  @Rule("CONNECTION-5")
  void ping_of_a_closed_connection_does_nothing() {
    TransportClient client = connect();
    Accepted accepted = accepted();
    accepted.connection().close(CloseReason.KICKED);

    accepted.connection().ping();

    assertThat(client.read(patience())).isEqualTo(new Received.Closed(4403, "kicked"));
    awaitEnd(client);
  }

  // INBOUND-1

  @Test
  @Rule("INBOUND-1")
  void text_frames_are_told_whole_and_in_order() {
    TransportClient client = connect();
    List<Told> expected = new ArrayList<>();

    for (int i = 0; i < 200; i++) {
      String frame = i + " – ü 😀 " + "x".repeat(i * 10);
      expected.add(new Told.Text(frame));
      if (i % 2 == 0) {
        client.sendText(frame);
      } else {
        client.sendFragmented(frame, 1 + i % 7 * 100);
      }
    }

    assertThat(accepted().told(expected.size(), patience())).isEqualTo(expected);
  }

  @Test
  @Rule("INBOUND-1")
  void empty_frame_is_told() {
    TransportClient client = connect();

    client.sendText("");
    client.sendText("next");

    assertThat(accepted().told(2, patience()))
        .containsExactly(new Told.Text(""), new Told.Text("next"));
  }

  @Test
  @Rule("INBOUND-1")
  void binary_frames_and_pongs_are_told_in_their_place() {
    TransportClient client = connect();

    client.sendText("first");
    client.sendBinary(new byte[100]);
    client.sendPong();
    client.sendBinary(new byte[0]);
    client.sendText("last");

    assertThat(accepted().told(5, patience()))
        .containsExactly(
            new Told.Text("first"),
            new Told.Binary(),
            new Told.Pong(),
            new Told.Binary(),
            new Told.Text("last"));
  }

  @Test
  @Rule("INBOUND-1")
  void frames_sent_before_the_connection_is_taken_are_told_behind_it() {
    CountDownLatch sent = new CountDownLatch(1);
    chat.whenConnected(connection -> await(sent));
    TransportClient client = connect();

    client.sendText("early");
    client.sendText("second");
    sent.countDown();

    assertThat(accepted().told(2, patience()))
        .containsExactly(new Told.Text("early"), new Told.Text("second"));
  }

  // INBOUND-2

  @Test
  @Rule("INBOUND-2")
  void frame_of_exactly_the_limit_is_told() {
    TransportClient client = connect();
    String ascii = "x".repeat(MAX_FRAME_BYTES);
    String wide = "😀".repeat(MAX_FRAME_BYTES / 4);

    client.sendText(ascii);
    client.sendText(wide);

    assertThat(accepted().told(2, patience()))
        .containsExactly(new Told.Text(ascii), new Told.Text(wide));
  }

  @Test
  @Rule("INBOUND-2")
  void frame_one_byte_above_the_limit_is_not_told_and_closes_with_1009() {
    TransportClient client = connect();

    client.sendText("x".repeat(MAX_FRAME_BYTES + 1));

    expectTooLarge(client);
  }

  @Test
  @Rule("INBOUND-2")
  void limit_counts_bytes_and_not_characters() {
    TransportClient client = connect();

    client.sendText("ü".repeat(MAX_FRAME_BYTES / 2) + "x");

    expectTooLarge(client);
  }

  @Test
  @Rule("INBOUND-2")
  void limit_counts_bytes_across_fragments() {
    TransportClient client = connect();

    client.sendFragmented("€".repeat(MAX_FRAME_BYTES / 3) + "xx", 1_000);

    expectTooLarge(client);
  }

  @Test
  @Rule("INBOUND-2")
  void frames_behind_one_above_the_limit_are_not_told() {
    TransportClient client = connect();

    client.sendText("x".repeat(2 * MAX_FRAME_BYTES));
    try {
      client.sendText("behind");
    } catch (UncheckedIOException gone) {
      // It came too late, which is as well.
      assertThat(gone).hasCauseInstanceOf(IOException.class);
    }

    // Whether the close frame arrives is left open: a socket that is closed with something unread
    // in it takes back what it has sent.
    Accepted accepted = accepted();
    accepted.told(1, soon());
    expectTooLargeIsTold(client, accepted);
  }

  private void expectTooLarge(TransportClient client) {
    Accepted accepted = accepted();
    Received received = client.read(patience());
    assertThat(received).isInstanceOf(Received.Closed.class);
    assertThat(((Received.Closed) received).code()).isEqualTo(1009);
    expectTooLargeIsTold(client, accepted);
  }

  private void expectTooLargeIsTold(TransportClient client, Accepted accepted) {
    awaitEnd(client);
    accepted.told(1, soon());
    stop();
    assertThat(accepted.told())
        .singleElement()
        .isInstanceOfSatisfying(
            Told.Closed.class, closed -> assertThat(closed.code()).isEqualTo(1009));
  }

  // INBOUND-3

  @Test
  @Rule("INBOUND-3")
  void client_that_closes_is_told_last_and_once() {
    TransportClient client = connect();

    client.sendText("last words");
    client.close(1000, "bye – ü");
    assertThat(client.read(patience()))
        .isInstanceOfSatisfying(
            Received.Closed.class, closed -> assertThat(closed.code()).isEqualTo(1000));

    Accepted accepted = accepted();
    accepted.told(2, soon());
    stop();
    assertThat(accepted.told())
        .containsExactly(new Told.Text("last words"), new Told.Closed(1000, "bye – ü"));
  }

  @Test
  @Rule("INBOUND-3")
  void client_that_breaks_is_told_once_as_1006() {
    TransportClient client = connect();
    Accepted accepted = accepted();
    client.sendText("last words");
    accepted.told(1, patience());

    client.reset();

    accepted.told(2, soon());
    stop();
    List<Told> told = accepted.told();
    assertThat(told).hasSize(2);
    assertThat(told.get(1))
        .isInstanceOfSatisfying(
            Told.Closed.class, closed -> assertThat(closed.code()).isEqualTo(1006));
  }

  @Test
  @Rule("INBOUND-3")
  void end_is_told_only_when_nothing_else_is() {
    CountDownLatch telling = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    TransportClient client = connect();
    Accepted accepted = accepted();
    chat.whenText((connection, text) -> {
      telling.countDown();
      await(closed);
      accepted.awaitTold(1, Duration.ofMillis(300));
    });
    client.sendText("takes long");
    await(telling);

    accepted.connection().close(CloseReason.KICKED);
    closed.countDown();

    accepted.told(2, soon());
    stop();
    assertThat(accepted.told())
        .containsExactly(new Told.Text("takes long"), new Told.Closed(4403, "kicked"));
  }

  @Test
  @Rule("INBOUND-3")
  void nothing_is_told_behind_the_end() {
    TransportClient client = connect();
    Accepted accepted = accepted();

    accepted.connection().close(CloseReason.KICKED);
    accepted.told(1, soon());
    trySending(client);
    awaitEnd(client);

    stop();
    assertThat(accepted.told()).containsExactly(new Told.Closed(4403, "kicked"));
  }

  /** The socket may be gone already. */
  private static void trySending(TransportClient client) {
    try {
      client.sendText("too late");
      client.close(1000, "me too");
    } catch (UncheckedIOException gone) {
      assertThat(gone).hasCauseInstanceOf(IOException.class);
    }
  }

  // TRANSPORT-1

  @Test
  @Rule("TRANSPORT-1")
  void each_connection_is_told_once() {
    TransportClient first = connect();
    Accepted firstAccepted = accepted();
    TransportClient second = connect();
    Accepted secondAccepted = accepted();

    first.sendText("one");
    second.sendText("two");

    assertThat(firstAccepted.told(1, patience())).containsExactly(new Told.Text("one"));
    assertThat(secondAccepted.told(1, patience())).containsExactly(new Told.Text("two"));
    assertThat(chat.connections()).isEqualTo(2);
  }

  // TRANSPORT-2

  @Test
  @Rule("TRANSPORT-2")
  void subprotocol_is_our_best_that_the_client_offers() {
    assertThat(connect("three", "one", "two").subprotocol()).contains("two");
    assertThat(accepted().handshake().subprotocol()).contains("two");

    assertThat(connect("three", "one").subprotocol()).contains("one");
    assertThat(accepted().handshake().subprotocol()).contains("one");
  }

  @Test
  @Rule("TRANSPORT-2")
  void client_that_offers_nothing_known_gets_none() {
    assertThat(connect().subprotocol()).isEmpty();
    assertThat(accepted().handshake().subprotocol()).isEmpty();

    assertThat(connect("three").subprotocol()).isEmpty();
    assertThat(accepted().handshake().subprotocol()).isEmpty();
  }

  // TRANSPORT-3

  @Test
  @Rule("TRANSPORT-3")
  void handshake_says_path_and_query_of_its_own_request() {
    connectTo("/chat?token=a%20b%C3%BC&x=1&x=2&flag");
    Accepted first = accepted();
    connectTo("/chat");
    Accepted second = accepted();

    assertThat(first.handshake().path()).endsWith("/chat");
    assertThat(first.handshake().query())
        .isEqualTo(Map.of("token", List.of("a bü"), "x", List.of("1", "2"), "flag", List.of("")));
    assertThat(second.handshake().query()).isEmpty();
  }

  @Test
  @Rule("TRANSPORT-3")
  void handshake_holds_nothing_of_the_container() {
    connect();

    assertThat(accepted().handshake().attributes()).isEmpty();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }
}
