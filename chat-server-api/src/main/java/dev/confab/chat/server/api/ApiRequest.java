package dev.confab.chat.server.api;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One HTTP request, as an adapter hands it over. Immutable, but for the body, which nobody changes. */
public final class ApiRequest {
  private final String method;
  private final String path;
  private final Optional<String> query;
  private final Map<String, List<String>> headers;
  private final Optional<String> remoteAddress;
  private final byte[] body;

  /**
   * A request.
   *
   * @param method in upper case
   * @param path begins with a slash, relative to where the API is mounted, not decoded
   * @param query what stands behind the question mark, not decoded
   * @param headers in any case; copied
   * @param remoteAddress the address of who is at the other end of the socket
   * @param body all of it; at most {@link ServerApi#maxBodyBytes()}, or one byte more to say that it is too long
   */
  public ApiRequest(
      String method,
      String path,
      Optional<String> query,
      Map<String, List<String>> headers,
      Optional<String> remoteAddress,
      byte[] body) {
    this.method = method;
    this.path = path;
    this.query = query;
    Map<String, List<String>> lower = new LinkedHashMap<>();
    headers.forEach((name, values) -> lower
        .computeIfAbsent(name.toLowerCase(Locale.ROOT), any -> new ArrayList<>())
        .addAll(values));
    lower.replaceAll((name, values) -> List.copyOf(values));
    this.headers = Map.copyOf(lower);
    this.remoteAddress = remoteAddress;
    this.body = body;
  }

  String method() {
    return method;
  }

  String path() {
    return path;
  }

  Optional<String> query() {
    return query;
  }

  Map<String, List<String>> headers() {
    return headers;
  }

  /** The first value of this header, whose name is given in lower case. */
  Optional<String> header(String name) {
    return headers.getOrDefault(name, List.of()).stream().findFirst();
  }

  Optional<String> remoteAddress() {
    return remoteAddress;
  }

  int bodyBytes() {
    return body.length;
  }

  String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  long headerBytes() {
    return headers.entrySet().stream()
        .mapToLong(header -> header.getValue().stream()
            .mapToLong(value -> header.getKey().length() + value.length() + 4L)
            .sum())
        .sum();
  }

  /** Method and path: the rest may hold credentials. */
  @Override
  public String toString() {
    return method + " " + path;
  }
}
