package dev.confab.chat.transport.jsr356;

import dev.confab.chat.model.Handshake;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.server.HandshakeRequest;
import java.lang.reflect.InvocationTargetException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What an opening request said, copied while it was at hand and carried to the opened session in the session's own user
 * properties. Holds nothing of the container.
 *
 * @param endpoint who installed the endpoint
 * @param handshake the subprotocol is missing where the session knows it, because not every container has chosen yet
 * @param origin the {@code Origin} header
 * @param identified whether the request had a cookie or an HTTP login
 * @param host the name the request was sent to
 * @param scheme the scheme a trusted proxy was asked with, or that of the request where the session can not be believed
 */
record Opening(
    ChatEndpoint endpoint,
    Handshake handshake,
    Optional<String> origin,
    boolean identified,
    Optional<String> host,
    Optional<String> scheme) {
  /** The user property that carries it. */
  static final String PROPERTY = Opening.class.getName();

  /** Where Jetty leaves the client's address. */
  private static final String JETTY_ADDRESS = "jakarta.websocket.endpoint.remoteAddress";

  /** Where its requests are; those of Undertow are somewhere else. */
  private static final String QUARKUS = "io.undertow.websockets.handshake.";

  static Opening of(
      ChatEndpoint endpoint,
      HandshakeRequest request,
      HandshakeResponse response,
      Map<String, Object> properties) {
    EndpointOptions options = endpoint.options();
    Map<String, List<String>> all = lowerCase(request.getHeaders());
    Map<String, List<String>> kept = new LinkedHashMap<>();
    for (String name : options.keptHeaders()) {
      List<String> values = all.get(name);
      if (values != null) {
        kept.put(name, values);
      }
    }
    // Quarkus says of nobody that it is somebody without a name.
    Optional<String> principal = Optional.ofNullable(request.getUserPrincipal())
        .map(Principal::getName)
        .filter(name -> !name.isEmpty());
    URI uri = request.getRequestURI();
    boolean proxied = options.behindProxy();
    Handshake handshake = new Handshake(
        Optional.ofNullable(uri.getRawPath()).orElse("/"),
        subprotocol(request, response),
        principal,
        (proxied ? last(all, "x-forwarded-for") : Optional.<String>empty())
            .or(() -> address(request, properties)),
        query(request.getQueryString()),
        kept,
        options.attributes().of(request));
    return new Opening(
        endpoint,
        handshake,
        first(all, "origin"),
        principal.isPresent() || all.containsKey("cookie") || all.containsKey("authorization"),
        (proxied ? first(all, "x-forwarded-host") : Optional.<String>empty())
            .or(() -> first(all, "host")),
        (proxied ? first(all, "x-forwarded-proto") : Optional.<String>empty())
            .or(() -> scheme(request, uri)));
  }

  /** Open Liberty calls a session secure that was logged in by {@code BASIC}, whether it is or not. */
  private static Optional<String> scheme(HandshakeRequest request, URI uri) {
    return ChatEndpoint.isLiberty(request.getClass())
        ? Optional.ofNullable(uri.getScheme())
        : Optional.empty();
  }

  /** Leaves this where the socket finds it. */
  void leave(Map<String, Object> properties) {
    // Undertow keeps a copy of these properties as long as the connection lives: it is to have
    // nothing then but an empty shell.
    properties.put(PROPERTY, new Left(new AtomicReference<>(this)));
  }

  /** What was left; null if nothing was, or it was taken before. */
  static @Nullable Opening taken(Map<String, Object> properties) {
    return properties.remove(PROPERTY) instanceof Left left ? left.opening.getAndSet(null) : null;
  }

  /** Carries one to its socket; empty once it was taken. */
  private record Left(AtomicReference<@Nullable Opening> opening) {}

  /** Quarkus tells the client, but not the session. */
  private static Optional<String> subprotocol(
      HandshakeRequest request, HandshakeResponse response) {
    return request.getClass().getName().startsWith(QUARKUS)
        ? first(lowerCase(response.getHeaders()), "sec-websocket-protocol")
        : Optional.empty();
  }

  /** Whether the endpoint's rule about origins lets this connection in. */
  boolean admitted(boolean secure) {
    boolean https = scheme
        .map(name -> name.equalsIgnoreCase("https") || name.equalsIgnoreCase("wss"))
        .orElse(secure);
    return endpoint
        .options()
        .origins()
        .admit(origin, identified, host.flatMap(name -> Origin.ofHost(https, name)));
  }

  /** The handshake with the subprotocol that was chosen; containers say none as null or as an empty text. */
  Handshake handshake(@Nullable String subprotocol) {
    return new Handshake(
        handshake.path(),
        Optional.ofNullable(subprotocol).filter(name -> !name.isEmpty()).or(handshake::subprotocol),
        handshake.principal(),
        handshake.remoteAddress(),
        handshake.query(),
        handshake.headers(),
        handshake.attributes());
  }

  private static Map<String, List<String>> lowerCase(Map<String, List<String>> headers) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    headers.forEach((name, values) ->
        all.merge(name.toLowerCase(Locale.ROOT), List.copyOf(values), Opening::concatenation));
    return all;
  }

  private static List<String> concatenation(List<String> left, List<String> right) {
    List<String> both = new ArrayList<>(left);
    both.addAll(right);
    return List.copyOf(both);
  }

  private static Optional<String> first(Map<String, List<String>> headers, String name) {
    return headers.getOrDefault(name, List.of()).stream()
        .findFirst()
        .map(value -> value.split(",", 2)[0].strip())
        .filter(value -> !value.isEmpty());
  }

  private static Optional<String> last(Map<String, List<String>> headers, String name) {
    return headers.getOrDefault(name, List.of()).stream()
        .reduce((before, after) -> after)
        .map(value -> value.substring(value.lastIndexOf(',') + 1).strip())
        .filter(value -> !value.isEmpty());
  }

  /** Read here, because containers differ in charset and in whether parts of the path count as parameters. */
  private static Map<String, List<String>> query(@Nullable String text) {
    Map<String, List<String>> query = new LinkedHashMap<>();
    if (text == null) {
      return query;
    }
    for (String pair : text.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
        String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
        query.merge(name, List.of(value), Opening::concatenation);
      }
    }
    return query;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return text;
    }
  }

  /** The standard has no way to ask; these are those of Jetty and of Tyrus (GlassFish, Payara). */
  private static Optional<String> address(
      HandshakeRequest request, Map<String, Object> properties) {
    if (properties.get(JETTY_ADDRESS) instanceof InetSocketAddress socket) {
      return Optional.of(
          socket.getAddress() == null
              ? socket.getHostString()
              : socket.getAddress().getHostAddress());
    }
    try {
      return Optional.ofNullable(request.getClass().getMethod("getRemoteAddr").invoke(request))
          .map(Object::toString);
    } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException unknown) {
      return Optional.empty();
    }
  }
}
