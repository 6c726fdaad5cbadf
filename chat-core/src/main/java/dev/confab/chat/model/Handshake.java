package dev.confab.chat.model;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a connection's opening request said: an immutable copy that is kept only until login.
 *
 * @param path the path of the request, as the client wrote it
 * @param subprotocol the subprotocol that was chosen; absent if none
 * @param principal the name of the user that the container proved; absent if none
 * @param remoteAddress the client's address; absent where the transport does not know it
 * @param query the query parameters, decoded
 * @param headers the headers the transport was told to keep, by lower-case name
 * @param attributes what the application's own hook in the transport added
 */
public record Handshake(
    String path,
    Optional<String> subprotocol,
    Optional<String> principal,
    Optional<String> remoteAddress,
    Map<String, List<String>> query,
    Map<String, List<String>> headers,
    Map<String, Object> attributes) {
  /** Copies its collections. */
  public Handshake {
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
    attributes = Map.copyOf(attributes);
  }

  /** A handshake that says nothing but its path and subprotocol. */
  public static Handshake of(String path, Optional<String> subprotocol) {
    return new Handshake(
        path, subprotocol, Optional.empty(), Optional.empty(), Map.of(), Map.of(), Map.of());
  }

  /** The first value of this query parameter. */
  public Optional<String> parameter(String name) {
    return query.getOrDefault(name, List.of()).stream().findFirst();
  }

  /** The first value of this header, whatever the case of its name. */
  public Optional<String> header(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream()
        .findFirst();
  }

  /** Only the path: the rest may hold credentials. */
  @Override
  public String toString() {
    return "Handshake[" + path + "]";
  }
}
