package dev.confab.chat.server.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One method at one path.
 *
 * @param method in upper case
 * @param segments of the path; those in braces take any text but an empty one
 * @param scope what a key needs
 * @param style how refusals are put
 * @param handler what is done
 */
record Route(String method, List<String> segments, Scope scope, Style style, Handler handler) {
  /** How refusals are put. */
  enum Style {
    /** Our own. */
    JSON,
    /** {@code {"E":…}}. */
    MESH,
    /** A word. */
    FORM
  }

  /** What is done; may block. */
  @FunctionalInterface
  interface Handler {
    ApiResponse handle(Call call);
  }

  static Route of(String method, String path, Scope scope, Style style, Handler handler) {
    return new Route(method, List.of(path.split("/", -1)), scope, style, handler);
  }

  /** The named parts of this path; empty if it is another. */
  Optional<Map<String, String>> match(List<String> path) {
    if (path.size() != segments.size()) {
      return Optional.empty();
    }
    Map<String, String> parts = new LinkedHashMap<>();
    for (int i = 0; i < path.size(); i++) {
      String segment = segments.get(i);
      if (segment.startsWith("{")) {
        if (path.get(i).isEmpty()) {
          return Optional.empty();
        }
        parts.put(segment.substring(1, segment.length() - 1), path.get(i));
      } else if (!segment.equals(path.get(i))) {
        return Optional.empty();
      }
    }
    return Optional.of(parts);
  }
}
