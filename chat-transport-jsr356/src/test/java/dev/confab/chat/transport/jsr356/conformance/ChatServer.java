package dev.confab.chat.transport.jsr356.conformance;

import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.ServedTransport;
import dev.confab.chat.testkit.TransportClient;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Chats in a container. */
public final class ChatServer implements ServedTransport {
  private record Deployed(Acceptor acceptor, EndpointOptions options) {}

  private final Container container;
  private final Map<String, Deployed> chats = new LinkedHashMap<>();
  private final Map<String, ChatEndpoint> endpoints = new LinkedHashMap<>();
  private int port;
  private boolean stopped;

  /** For a container that was not started yet. */
  public ChatServer(Container container) {
    this.container = container;
  }

  /** Has a chat installed when the container starts. */
  public ChatServer with(String path, Acceptor acceptor, EndpointOptions options) {
    chats.put(path, new Deployed(acceptor, options));
    return this;
  }

  /** Starts the container. */
  public ChatServer start() {
    try {
      port = container.start(server -> chats.forEach((path, chat) -> endpoints.put(
          path, ChatEndpoint.install(server, path, chat.acceptor(), chat.options()))));
    } catch (Exception failure) {
      throw new IllegalStateException(container.name() + " does not start", failure);
    }
    return this;
  }

  /** The chat at this path. */
  public ChatEndpoint endpoint(String path) {
    ChatEndpoint endpoint = endpoints.get(path);
    if (endpoint == null) {
      throw new IllegalStateException("nothing was installed at " + path);
    }
    return endpoint;
  }

  /** Where a path of the application is. */
  public URI uri(String path) {
    return URI.create("ws://127.0.0.1:" + port + Container.CONTEXT_PATH + path);
  }

  /** Connects with these headers. */
  public RawWebSocket connect(String path, List<String> offered, Map<String, String> headers) {
    return RawWebSocket.connect(uri(path), offered, headers);
  }

  @Override
  public TransportClient connect(String path, List<String> offered) {
    return connect(path, offered, Map.of());
  }

  /** Stops the container while connections are open, as if nobody had closed the endpoints. */
  public void stopContainer() {
    container.close();
  }

  /** Stops the endpoints, then the container; further calls do nothing. */
  @Override
  public void close() {
    if (stopped) {
      return;
    }
    stopped = true;
    List<ChatEndpoint> open = new ArrayList<>(endpoints.values());
    open.forEach(ChatEndpoint::close);
    container.close();
  }
}
