package dev.confab.chat.transport.jsr356;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Extension;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A container with one session that does what real ones do only at bad times, and when a test says so: it holds up closes and
 * pings, calls handlers at once, later, twice or never, and throws. It calls the endpoint on the test's thread.
 */
final class DifficultContainer {
  /** What becomes of a send. */
  enum Sends {
    /** The handler is called before the send returns. */
    AT_ONCE,
    /** The handler is called when the test says so. */
    WHEN_TOLD,
    /** The send throws. */
    THROWING
  }

  private final Map<String, Object> properties = new HashMap<>();
  private final List<String> sent = new ArrayList<>();
  private final List<Integer> closes = new ArrayList<>();
  private final List<Long> limitsOfSilence = new ArrayList<>();
  private final Deque<SendHandler> waiting = new ArrayDeque<>();
  private final ChatSocket socket = new ChatSocket();
  private volatile Sends sends = Sends.AT_ONCE;
  private volatile CountDownLatch heldUp = new CountDownLatch(0);
  private final CountDownLatch pinging = new CountDownLatch(1);
  private int sending;
  private int mostSending;
  private int depth;
  private int deepest;
  private Optional<ServerEndpointConfig> config = Optional.empty();
  private Optional<MessageHandler.Partial<String>> texts = Optional.empty();
  private final Session session = proxy(Session.class, (self, method, arguments) -> {
    switch (method.getName()) {
      case "getAsyncRemote" -> {
        return remote();
      }
      case "getUserProperties" -> {
        return properties;
      }
      case "getContainer" -> {
        return container();
      }
      case "isSecure" -> {
        return false;
      }
      case "addMessageHandler" -> listen(arguments);
      case "setMaxIdleTimeout" -> limitSilence((Long) arguments[0]);
      case "close" -> close((CloseReason) arguments[0]);
      default -> {}
    }
    return null;
  });

  @SuppressWarnings("unchecked")
  private void listen(Object[] arguments) {
    if (arguments[0] == String.class) {
      texts = Optional.of((MessageHandler.Partial<String>) arguments[1]);
    }
  }

  private synchronized void limitSilence(long millis) {
    limitsOfSilence.add(millis);
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** Installs endpoints as a real one does. */
  ServerContainer container() {
    return proxy(ServerContainer.class, (self, method, arguments) -> {
      if (method.getName().equals("addEndpoint")) {
        config = Optional.of((ServerEndpointConfig) arguments[0]);
      }
      return null;
    });
  }

  private RemoteEndpoint.Async remote() {
    return proxy(RemoteEndpoint.Async.class, (self, method, arguments) -> {
      switch (method.getName()) {
        case "sendText" -> send((String) arguments[0], (SendHandler) arguments[1]);
        case "sendPing" -> {
          pinging.countDown();
          holdUp();
        }
        case "getSendTimeout" -> {
          return 0L;
        }
        default -> throw new AssertionError(method + " may block");
      }
      return null;
    });
  }

  private void send(String text, SendHandler handler) {
    synchronized (this) {
      sent.add(text);
      sending++;
      mostSending = Math.max(mostSending, sending);
    }
    switch (sends) {
      case AT_ONCE -> {
        depth++;
        deepest = Math.max(deepest, depth);
        ended();
        handler.onResult(new SendResult());
        depth--;
      }
      case WHEN_TOLD -> {
        synchronized (this) {
          waiting.add(handler);
        }
      }
      case THROWING -> {
        ended();
        throw new IllegalStateException("TEXT_FULL_WRITING");
      }
    }
  }

  private synchronized void ended() {
    sending--;
  }

  /** Ends the oldest send that waits. */
  SendHandler endSend(SendResult result) {
    SendHandler handler;
    synchronized (this) {
      handler = waiting.remove();
    }
    ended();
    handler.onResult(result);
    return handler;
  }

  private void close(CloseReason reason) throws IOException {
    synchronized (this) {
      closes.add(reason.getCloseCode().getCode());
    }
    holdUp();
  }

  private void holdUp() throws IOException {
    try {
      if (!heldUp.await(20, TimeUnit.SECONDS)) {
        throw new IOException("the client does not read");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  void sends(Sends how) {
    sends = how;
  }

  /** From now on closes and pings do not return until {@link #letGo}. */
  void holdUpClosesAndPings() {
    heldUp = new CountDownLatch(1);
  }

  void letGo() {
    heldUp.countDown();
  }

  boolean isPinging() {
    return pinging.getCount() == 0;
  }

  synchronized List<String> sent() {
    return List.copyOf(sent);
  }

  synchronized List<Integer> closes() {
    return List.copyOf(closes);
  }

  /** The idle timeouts that were set, in milliseconds. */
  synchronized List<Long> limitsOfSilence() {
    return List.copyOf(limitsOfSilence);
  }

  synchronized int mostSendsAtOnce() {
    return mostSending;
  }

  int deepestSend() {
    return deepest;
  }

  /** Shakes hands and opens the session. */
  void open() {
    shakeHands();
    socket.onOpen(session, config.orElseThrow());
  }

  /** Shakes hands, into the same map each time. */
  void shakeHands() {
    HandshakeRequest request =
        proxy(HandshakeRequest.class, (self, method, arguments) -> switch (method.getName()) {
          case "getHeaders" -> Map.of("Host", List.of("localhost"));
          case "getRequestURI" -> URI.create("/chat");
          default -> null;
        });
    ServerEndpointConfig real = config.orElseThrow();
    ServerEndpointConfig own = proxy(
        ServerEndpointConfig.class,
        (self, method, arguments) -> method.getName().equals("getUserProperties")
            ? properties
            : method.invoke(real, arguments));
    real.getConfigurator()
        .modifyHandshake(
            own, request, proxy(HandshakeResponse.class, (self, method, arguments) -> null));
  }

  /** Opens the session as a container does that knows nothing of handing over properties. */
  void openWithoutHandshake() {
    socket.onOpen(session, config.orElseThrow());
  }

  List<Extension> negotiate(Extension extension) {
    return config
        .orElseThrow()
        .getConfigurator()
        .getNegotiatedExtensions(List.of(extension), List.of(extension));
  }

  void text(String part, boolean last) {
    texts.orElseThrow().onMessage(part, last);
  }

  void error() {
    socket.onError(session, new IOException("connection reset"));
  }

  void closed(int code) {
    socket.onClose(session, new CloseReason(() -> code, null));
  }
}
