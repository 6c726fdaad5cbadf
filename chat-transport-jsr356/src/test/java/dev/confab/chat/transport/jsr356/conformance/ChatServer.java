package dev.confab.chat.transport.jsr356.conformance;

import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.ServedTransport;
import dev.confab.chat.testkit.TransportClient;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import jakarta.websocket.server.ServerContainer;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Chats in a container. */
public final class ChatServer implements ServedTransport {
  private record Deployed(Acceptor acceptor, EndpointOptions options) {}

  private final Container container;
  private final UnaryOperator<ServerContainer> around;
  private final UnaryOperator<Acceptor> between;
  private final UnaryOperator<EndpointOptions> with;
  private final Map<String, Deployed> chats = new LinkedHashMap<>();
  private final Map<String, ChatEndpoint> endpoints = new LinkedHashMap<>();
  private int port;
  private boolean containerStopped;
  private boolean stopped;

  /** For a container that was not started yet. */
  public ChatServer(Container container) {
    this(container, UnaryOperator.identity(), UnaryOperator.identity(), UnaryOperator.identity());
  }

  /** With something around the container, something between the adapter and the chats, and other options. */
  ChatServer(
      Container container,
      UnaryOperator<ServerContainer> around,
      UnaryOperator<Acceptor> between,
      UnaryOperator<EndpointOptions> with) {
    this.container = container;
    this.around = around;
    this.between = between;
    this.with = with;
  }

  /** Has a chat installed when the container starts. */
  public ChatServer with(String path, Acceptor acceptor, EndpointOptions options) {
    chats.put(path, new Deployed(acceptor, options));
    return this;
  }

  /** Starts the container. */
  public ChatServer start() {
    try {
      port = container.start(server -> install(around.apply(server)));
    } catch (Exception failure) {
      throw new IllegalStateException(container.name() + " does not start", failure);
    }
    return this;
  }

  private void install(ServerContainer server) {
    chats.forEach((path, chat) -> endpoints.put(
        path,
        ChatEndpoint.install(
            server, path, between.apply(chat.acceptor()), with.apply(chat.options()))));
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
    containerStopped = true;
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
    if (!containerStopped) {
      container.close();
    }
  }
}
