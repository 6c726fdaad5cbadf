package dev.confab.chat.transport.jsr356;

import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.ServedTransport;
import dev.confab.chat.testkit.TransportClient;
import jakarta.websocket.DeploymentException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.glassfish.tyrus.core.ExecutorServiceProvider;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** Tyrus on Grizzly at a free port, with chats installed. */
final class TyrusServer implements ServedTransport {
  private final ServerContainer container = ServerContainerFactory.createServerContainer();
  private final List<ChatEndpoint> endpoints = new ArrayList<>();
  private boolean started;
  private boolean stopped;

  /** Installs a chat; to be called before {@link #start}. */
  ChatEndpoint install(String path, Acceptor acceptor, EndpointOptions options) {
    ChatEndpoint endpoint = ChatEndpoint.install(container, path, acceptor, options);
    endpoints.add(endpoint);
    return endpoint;
  }

  TyrusServer start() {
    try {
      container.start("/app", 0);
    } catch (DeploymentException failure) {
      throw new IllegalStateException(failure);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    started = true;
    return this;
  }

  /** How many timers Tyrus has under way or has not forgotten yet. */
  int timers() {
    return ((ScheduledThreadPoolExecutor)
            ((ExecutorServiceProvider) container).getScheduledExecutorService())
        .getQueue()
        .size();
  }

  URI uri(String path) {
    return URI.create(
        "ws://127.0.0.1:" + ((TyrusServerContainer) container).getPort() + "/app" + path);
  }

  RawWebSocket connect(String path, List<String> offered, Map<String, String> headers) {
    return RawWebSocket.connect(uri(path), offered, headers);
  }

  @Override
  public TransportClient connect(String path, List<String> offered) {
    return connect(path, offered, Map.of());
  }

  /** Stops the endpoints, then the container; further calls do nothing. */
  @Override
  public void close() {
    if (stopped) {
      return;
    }
    stopped = true;
    endpoints.forEach(ChatEndpoint::close);
    if (started) {
      container.stop();
    }
  }
}
