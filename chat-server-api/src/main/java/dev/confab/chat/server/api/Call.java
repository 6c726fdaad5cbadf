package dev.confab.chat.server.api;

import dev.confab.chat.model.SendKey;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A request of a caller who was let in.
 *
 * @param key which key was shown
 * @param request the request
 * @param path the parts of the path that the route names, decoded
 */
record Call(ApiKey key, ApiRequest request, Map<String, String> path) {
  /** A part of the path. */
  String part(String name) {
    return path.getOrDefault(name, "");
  }

  /** The body, which has to be a JSON object. */
  Fields body() {
    return Fields.parse(request.text());
  }

  /** What makes a send repeatable, if the caller gave it. */
  Optional<SendKey> idempotencyKey() {
    return request
        .header("idempotency-key")
        .map(text -> Fields.made("Idempotency-Key", text, SendKey::of));
  }

  /** As the field of this name in the body says, or the header; refused if they say different things. */
  Optional<SendKey> sendKey(Fields body, String name) {
    Optional<SendKey> key =
        body.optionalText(name).map(text -> Fields.made(name, text, SendKey::of));
    Optional<SendKey> header = idempotencyKey();
    if (key.isPresent() && header.isPresent() && !key.equals(header)) {
      throw Fields.bad(name, name + " and the header Idempotency-Key say different things");
    }
    return key.or(() -> header);
  }

  /** Refuses the header where it would make nothing repeatable: its caller relies on it. */
  void requireNoIdempotencyKey(String why) {
    if (request.header("idempotency-key").isPresent()) {
      throw Fields.bad("Idempotency-Key", "Idempotency-Key has no effect here: " + why);
    }
  }

  /** Parameters behind the question mark; the first of a name counts. */
  Map<String, String> query() {
    return request.query().map(Call::form).orElse(Map.of());
  }

  /** The number of a parameter. */
  long number(String name, long otherwise, long least, long most) {
    String text = query().get(name);
    if (text == null) {
      return otherwise;
    }
    if (!text.matches("[0-9]{1,18}")
        || Long.parseLong(text) < least
        || Long.parseLong(text) > most) {
      throw Fields.bad(
          name, name + " must be a whole number, at least " + least + " and at most " + most);
    }
    return Long.parseLong(text);
  }

  /** Reads {@code a=1&b=2}. */
  static Map<String, String> form(String text) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String pair : text.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
        values.putIfAbsent(name, equals < 0 ? "" : decoded(pair.substring(equals + 1)));
      }
    }
    return values;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      throw Fields.bad("query", "not decodable: a % without two hexadecimal digits");
    }
  }

  /** A segment of a path; a plus is a plus there. */
  static String segment(String text) {
    return decoded(text.replace("+", "%2B"));
  }
}
