package dev.confab.chat.dialects;

import dev.confab.chat.Chat;
import dev.confab.chat.ChatBuilder;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.AccessPolicies;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Guests;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import dev.confab.chat.transport.jsr356.Origins;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** A chat that speaks every dialect, each at a path of its own, in a real container with real sockets. */
final class Stage implements AutoCloseable {
  /** The numbers, then the names of the users. */
  private static final Map<String, String> USERS =
      Map.of("user1", "1", "user2", "2", "ann", "10001", "bob", "10002");

  private static final Dialect.Heartbeat SOON =
      new Dialect.Heartbeat(Duration.ofSeconds(1), Duration.ofSeconds(60));

  static final MessageCentre CENTRE = new MessageCentre()
      .withOpen("video")
      .withStreams("depth", "trades", "markprice", "ticker", "kline")
      .withOwnStreams("balance", "order", "position", "account");

  static final String PUSHER_SECRET = "9f86d081884c7d659a2feaa0c55ad015";
  static final Pusher PUSHER = new Pusher("4a7d1ed4", PUSHER_SECRET);

  /** The same app, whose pages are asked soon. */
  private static final Pusher PUSHER_SOON = new Pusher("soon", PUSHER_SECRET).beating(SOON);

  private final Chat chat;
  private final TyrusServerContainer container =
      (TyrusServerContainer) ServerContainerFactory.createServerContainer();
  private final List<ChatEndpoint> endpoints = new ArrayList<>();

  private Stage(Chat chat) {
    this.chat = chat;
    for (String path : List.of(
        "/chat",
        "/message-center",
        "/barrage",
        "/quick",
        "/push",
        "/push-open",
        "/workerman",
        "/forward",
        "/swoole",
        "/events",
        PUSHER.path(),
        PUSHER_SOON.path())) {
      endpoints.add(ChatEndpoint.install(container, path, chat));
    }
    endpoints.add(ChatEndpoint.install(
        container,
        "/listed",
        chat,
        EndpointOptions.builder().origins(Origins.only("https://chat.example")).build()));
    try {
      container.start("/app", 0);
    } catch (Exception failure) {
      throw new IllegalStateException(failure);
    }
  }

  static Stage open() {
    return open(UnaryOperator.identity());
  }

  static Stage open(UnaryOperator<ChatBuilder> different) {
    return new Stage(different
        .apply(Chat.builder()
            .authenticator(PUSHER.authenticator(Guests.beside(members())))
            .limits(limits().build())
            .access(PUSHER.access(AccessPolicies.openRooms()))
            .access(MessageCentre.STREAM_PREFIX, CENTRE.access())
            .dialect("/message-center", new MessageCentre())
            .dialect("/barrage", CENTRE)
            .dialect("/quick", new QuickStart())
            .dialect("/push", new GatewayPush().beating(SOON))
            .dialect("/push-open", GatewayPush.withGuests())
            .dialect("/workerman", new WorkermanChat(ZoneOffset.UTC).beating(SOON))
            .dialect("/forward", new UidForwarding())
            .dialect("/swoole", new SwooleChat())
            .dialect("/events", new SwooleEvents())
            .dialect(PUSHER.path(), PUSHER)
            .dialect(PUSHER_SOON.path(), PUSHER_SOON)
            .on(
                "hello",
                call -> Json.string("hello " + call.identity().orElseThrow().name()))
            .on("quiet", call -> Json.NULL))
        .build());
  }

  static Limits.Builder limits() {
    return Limits.builder()
        .presenceGrace(Duration.ofMillis(100))
        .anonymousPerAddress(1_000)
        // However long the machine takes for a line of a script.
        .loginWithin(Duration.ofMinutes(5))
        .doorTimeout(Duration.ofMinutes(5));
  }

  /** Password {@code 123456}, or the token {@code token-<name>}. */
  static Authenticator members() {
    return credentials -> {
      if (credentials instanceof Credentials.Password login
          && USERS.containsKey(login.name())
          && login.password().equals("123456")) {
        return Identity.of(USERS.get(login.name()), login.name());
      }
      if (credentials instanceof Credentials.Token token) {
        String name = token.value().replaceFirst("^token-", "");
        if (token.value().startsWith("token-") && USERS.containsKey(name)) {
          return Identity.of(USERS.get(name), name);
        }
        throw new RefusedException(ErrorCode.TOKEN_INVALID);
      }
      throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
    };
  }

  Chat chat() {
    return chat;
  }

  RawWebSocket connect(String path, String... subprotocols) {
    return RawWebSocket.connectWide(address(path), List.of(subprotocols), Map.of());
  }

  /** As a page of this origin does. */
  RawWebSocket connectFrom(String origin, String path) {
    return RawWebSocket.connectWide(address(path), List.of(), Map.of("Origin", origin));
  }

  private URI address(String path) {
    return URI.create("ws://127.0.0.1:" + container.getPort() + "/app" + path);
  }

  /** Waits until so many connections follow a channel. */
  void awaitFollowers(String channel, int count) {
    Wait.until(() -> chat.channels().find(ChannelName.of(channel)).connections() == count);
  }

  /** What the host says; JSON. */
  void publish(String channel, String json) {
    chat.publish(ChannelName.of(channel), Json.parse(json));
  }

  @Override
  public void close() {
    chat.close(Duration.ofSeconds(3));
    endpoints.forEach(ChatEndpoint::close);
    container.stop();
  }
}
