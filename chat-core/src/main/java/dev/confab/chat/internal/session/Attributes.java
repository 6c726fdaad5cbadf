package dev.confab.chat.internal.session;

import dev.confab.chat.model.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Merges what a host keeps with a connection, as RFC 7396 merges JSON: objects member by member, {@code null} removes. */
public final class Attributes {
  private Attributes() {}

  /** These attributes with these changes. */
  public static Map<String, Json> merged(Map<String, Json> attributes, Map<String, Json> changes) {
    Map<String, Json> merged = new LinkedHashMap<>(attributes);
    changes.forEach((name, change) -> {
      if (change.equals(Json.NULL)) {
        merged.remove(name);
      } else {
        merged.put(name, merged(merged.get(name), change));
      }
    });
    return merged;
  }

  private static Json merged(@Nullable Json value, Json change) {
    return change
        .members()
        .map(changes -> {
          Map<String, Json> members = value == null ? Map.of() : value.members().orElse(Map.of());
          return Json.object(merged(members, changes));
        })
        .orElse(change);
  }
}
