package dev.confab.chat.dialects;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.testkit.DialectContract;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** Every dialect keeps the rules of every dialect. */
final class ContractsTest {
  private static boolean isMessage(Event event) {
    return event instanceof Event.Recorded recorded && recorded.entry().kind() == EntryKind.MESSAGE;
  }

  private static boolean isSaid(Event event) {
    return isMessage(event)
        || event instanceof Event.Unlogged
        || (event instanceof Event.Signalled signal && signal.from().isEmpty());
  }

  /** Without ids in its requests, and with messages alone shown. */
  abstract static class Suite extends DialectContract {
    @Override
    protected boolean hasIds() {
      return false;
    }

    @Override
    protected boolean shows(Event event) {
      return isSaid(event);
    }
  }

  @Nested
  final class OfTheWorkermanChat extends Suite {
    @Override
    protected Dialect dialect() {
      return new WorkermanChat(
          ZoneOffset.ofHours(18),
          Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
          new Dialect.Heartbeat(Duration.ofSeconds(1), Duration.ofSeconds(2)));
    }

    @Override
    protected String request(int id) {
      return "{\"type\":\"login\",\"client_name\":\"Tom\",\"room_id\":" + id + "}";
    }

    @Override
    protected List<String> frames() {
      return List.of(
          "{\"type\":\"say\",\"to_client_id\":\"all\",\"content\":\"hi\"}",
          "{\"type\":\"say\",\"to_client_id\":\"7\",\"to_client_name\":\"<b>\",\"content\":\"hi\"}",
          "{\"type\":\"login\"}",
          "{\"type\":\"ping\"}",
          "{\"type\":\"pong\"}",
          "{\"type\":\"nonsense\"}",
          "{}");
    }

    @Override
    protected boolean shows(Event event) {
      return isSaid(event)
          || event instanceof Event.Ping
          || event instanceof Event.Joined
          || event instanceof Event.Left;
    }
  }

  @Nested
  final class OfGatewayPush extends Suite {
    @Override
    protected Dialect dialect() {
      return GatewayPush.withGuests();
    }

    @Override
    protected String request(int id) {
      return "{\"type\":\"ping\",\"n\":" + id + "}";
    }

    @Override
    protected List<String> frames() {
      return List.of("{\"type\":\"pong\"}", "{\"type\":\"say\"}", "{}");
    }

    @Override
    protected boolean shows(Event event) {
      return isSaid(event) || event instanceof Event.Ping || event instanceof Event.Welcome;
    }
  }

  @Nested
  final class OfTheMessageCentre extends Suite {
    @Override
    protected Dialect dialect() {
      return Stage.CENTRE;
    }

    @Override
    protected String request(int id) {
      return "{\"op\":\"subscribe\",\"channel\":\"" + id + "@video\"}";
    }

    @Override
    protected List<String> frames() {
      return List.of(
          "{\"op\":\"subscribe\",\"channel\":\"@user\"}",
          "{\"op\":\"subscribe\",\"channel\":\"@balance\",\"since\":\"0\"}",
          "{\"op\":\"subscribe\",\"channel\":\"BTCUSDT@depth\",\"since\":\"?\"}",
          "{\"op\":\"unsubscribe\",\"channel\":\"@order\"}",
          "{\"op\":\"unsubscribe\",\"channel\":\"7@video\"}",
          "{\"op\":\"unsubscribe\",\"channel\":\"video\"}",
          "{\"op\":\"nonsense\"}");
    }

    @Override
    protected List<String> showing(String secret) {
      return List.of("{\"op\":\"auth\",\"token\":\"" + secret + "\"}");
    }
  }

  @Nested
  final class OfTheQuickStart extends Suite {
    @Override
    protected Dialect dialect() {
      return new QuickStart();
    }

    @Override
    protected String request(int id) {
      return "{\"op\":\"join\",\"room_id\":" + id + "}";
    }

    @Override
    protected List<String> frames() {
      return List.of(
          "{\"op\":\"send\",\"msg\":\"hi\"}",
          "{\"op\":\"join\",\"room_id\":\"a b\"}",
          "{\"op\":\"quit\"}",
          "{\"op\":\"quit\"}");
    }
  }

