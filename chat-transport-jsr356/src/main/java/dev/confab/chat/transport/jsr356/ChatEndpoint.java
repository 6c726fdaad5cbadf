package dev.confab.chat.transport.jsr356;

import dev.confab.chat.Chat;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Acceptor;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * A chat at a path of a Jakarta WebSocket container. Several may be installed in one application; nothing is shared between
 * them and nothing is static.
 *
 * <p>{@link #install} it while the application starts – from a {@code ServletContextListener}, with the container from the
 * servlet context's attribute {@code jakarta.websocket.server.ServerContainer} – because some containers take no endpoint later;
 * or {@link #create} it for a container that asks for endpoints through {@code ServerApplicationConfig}. {@link #close()} it when the application stops. No container can take an endpoint away again: whoever connects after that is
 * closed with 4000.
 *
 * <p>Sends are asynchronous, one at a time, never batched, and without the container's timeouts; messages are taken in parts, so
 * that no connection needs a buffer of the size a message may have. Extensions are off, see {@link
 * EndpointOptions.Builder#compression}.
 */
public final class ChatEndpoint implements AutoCloseable {
  /** To Tyrus this means never; zero, which means the same to all others, makes it look at once. */
  static final long NEVER_IDLE = -1;

  /** How often silent connections are looked for, at most. */
  private static final Duration LOOK = Duration.ofSeconds(15);

  /** How often is looked whether a closed connection was answered while the endpoint stops. */
  private static final Duration LOOK_FOR_ANSWERS = Duration.ofMillis(5);

  /** What a container is told of the subprotocols of a chat that is not there yet; the chat itself chooses. */
  private static final List<String> USUAL_SUBPROTOCOLS = List.of("chat.v1");

  private final Supplier<Acceptor> acceptor;
  private final EndpointOptions options;
  private final ServerEndpointConfig config;
  private final Workers workers;
  private final Set<SocketConnection> open = ConcurrentHashMap.newKeySet();

  /** Closed, and left to the container until the client has answered or is cut. Only of containers that wait for long. */
  private final Set<SocketConnection> awaitingAnswer = ConcurrentHashMap.newKeySet();

  /** The container is closing these just now. Only of containers that a client may hold up while they do. */
  private final Set<SocketConnection> closing = ConcurrentHashMap.newKeySet();

  private final AtomicBoolean watching = new AtomicBoolean();
  private volatile boolean closed;

  private ChatEndpoint(
      String path,
      Supplier<Acceptor> acceptor,
      List<String> subprotocols,
      EndpointOptions options) {
    this.acceptor = acceptor;
    this.options = options;
    this.workers = new Workers(path);
    this.config = ServerEndpointConfig.Builder.create(ChatSocket.class, path)
        .configurator(new ChatConfigurator(this))
        .subprotocols(subprotocols)
        .build();
  }

  /** As {@link #install(ServerContainer, String, Chat, EndpointOptions)}, with the default options. */
  public static ChatEndpoint install(ServerContainer container, String path, Chat chat) {
    return install(container, path, chat, EndpointOptions.defaults());
  }

  /**
   * Installs the chat; it stays the caller's to close.
   *
   * @param path begins with a slash, relative to the application
   * @throws IllegalStateException if the container does not take it: the path is taken, or it is too late
   */
  public static ChatEndpoint install(
      ServerContainer container, String path, Chat chat, EndpointOptions options) {
    return install(container, path, chat.acceptor(), options);
  }

  /** As below, with the default options. */
  public static ChatEndpoint install(ServerContainer container, String path, Acceptor acceptor) {
    return install(container, path, acceptor, EndpointOptions.defaults());
  }

  /**
   * Installs what takes connections, which for a chat is its {@link Chat#acceptor}.
   *
   * @param path begins with a slash, relative to the application
   * @throws IllegalStateException if the container does not take it: the path is taken, or it is too late
   */
  public static ChatEndpoint install(
      ServerContainer container, String path, Acceptor acceptor, EndpointOptions options) {
    Objects.requireNonNull(
        container,
        "there is no ServerContainer: the application has no WebSocket container, or it has not started yet");
    ChatEndpoint endpoint =
        new ChatEndpoint(path, () -> acceptor, acceptor.subprotocols(), options);
    if (isTyrus(container.getClass()) && container.getDefaultMaxSessionIdleTimeout() == 0) {
      // It runs the idle check of a session that has no idle timeout at once instead of never: for
      // nothing.
      container.setDefaultMaxSessionIdleTimeout(NEVER_IDLE);
    }
    try {
      container.addEndpoint(endpoint.config);
    } catch (DeploymentException | RuntimeException failure) {
      throw new IllegalStateException(
          "the container takes no endpoint at " + path
              + ": is the path taken, or the application started already?",
          failure);
    }
    return endpoint;
  }

  /**
   * Makes an endpoint and installs nothing: for a container that asks the application for its endpoints. Return its {@link
   * #config} from {@code ServerApplicationConfig.getEndpointConfigs}, once. The chat stays the caller's to close.
   *
   * @param path begins with a slash, relative to the application
   */
  public static ChatEndpoint create(String path, Chat chat, EndpointOptions options) {
    return create(path, chat.acceptor(), options);
  }

  /**
   * As above, for what takes connections, which for a chat is its {@link Chat#acceptor}.
   *
   * @param path begins with a slash, relative to the application
   */
  public static ChatEndpoint create(String path, Acceptor acceptor, EndpointOptions options) {
    return create(path, () -> acceptor, acceptor.subprotocols(), options);
  }

  /**
   * As above, for a chat that is not there yet: some containers ask for endpoints before they make the application's beans and
   * databases, Quarkus while it builds the application.
   *
   * @param path begins with a slash, relative to the application
   * @param chat asked for each connection, on threads of the container; as long as it throws, opening requests fail
   */
  public static ChatEndpoint create(String path, Supplier<Chat> chat, EndpointOptions options) {
    return create(path, () -> chat.get().acceptor(), USUAL_SUBPROTOCOLS, options);
  }

  private static ChatEndpoint create(
      String path,
      Supplier<Acceptor> acceptor,
      List<String> subprotocols,
      EndpointOptions options) {
    return new ChatEndpoint(path, acceptor, subprotocols, options);
  }

  /** What a container is told of this endpoint. One that was installed is known to its container already. */
  public ServerEndpointConfig config() {
    return config;
  }

  /** Whether this is Tyrus, or what an application or a server has made of it. */
  static boolean isTyrus(Class<?> type) {
    return isOf("org.glassfish.tyrus.", type);
  }

  /** Whether this is a part of Open Liberty. */
  static boolean isLiberty(Class<?> type) {
    return isOf("com.ibm.ws.wsoc.", type);
  }

  private static boolean isOf(String names, Class<?> type) {
    for (Class<?> each = type; each != null; each = each.getSuperclass()) {
      if (each.getName().startsWith(names)) {
        return true;
      }
    }
    return false;
  }

  /** How many connections are open. */
  public int openConnections() {
    return open.size();
  }

  /**
   * Closes the connections that are still open with 4000 and ends all threads; takes up to 5 s if clients do not read, and on
   * Undertow and Open Liberty 2 s more if they do not answer. Further calls do nothing. Close the chat first: it says goodbye to
   * its clients.
   */
  @Override
  public void close() {
    closed = true;
    open.forEach(connection -> connection.close(CloseReason.STOPPING));
    workers.close(SocketConnection.LINGER, () -> closing.forEach(SocketConnection::cutOnLiberty));
    cutWhoDoesNotAnswer();
  }

  /** The container may run on without this application, and would keep its classes with each socket. */
  private void cutWhoDoesNotAnswer() {
    long deadline = System.nanoTime() + SocketConnection.LINGER.toNanos();
    while (awaitingAnswer.stream().anyMatch(SocketConnection::hasSocket)
        && System.nanoTime() < deadline
        && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(LOOK_FOR_ANSWERS.toNanos());
    }
    awaitingAnswer.forEach(SocketConnection::cutUnlessAnswered);
  }

  /** Takes note of a closed connection that has to be cut if its client does not answer. */
  void awaitsAnswer(SocketConnection connection) {
    awaitingAnswer.add(connection);
  }

  void isCut(SocketConnection connection) {
    awaitingAnswer.remove(connection);
  }

  /** Takes note of a connection that the container begins to close, and may be held up. */
  void beginsToClose(SocketConnection connection) {
    closing.add(connection);
  }

  /** It is held up no longer; false if it was not, or somebody has said so. */
  boolean isThroughClosing(SocketConnection connection) {
    return closing.remove(connection);
  }

  Acceptor acceptor() {
    return acceptor.get();
  }

  EndpointOptions options() {
    return options;
  }

  Workers workers() {
    return workers;
  }

  /** Takes note of a connection; false if it came too late. */
  boolean remember(SocketConnection connection) {
    open.add(connection);
    if (closed) {
      open.remove(connection);
      return false;
    }
    watchSilence();
    return true;
  }

  void forget(SocketConnection connection) {
    open.remove(connection);
  }

  /** As long as there is a connection; one look for all costs less than a clock for each. */
  private void watchSilence() {
    Duration limit = options.idleTimeout();
    if (!limit.isZero() && !open.isEmpty() && !closed && watching.compareAndSet(false, true)) {
      Duration quarter = limit.dividedBy(4);
      workers.laterIfOpen(quarter.compareTo(LOOK) < 0 ? quarter : LOOK, () -> {
        open.forEach(connection -> connection.endIfSilent(limit));
        watching.set(false);
        watchSilence();
      });
    }
  }
}
