package dev.confab.chat.server.api;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.confab.chat.model.InvalidJsonException;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * The named values of one JSON object that a caller sent, each as it came; what is null counts as absent. Everything wrong is
 * refused with {@code bad_args} or {@code bad_frame}.
 */
final class Fields {
  private final Map<String, Json> values;

  private Fields(Map<String, Json> values) {
    this.values = values;
  }

  static Fields parse(String json) {
    Map<String, Json> values = new LinkedHashMap<>();
    try (JsonParser parser = Json.parser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new RefusedException(ErrorCode.BAD_FRAME, "expected a JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        values.put(name, Json.read(parser));
      }
      if (parser.nextToken() != null) {
        throw new RefusedException(
            ErrorCode.BAD_FRAME, "expected one JSON object, got more behind it");
      }
    } catch (IOException | InvalidJsonException notJson) {
      throw new RefusedException(ErrorCode.BAD_FRAME);
    }
    return new Fields(values);
  }

  /** Refuses names that are not among these: a new caller shall not believe that an old server understood it. */
  Fields only(String... names) {
    Set<String> known = Set.of(names);
    for (String name : values.keySet()) {
      if (!known.contains(name)) {
        throw bad(name.length() > 64 ? name.substring(0, 64) : name, "there is no such field here");
      }
    }
    return this;
  }

  Optional<Json> value(String name) {
    return Optional.ofNullable(values.get(name)).filter(value -> !value.equals(Json.NULL));
  }

  boolean names(String name) {
    return values.containsKey(name);
  }

  Json required(String name) {
    return value(name).orElseThrow(() -> bad(name, name + " is missing"));
  }

  /** A string, or an integer by its digits: ids are sent as both. */
  String text(String name) {
    return text(name, required(name));
  }

  Optional<String> optionalText(String name) {
    return value(name).map(value -> text(name, value));
  }

  /** A string and nothing else. */
  String string(String name) {
    return required(name).asString().orElseThrow(() -> bad(name, name + " must be a string"));
  }

  private static String text(String name, Json value) {
    return value.asString().orElseGet(() -> {
      if (value.text().matches("[0-9]{1,64}")) {
        return value.text();
      }
      throw bad(name, name + " must be a string");
    });
  }

  OptionalLong number(String name, long least, long most) {
    Optional<Json> value = value(name);
    if (value.isEmpty()) {
      return OptionalLong.empty();
    }
    if (!value.get().text().matches("-?[0-9]{1,18}")) {
      throw bad(name, name + " must be a whole number");
    }
    long number = Long.parseLong(value.get().text());
    if (number < least || number > most) {
      throw bad(
          name, name + " must be at least " + least + " and at most " + most + ", got " + number);
    }
    return OptionalLong.of(number);
  }

  Fields object(String name) {
    return objectOf(name, required(name));
  }

  static Fields objectOf(String name, Json value) {
    if (!value.text().startsWith("{")) {
      throw bad(name, name + " must be an object");
    }
    return parse(value.text());
  }

  /** The items of an array; none if it is absent. */
  List<Json> list(String name) {
    return value(name).map(value -> listOf(name, value)).orElse(List.of());
  }

  List<String> texts(String name) {
    return list(name).stream().map(item -> text(name, item)).toList();
  }

  static List<Json> listOf(String name, Json value) {
    if (!value.text().startsWith("[")) {
      throw bad(name, name + " must be an array");
    }
    List<Json> items = new ArrayList<>();
    try (JsonParser parser = Json.parser(value.text())) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        items.add(Json.read(parser));
      }
    } catch (IOException impossible) {
      throw new IllegalStateException("it was read before", impossible);
    }
    return items;
  }

  /** The values by name, in their order. */
  Map<String, Json> all() {
    return values;
  }

  /** Makes a value of the model, whose refusals name the field. */
  static <T> T made(String name, String text, Function<String, T> maker) {
    try {
      return maker.apply(text);
    } catch (dev.confab.chat.model.InvalidNameException wrong) {
      throw bad(name, String.valueOf(wrong.getMessage()));
    }
  }

  static RefusedException bad(String field, String sentence) {
    return new RefusedException(Refusal.badArgs(field, sentence));
  }
}
