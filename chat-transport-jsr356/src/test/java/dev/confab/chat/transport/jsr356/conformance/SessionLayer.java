package dev.confab.chat.transport.jsr356.conformance;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Extension;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import jakarta.websocket.WebSocketContainer;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stands between a container and an endpoint, and passes everything on unless told otherwise. Layers may be stacked. */
class SessionLayer {
  /** A call of the endpoint's, as it would go on to the container. */
  @FunctionalInterface
  interface Call {
    @Nullable
    Object go() throws Throwable;
  }

  /** What sessions of Open Liberty have beside the standard, and the endpoint finds by its name. */
  interface OfLiberty {
    /** What is inside. */
    Object getSessionImpl();
  }

  /** Passes on what is asked of a session or of its remote end. */
  @Nullable
  Object call(Session session, Method method, Object[] arguments, Call call) throws Throwable {
    return call.go();
  }

  /** A session opens; called before the endpoint knows. */
  void opens(Session session) {}

  /** Passes on which extensions are agreed to. */
  List<Extension> extensions(List<Extension> agreed, List<Extension> requested) {
    return agreed;
  }

  /** A container whose endpoints see everything through this layer. */
  final ServerContainer around(ServerContainer container) {
    return proxy(ServerContainer.class, (self, method, arguments) -> {
      if (method.getName().equals("addEndpoint")
          && arguments[0] instanceof ServerEndpointConfig config) {
        return pass(container, method, new Object[] {layered(config)});
      }
      return pass(container, method, arguments);
    });
  }

  /** A server's own container may be made of Tyrus. */
  static boolean isTyrus(WebSocketContainer container) {
    return container.getClass().getName().startsWith("org.glassfish.tyrus.");
  }

  private ServerEndpointConfig layered(ServerEndpointConfig config) {
    return ServerEndpointConfig.Builder.create(Layered.class, config.getPath())
        .subprotocols(config.getSubprotocols())
        .configurator(new Configurator(config))
        .build();
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(
        SessionLayer.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static @Nullable Object pass(Object real, Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause();
    }
  }

  private Session layered(Session real) {
    RemoteEndpoint.Async remote = proxy(
        RemoteEndpoint.Async.class,
        (self, method, arguments) -> call(
            real,
            method,
            orNone(arguments),
            () -> pass(real.getAsyncRemote(), method, orNone(arguments))));
    InvocationHandler handler = (self, method, arguments) -> {
      if (method.getDeclaringClass() == Object.class) {
        return pass(real, method, arguments);
      }
      if (method.getDeclaringClass() == OfLiberty.class) {
        return pass(real, real.getClass().getMethod(method.getName()), orNone(arguments));
      }
      return call(
          real,
          method,
          orNone(arguments),
          () -> method.getName().equals("getAsyncRemote")
              ? remote
              : pass(real, method, orNone(arguments)));
    };
    return (Session) Proxy.newProxyInstance(
        SessionLayer.class.getClassLoader(),
        new Class<?>[] {Session.class, OfLiberty.class},
        handler);
  }

  private static Object[] orNone(Object @Nullable [] arguments) {
    return arguments == null ? new Object[0] : arguments;
  }

  private final class Configurator extends ServerEndpointConfig.Configurator {
    private final ServerEndpointConfig config;
    private final ServerEndpointConfig.Configurator real;

    Configurator(ServerEndpointConfig config) {
      this.config = config;
      this.real = config.getConfigurator();
    }

    @Override
    public boolean checkOrigin(String origin) {
      return real.checkOrigin(origin);
    }

    @Override
    public String getNegotiatedSubprotocol(List<String> supported, List<String> requested) {
      return real.getNegotiatedSubprotocol(supported, requested);
    }

    @Override
    public List<Extension> getNegotiatedExtensions(
        List<Extension> installed, List<Extension> requested) {
      return extensions(real.getNegotiatedExtensions(installed, requested), requested);
    }

    @Override
    public void modifyHandshake(
        ServerEndpointConfig own, HandshakeRequest request, HandshakeResponse response) {
      real.modifyHandshake(own, request, response);
    }

    @Override
    public <T> T getEndpointInstance(Class<T> type) throws InstantiationException {
      return type.cast(new Layered(
          SessionLayer.this, (Endpoint) real.getEndpointInstance(config.getEndpointClass())));
    }
  }

  /** Public for containers, which want to see a constructor. */
  public static final class Layered extends Endpoint {
    private final SessionLayer layer;
    private final Endpoint real;
    private volatile @Nullable Session session;

    /** For containers, which do not use it. */
    public Layered() {
      throw new IllegalStateException("made without asking the configurator");
    }

    private Layered(SessionLayer layer, Endpoint real) {
      this.layer = layer;
      this.real = real;
    }

    @Override
    public void onOpen(Session opened, EndpointConfig config) {
      layer.opens(opened);
      Session shown = layer.layered(opened);
      session = shown;
      real.onOpen(shown, config);
    }

    @Override
    public void onClose(Session closed, CloseReason reason) {
      Session shown = session;
      real.onClose(shown == null ? closed : shown, reason);
    }

    @Override
    public void onError(Session failed, Throwable failure) {
      Session shown = session;
      real.onError(shown == null ? failed : shown, failure);
    }
  }
}
