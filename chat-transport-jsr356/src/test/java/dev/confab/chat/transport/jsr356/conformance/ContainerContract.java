package dev.confab.chat.transport.jsr356.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import jakarta.websocket.server.ServerContainer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** A container of its own for each test, the clients that came, and nothing left behind. */
@ExtendWith({OffendedRule.class, ConformanceReport.class})
public abstract class ContainerContract {
  /** For what must come; a slow machine may need it. */
  protected static final Duration PATIENCE = Duration.ofSeconds(10);

  /** What the rules call soon. */
  protected static final Duration SOON = Duration.ofSeconds(5);

  static {
    // A container's own thread may fail on a connection that we have cut: Tomcat's does, where
    // nobody catches it.
    Awaitility.doNotCatchUncaughtExceptionsByDefault();
  }

  /** What another test has left behind is not held against this one. */
  private static final Set<Thread> OF_OTHERS = ConcurrentHashMap.newKeySet();

  private final List<RawWebSocket> clients = new ArrayList<>();
  private ChatServer server;

  /** A new container. */
  protected abstract Container container();

  /** Stands between the adapter and the chat; an offender does something wrong here. */
  protected Acceptor between(Acceptor chat) {
    return chat;
  }

  /** Stands between the container and the adapter; an offender does something wrong here. */
  protected ServerContainer around(ServerContainer container) {
    return container;
  }

  /** What an endpoint is installed with; an offender knows better. */
  protected EndpointOptions with(EndpointOptions options) {
    return options;
  }

  /** Sees what is asked of the container. */
  ServerContainer watched(ServerContainer container) {
    return container;
  }

  @BeforeEach
  void prepare_the_container() {
    OF_OTHERS.clear();
    OF_OTHERS.addAll(Thread.getAllStackTraces().keySet());
    server = new ChatServer(container(), real -> around(watched(real)), this::between, this::with);
  }

  @AfterEach
  void leave_nothing_behind() {
    clients.forEach(RawWebSocket::close);
    server.close();
    expectNoThreads();
  }

  /** A pool says that it has ended a moment before its last thread is through. */
  static void expectNoThreads() {
    Awaitility.await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(transportThreads()).isEmpty());
  }

  private static List<String> transportThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .filter(thread -> !OF_OTHERS.contains(thread))
        .map(Thread::getName)
        .filter(name -> name.startsWith("chat-transport"))
        .toList();
  }

  ChatServer server() {
    return server;
  }

  RawWebSocket connect(String path, List<String> offered, Map<String, String> headers) {
    return closedLater(server.connect(path, offered, headers));
  }

  RawWebSocket closedLater(RawWebSocket client) {
    clients.add(client);
    return client;
  }

  /** Writes down what this container does in its own way. */
  static void note(String what, String how) {
    ConformanceReport.note(what, how);
  }
}
