package dev.confab.chat.transport.jsr356;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.testkit.RecordingAcceptor;
import dev.confab.chat.testkit.RecordingAcceptor.Accepted;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import jakarta.websocket.WebSocketContainer;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.security.Principal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.description.modifier.Visibility;
import net.bytebuddy.dynamic.loading.ClassLoadingStrategy;
import net.bytebuddy.implementation.InvocationHandlerAdapter;
import net.bytebuddy.matcher.ElementMatchers;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What Quarkus does otherwise than all others, as it was seen there. Quarkus itself runs the whole kit with {@code -Pcontainers};
 * this says at once when one of its ways is forgotten.
 */
final class QuarkusWaysTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Map<String, List<String>> NO_ORIGIN = Map.of("Host", List.of("localhost"));

  private final RecordingAcceptor chat = new RecordingAcceptor(List.of("chat.v1"), 10);
  private final ChatEndpoint endpoint =
      ChatEndpoint.create("/chat", chat, EndpointOptions.defaults());

  @AfterEach
  void close() {
    endpoint.close();
    assertThat(endpoint.openConnections()).isZero();
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** An object of a class with this name, by which it is known, in a class loader of its own: nobody else is to meet it. */
  private static <T> T named(String name, Class<T> type, InvocationHandler handler) {
    try {
      return new ByteBuddy()
          .subclass(type)
          .name(name)
          .defineMethod("forceClose", void.class, Visibility.PUBLIC)
          .intercept(InvocationHandlerAdapter.of(handler))
          .method(ElementMatchers.isAbstract())
          .intercept(InvocationHandlerAdapter.of(handler))
          .make()
          .load(type.getClassLoader(), ClassLoadingStrategy.Default.WRAPPER)
          .getLoaded()
          .getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException failure) {
      throw new LinkageError(name, failure);
    }
  }

  /** What became of a session, whose client never answers a close. */
  private static final class Opened {
    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch cut = new CountDownLatch(1);

    boolean isClosing() {
      return closing.getCount() == 0;
    }

    boolean isCut() {
      return cut.getCount() == 0;
    }
  }

  /** A session as it has them: it says no subprotocol, whatever the client was told, and can be cut by what the standard does not know. */
  private static Session session(Map<String, Object> properties, Opened opened) {
    return named(
        "io.undertow.websockets.UndertowSession", Session.class, (self, method, arguments) -> {
          switch (method.getName()) {
            case "forceClose" -> opened.cut.countDown();
            case "close" -> opened.closing.countDown();
            case "getAsyncRemote" -> {
              return proxy(
                  RemoteEndpoint.Async.class,
                  (remote, send, all) -> send.getName().equals("getSendTimeout") ? 0L : null);
            }
            case "getContainer" -> {
              return proxy(WebSocketContainer.class, (container, asked, all) -> null);
            }
            case "getNegotiatedSubprotocol" -> {
              return "";
            }
            case "getUserProperties" -> {
              return properties;
            }
            case "isSecure" -> {
              return false;
            }
            case "isOpen" -> {
              return !opened.isCut();
            }
            default -> {}
          }
          return null;
        });
  }

  /** An opening request as it has them: everybody has a principal, nobody's without a name. */
  private static HandshakeRequest request(Map<String, List<String>> headers, String user) {
    Principal principal = () -> user;
    return named(
        "io.undertow.websockets.handshake.ExchangeHandshakeRequest",
        HandshakeRequest.class,
        (self, method, arguments) -> switch (method.getName()) {
          case "getHeaders" -> headers;
          case "getUserPrincipal" -> principal;
          case "getRequestURI" -> URI.create("/chat");
          default -> null;
        });
  }

  /**
   * Opens a connection as its routes do.
   *
   * @param user who asks; empty for nobody
   * @param subprotocols what the client is told that was agreed to
   */
  private Opened open(Map<String, List<String>> headers, String user, List<String> subprotocols) {
    Map<String, Object> properties = new HashMap<>();
    Map<String, List<String>> told =
        subprotocols.isEmpty() ? Map.of() : Map.of("Sec-WebSocket-Protocol", subprotocols);
    ServerEndpointConfig real = endpoint.config();
    ServerEndpointConfig own = proxy(
        ServerEndpointConfig.class,
        (self, method, arguments) -> method.getName().equals("getUserProperties")
            ? properties
            : method.invoke(real, arguments));
    real.getConfigurator()
        .modifyHandshake(
            own,
            request(headers, user),
            proxy(HandshakeResponse.class, (self, method, arguments) -> told));
    Opened opened = new Opened();
    new ChatSocket().onOpen(session(properties, opened), own);
    return opened;
  }

  @Test
  void subprotocol_is_the_one_the_client_was_told_though_the_session_says_none() {
    // Clients of chat.v1 were served as plain ones.
    open(NO_ORIGIN, "", List.of("chat.v1"));
    assertThat(chat.next(SOON).handshake().subprotocol()).contains("chat.v1");
    open(NO_ORIGIN, "", List.of());
    assertThat(chat.next(SOON).handshake().subprotocol()).isEmpty();
  }

  @Test
  void who_has_not_logged_in_is_nobody_and_a_program_without_an_origin_is_let_in() {
    // Everybody has a principal there; it was taken for a login, which only pages of the same
    // origin may use.
    open(NO_ORIGIN, "", List.of());
    assertThat(chat.next(SOON).handshake().principal()).isEmpty();
  }

  @Test
  void who_has_logged_in_is_somebody_and_needs_an_origin() {
    Opened refused = open(NO_ORIGIN, "tom", List.of());
    assertThat(refused.isClosing()).isTrue();
    assertThat(chat.connections()).isZero();
    open(
        Map.of("Host", List.of("localhost"), "Origin", List.of("http://localhost")),
        "tom",
        List.of());
    assertThat(chat.next(SOON).handshake().principal()).isEqualTo(Optional.of("tom"));
  }

  @Test
  void client_that_leaves_a_close_unanswered_is_cut() {
    Opened session = open(NO_ORIGIN, "", List.of());
    Accepted accepted = chat.next(SOON);
    assertThat(session.isCut()).isFalse();
    accepted.connection().close(CloseReason.STALLED);
    Awaitility.await().atMost(SOON).until(session::isClosing);
    // It would wait for the answer for ever.
    Awaitility.await().atMost(SOON).until(session::isCut);
  }

  @Test
  void client_that_is_not_let_in_and_leaves_that_unanswered_is_cut() {
    Opened refused = open(NO_ORIGIN, "tom", List.of());
    assertThat(refused.isClosing()).isTrue();
    Awaitility.await().atMost(SOON).until(refused::isCut);
  }
}