  @Nested
  final class OfUidForwarding extends Suite {
    @Override
    protected Dialect dialect() {
      return new UidForwarding();
    }

    @Override
    protected String request(int id) {
      return "{\"uid\":" + id + ",\"text\":\"hi\"}";
    }

    @Override
    protected List<String> frames() {
      return List.of("{\"uid\":\"2\",\"from\":{\"id\":\"1\"}}", "{\"uid\":null}");
    }

    @Override
    protected List<String> showing(String secret) {
      return List.of(
          "{\"uid\":\"2\",\"token\":\"" + secret + "\",\"text\":\"hi\"}",
          "{\"uid\":\"2\",\"password\":\"" + secret + "\",\"text\":\"hi\"}");
    }
  }

  @Nested
  final class OfTheSwooleChat extends Suite {
    @Override
    protected Dialect dialect() {
      return new SwooleChat();
    }

    @Override
    protected String request(int id) {
      return "{\"token\":\"t\",\"room_id\":" + id + ",\"type\":\"text\",\"content\":\"hi\"}";
    }

    @Override
    protected List<String> frames() {
      return List.of(
          "{\"type\":\"image\",\"image\":\"https://example.org/a.png\",\"content\":\"\"}",
          "{\"type\":\"image\",\"image\":\"data:image/png;base64,AAAA\"}",
          "{\"type\":\"video\"}",
          "{\"content\":\"hi\"}");
    }

    @Override
    protected List<String> showing(String secret) {
      return List.of("{\"token\":\"" + secret + "\",\"type\":\"text\",\"content\":\"hi\"}");
    }
  }

  @Nested
  final class OfSwooleEvents extends Suite {
    @Override
    protected Dialect dialect() {
      return new SwooleEvents();
    }

    @Override
    protected String request(int id) {
      return "{\"event\":\"message\",\"data\":" + id + "}";
    }

    @Override
    protected List<String> frames() {
      return List.of(
          "{\"event\":\"message\"}",
          "{\"event\":\"\\ud800\",\"data\":{\"a\":[1]}}",
          "{\"event\":\"" + "x".repeat(65) + "\"}",
          "{\"event\":7}");
    }
  }

  @Nested
  final class OfPusher extends Suite {
    @Override
    protected Dialect dialect() {
      return new Pusher("4a7d1ed4", Stage.PUSHER_SECRET);
    }

    @Override
    protected String request(int id) {
      return "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"user-" + id + "\"}}";
    }

    @Override
    protected List<String> frames() {
      // That of the contract's own connection, so that what is signed is let in.
      String socketId = new AppSecret("4a7d1ed4", Stage.PUSHER_SECRET)
          .socketId(new ConnectionId("c8Jk2mPq0Rt5Vw9Z"));
      return List.of(
          PusherTest.subscribe("private-x", socketId),
          PusherTest.subscribe("presence-x", socketId, "{\"user_id\":17,\"user_info\":{}}"),
          PusherTest.subscribe("presence-x", socketId, "{\"user_id\":[]}"),
          PusherTest.subscribe("presence-x", socketId, "[".repeat(5_000)),
          "{\"event\":\"client-typing\",\"data\":{\"a\":1},\"channel\":\"private-x\"}",
          "{\"event\":\"client-typing\",\"channel\":\"private-y\"}",
          "{\"event\":\"pusher:unsubscribe\",\"data\":\"{\\\"channel\\\":\\\"private-x\\\"}\"}",
          "{\"event\":\"pusher:ping\"}",
          "{\"event\":\"pusher:pong\",\"data\":{}}",
          "{\"event\":\"pusher:signin\"}",
          "{\"event\":7}");
    }

    @Override
    protected List<String> showing(String secret) {
      return List.of(
          "{\"event\":\"pusher:subscribe\",\"data\":{\"channel\":\"private-x\",\"auth\":\"4a7d1ed4:"
              + secret + "\"}}");
    }

    @Override
    protected boolean shows(Event event) {
      return isSaid(event) || event instanceof Event.Ping || event instanceof Event.Welcome;
    }
  }
}
