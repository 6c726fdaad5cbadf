package dev.confab.chat.transport.jsr356;

import jakarta.websocket.Extension;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Answers the container's questions about an opening request. One for each installed endpoint. */
final class ChatConfigurator extends ServerEndpointConfig.Configurator {
  private static final Logger LOGGER = System.getLogger(ChatConfigurator.class.getName());

  private final ChatEndpoint endpoint;

  ChatConfigurator(ChatEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  /** Refuses with 403 what the header alone rules out; the rest is decided when the whole request is known. */
  @Override
  public boolean checkOrigin(@Nullable String origin) {
    return endpoint.options().origins().mayAdmit(origin);
  }

  /** Ours come first: the standard says so, and every container takes the client's order. */
  @Override
  public String getNegotiatedSubprotocol(List<String> supported, List<String> requested) {
    // Some containers hand over the header's lines as they came.
    List<String> offered = requested.stream()
        .flatMap(line -> Arrays.stream(line.split(",", -1)))
        .map(String::strip)
        .toList();
    return endpoint.acceptor().subprotocols().stream()
        .filter(offered::contains)
        .findFirst()
        .orElse("");
  }

  @Override
  public List<Extension> getNegotiatedExtensions(
      List<Extension> installed, List<Extension> requested) {
    return endpoint.options().compression()
        ? super.getNegotiatedExtensions(installed, requested)
        : List.of();
  }

  @Override
  public void modifyHandshake(
      ServerEndpointConfig config, HandshakeRequest request, HandshakeResponse response) {
    Map<String, Object> properties = config.getUserProperties();
    if (properties.containsKey(Opening.PROPERTY)) {
      // The map of another request: going on would give one user's handshake to another.
      throw new IllegalStateException(
          "the container shares the user properties of one handshake with the next; it must implement Jakarta WebSocket 2.1");
    }
    try {
      Opening.of(endpoint, request, response, properties).leave(properties);
    } catch (RuntimeException failure) {
      // What a container does with an exception from here differs; without the property the socket
      // is closed as it opens.
      LOGGER.log(Level.WARNING, "an opening request could not be read", failure);
    }
  }

  @Override
  public <T> T getEndpointInstance(Class<T> endpointClass) {
    return endpointClass.cast(new ChatSocket());
  }
}
