package dev.confab.chat.server.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where keys are kept.
 *
 * <p><b>Threads.</b> Called on threads of the API, several at once, for each call; may block. What it throws is answered as an
 * error of the server.
 */
@FunctionalInterface
public interface ApiKeys {
  /** The key with this id; empty if there is none, or it was taken back. */
  Optional<ApiKey> find(String id);

  /** These keys and no others. */
  static ApiKeys of(ApiKey... keys) {
    return of(List.of(keys));
  }

  /** These keys and no others; {@link IllegalArgumentException} if two have the same id. */
  static ApiKeys of(List<ApiKey> keys) {
    Map<String, ApiKey> byId = new HashMap<>();
    for (ApiKey key : keys) {
      if (byId.put(key.id(), key) != null) {
        throw new IllegalArgumentException("two keys have the id " + key.id());
      }
    }
    return id -> Optional.ofNullable(byId.get(id));
  }

  /**
   * The keys of a file: a {@linkplain ApiKey#line line} each; empty lines, and those that begin with {@code #}, count for nothing.
   * Read once.
   *
   * @throws IllegalArgumentException if a line is wrong; says which
   */
  static ApiKeys file(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    return of(java.util.stream.IntStream.range(0, lines.size())
        .filter(i -> !lines.get(i).isBlank() && !lines.get(i).startsWith("#"))
        .mapToObj(i -> {
          try {
            return ApiKey.parse(lines.get(i));
          } catch (IllegalArgumentException wrong) {
            // What is wrong says nothing of the line, which may be a secret put there by mistake.
            throw new IllegalArgumentException(
                file.getFileName() + ":" + (i + 1) + ": " + wrong.getMessage());
          }
        })
        .toList());
  }
}
