package dev.confab.chat.transport.jsr356;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.testkit.RecordingAcceptor;
import dev.confab.chat.testkit.RecordingAcceptor.Accepted;
import dev.confab.chat.testkit.RecordingAcceptor.Told;
import dev.confab.chat.testkit.Written;
import dev.confab.chat.transport.jsr356.DifficultContainer.Sends;
import jakarta.websocket.Extension;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What containers do at bad times, and that neither the chat nor its callers feel it. */
final class DifficultContainerTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final RecordingAcceptor chat = new RecordingAcceptor(List.of("chat.v1"), 10);
  private final DifficultContainer container = new DifficultContainer();
  private ChatEndpoint endpoint;

  @BeforeEach
  void install() {
    endpoint = ChatEndpoint.install(container.container(), "/chat", chat);
  }

  @AfterEach
  void close() {
    container.letGo();
    endpoint.close();
    assertThat(endpoint.openConnections()).isZero();
  }

  private Accepted open() {
    container.open();
    return chat.next(SOON);
  }

  @Test
  void handlers_called_within_the_send_do_not_nest() {
    Accepted accepted = open();
    List<String> frames = IntStream.range(0, 50_000).mapToObj(i -> "frame " + i).toList();

    Written write = accepted.write(frames);

    assertThat(write.failure(SOON)).isEmpty();
    assertThat(container.sent()).isEqualTo(frames);
    assertThat(container.deepestSend()).isEqualTo(1);
  }

  @Test
  void next_frame_waits_for_the_one_before() {
    container.sends(Sends.WHEN_TOLD);
    Accepted accepted = open();

    Written write = accepted.write("one", "two");
    assertThat(container.sent()).containsExactly("one");
    container.endSend(new SendResult());
    assertThat(container.sent()).containsExactly("one", "two");
    assertThat(write.times()).isZero();
    container.endSend(new SendResult());

    assertThat(write.failure(SOON)).isEmpty();
    assertThat(container.mostSendsAtOnce()).isEqualTo(1);
  }

  @Test
  void handler_that_is_called_twice_counts_once() {
    container.sends(Sends.WHEN_TOLD);
    Accepted accepted = open();
    Written write = accepted.write("one", "two", "three");

    SendHandler handler = container.endSend(new SendResult());
    handler.onResult(new SendResult());
    handler.onResult(new SendResult(new IOException("late")));

    assertThat(container.sent()).containsExactly("one", "two");
    assertThat(write.times()).isZero();
  }

  @Test
  void failed_send_ends_the_write_and_soon_the_connection_though_the_container_says_nothing() {
    container.sends(Sends.WHEN_TOLD);
    Accepted accepted = open();
    Written write = accepted.write("one", "two");

    container.endSend(new SendResult(new IOException("broken pipe")));

    assertThat(write.failure(SOON)).isPresent();
    assertThat(container.sent()).containsExactly("one");
    assertThat(accepted.told(1, SOON)).containsExactly(new Told.Closed(1006, "write failed"));
    Awaitility.await().atMost(SOON).until(() -> container.closes().equals(List.of(1011)));
  }

  @Test
  void send_that_throws_ends_the_write() {
    container.sends(Sends.THROWING);

    Written write = open().write("one", "two");

    assertThat(write.failure(SOON)).get().isInstanceOf(IllegalStateException.class);
    assertThat(write.times()).isEqualTo(1);
    assertThat(container.sent()).containsExactly("one");
  }

  @Test
  void write_given_while_another_is_under_way_fails_and_sends_nothing() {
    container.sends(Sends.WHEN_TOLD);
    Accepted accepted = open();
    Written first = accepted.write("one");

    assertThat(accepted.write("two").failure(SOON)).get().isInstanceOf(IllegalStateException.class);

    assertThat(container.sent()).containsExactly("one");
    container.endSend(new SendResult());
    assertThat(first.failure(SOON)).isEmpty();
  }

  @Test
  void error_the_container_reports_ends_the_connection_though_it_never_closes() {
    Accepted accepted = open();

    container.error();

    assertThat(accepted.told(1, SOON)).containsExactly(new Told.Closed(1006, "connection failed"));
  }

  @Test
  void close_the_container_says_behind_an_error_is_what_is_told() {
    Accepted accepted = open();

    container.error();
    container.closed(1007);

    assertThat(accepted.told()).containsExactly(new Told.Closed(1007, ""));
    container.closed(1006);
    assertThat(accepted.told()).hasSize(1);
  }

  @Test
  void close_that_is_held_up_is_told_at_once_and_ends_the_write() {
    container.sends(Sends.WHEN_TOLD);
    container.holdUpClosesAndPings();
    Accepted accepted = open();
    Written write = accepted.write("stuck");

    accepted.connection().close(CloseReason.STALLED);

    assertThat(write.failure(SOON)).isPresent();
    assertThat(accepted.told(1, SOON)).containsExactly(new Told.Closed(4004, "stalled"));
    container.endSend(new SendResult());
    container.letGo();
    container.closed(4004);
    assertThat(write.times()).isEqualTo(1);
    assertThat(accepted.told()).hasSize(1);
  }

  @Test
  void write_behind_a_ping_that_is_held_up_does_not_block_and_leaves_when_it_is_through() {
    container.holdUpClosesAndPings();
    Accepted accepted = open();
    accepted.connection().ping();
    Awaitility.await().atMost(SOON).until(container::isPinging);

    Written write = accepted.write("behind");
    assertThat(container.sent()).isEmpty();
    container.letGo();

    assertThat(write.failure(SOON)).isEmpty();
    assertThat(container.sent()).containsExactly("behind");
  }

  @Test
  void write_behind_a_ping_that_is_held_up_ends_with_the_connection() {
    container.holdUpClosesAndPings();
    Accepted accepted = open();
    accepted.connection().ping();
    Awaitility.await().atMost(SOON).until(container::isPinging);
    Written write = accepted.write("behind");

    accepted.connection().close(CloseReason.STALLED);

    assertThat(write.failure(SOON)).isPresent();
    container.letGo();
    endpoint.close();
    assertThat(container.sent()).isEmpty();
    assertThat(write.times()).isEqualTo(1);
  }

  @Test
  void silence_is_limited_as_the_options_say() {
    open();

    assertThat(container.limitsOfSilence()).containsExactly(300_000L);
  }

  @Test
  void what_a_container_keeps_of_a_closed_session_is_limited_to_a_short_silence() {
    container.holdUpClosesAndPings();
    Accepted accepted = open();

    accepted.connection().close(CloseReason.STALLED);

    Awaitility.await()
        .atMost(SOON)
        .until(() -> container.limitsOfSilence().equals(List.of(300_000L, 2_000L)));
  }

  @Test
  void parts_cut_between_the_halves_of_a_pair_are_counted_right() {
    Accepted accepted = open();

    container.text("😀".substring(0, 1), false);
    container.text("😀".substring(1) + "ü€", false);
    container.text("x", true);
    container.text("", false);
    container.text("", true);
    container.text("😀😀€", true);

    assertThat(accepted.told(3, SOON))
        .containsExactly(
            new Told.Text("😀ü€x"), new Told.Text(""), new Told.Closed(1009, "frame too large"));
  }

  @Test
  void chat_is_not_asked_when_the_container_hands_over_no_handshake() {
    container.openWithoutHandshake();

    assertThat(chat.connections()).isZero();
    assertThat(container.closes()).containsExactly(1011);
  }

  @Test
  void container_that_would_give_one_handshake_to_another_is_stopped() {
    container.shakeHands();

    assertThatThrownBy(container::shakeHands)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("2.1");
  }

  @Test
  void installed_extensions_are_not_agreed_to() {
    Extension deflate = new Extension() {
      @Override
      public String getName() {
        return "permessage-deflate";
      }

      @Override
      public List<Parameter> getParameters() {
        return List.of();
      }
    };

    assertThat(container.negotiate(deflate)).isEmpty();
  }
}
