package dev.confab.chat.server.api;

import dev.confab.chat.model.Json;
import java.util.List;
import java.util.Optional;

/** A JSON object being written. Text is always escaped. */
final class JsonText {
  private final StringBuilder out = new StringBuilder("{");

  static JsonText object() {
    return new JsonText();
  }

  private JsonText name(String name) {
    if (out.length() > 1) {
      out.append(',');
    }
    out.append('"').append(name).append("\":");
    return this;
  }

  JsonText put(String name, String value) {
    name(name);
    Json.quote(value, out);
    return this;
  }

  JsonText put(String name, Optional<String> value) {
    return value.isPresent() ? put(name, value.get()) : this;
  }

  JsonText put(String name, long value) {
    name(name);
    out.append(value);
    return this;
  }

  JsonText put(String name, boolean value) {
    name(name);
    out.append(value);
    return this;
  }

  /** JSON as it is. */
  JsonText raw(String name, String json) {
    name(name);
    out.append(json);
    return this;
  }

  JsonText raw(String name, List<String> items) {
    return raw(name, "[" + String.join(",", items) + "]");
  }

  JsonText putNull(String name) {
    return raw(name, "null");
  }

  String end() {
    return out + "}";
  }
}
