package dev.confab.chat.containers.kit;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Extension;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.Session;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where the kit's endpoints are. A server takes endpoints only while an application starts, and each test has its own: so the
 * server is given a place for each path, and what it asks of the place is answered by the endpoint that stands there now.
 */
public final class Places {
  /** The paths the kit uses. */
  private static final List<String> PATHS = List.of("/chat", "/other");

  /** One application, one kit; endpoint configurations are made before there is anything to hold them. */
  private static final Map<String, ServerEndpointConfig> STANDING = new ConcurrentHashMap<>();

  private Places() {}

  /** What the server is told when the application starts. */
  public static List<ServerEndpointConfig> all(String before) {
    return PATHS.stream()
        .map(path -> ServerEndpointConfig.Builder.create(Placed.class, before + path)
            .subprotocols(List.of("chat.v1"))
            .configurator(new Place(path))
            .build())
        .toList();
  }

  static void put(ServerEndpointConfig endpoint) {
    if (!PATHS.contains(endpoint.getPath())) {
      throw new IllegalArgumentException("no place at " + endpoint.getPath());
    }
    STANDING.put(endpoint.getPath(), endpoint);
  }

  static void clear() {
    STANDING.clear();
  }

  private static final class Place extends ServerEndpointConfig.Configurator {
    private final String path;

    Place(String path) {
      this.path = path;
    }

    private ServerEndpointConfig.Configurator standing() {
      return Optional.ofNullable(STANDING.get(path))
          .orElseThrow(() -> new IllegalStateException("nothing stands at " + path))
          .getConfigurator();
    }

    @Override
    public boolean checkOrigin(String origin) {
      return standing().checkOrigin(origin);
    }

    @Override
    public String getNegotiatedSubprotocol(List<String> supported, List<String> requested) {
      return standing().getNegotiatedSubprotocol(supported, requested);
    }

    @Override
    public List<Extension> getNegotiatedExtensions(
        List<Extension> installed, List<Extension> requested) {
      return standing().getNegotiatedExtensions(installed, requested);
    }

    @Override
    public void modifyHandshake(
        ServerEndpointConfig own, HandshakeRequest request, HandshakeResponse response) {
      standing().modifyHandshake(own, request, response);
    }

    @Override
    public <T> T getEndpointInstance(Class<T> type) throws InstantiationException {
      ServerEndpointConfig config = STANDING.get(path);
      if (config == null) {
        throw new InstantiationException("nothing stands at " + path);
      }
      return type.cast(new Placed(
          (Endpoint) config.getConfigurator().getEndpointInstance(config.getEndpointClass())));
    }
  }

  /** Public for servers, which want to see a constructor. */
  public static final class Placed extends Endpoint {
    private final Endpoint real;

    /** For servers, which do not use it. */
    public Placed() {
      throw new IllegalStateException("made without asking the configurator");
    }

    private Placed(Endpoint real) {
      this.real = real;
    }

    @Override
    public void onOpen(Session session, EndpointConfig config) {
      real.onOpen(session, config);
    }

    @Override
    public void onClose(Session session, CloseReason reason) {
      real.onClose(session, reason);
    }

    @Override
    public void onError(Session session, Throwable failure) {
      real.onError(session, failure);
    }
  }
}
