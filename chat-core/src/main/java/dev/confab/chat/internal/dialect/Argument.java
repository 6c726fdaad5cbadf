package dev.confab.chat.internal.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.confab.chat.model.ChatException;
import dev.confab.chat.model.InvalidJsonException;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One value a request holds, before it is known what it stands for. A string is kept as its characters, because most
 * strings are names; all else as minified JSON. What it is asked to be and is not, it refuses, naming the field.
 */
final class Argument {
  /** The most digits of a number that surely fits a long. */
  private static final int LONG_DIGITS = 18;

  private final JsonToken token;

  /** A string's characters, else the JSON text. */
  private final String text;

  /** Absent for a string, until it is asked for as JSON. */
  private final @Nullable Json json;

  private Argument(JsonToken token, String text, @Nullable Json json) {
    this.token = token;
    this.text = text;
    this.json = json;
  }

  /**
   * Takes the value the parser stands at; the parser then stands at its last token.
   *
   * @throws InvalidJsonException if the value is refused as data
   * @throws IOException if the text is not JSON
   */
  static Argument read(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_STRING) {
      return new Argument(token, parser.getText(), null);
    }
    Json json = Json.read(parser);
    return new Argument(token, json.text(), json);
  }

  boolean isObject() {
    return token == JsonToken.START_OBJECT;
  }

  boolean isString() {
    return token == JsonToken.VALUE_STRING;
  }

  /** Whatever it is, to be delivered as it came. */
  Json json(String field) {
    if (json != null) {
      return json;
    }
    try {
      return Json.string(text);
    } catch (InvalidJsonException e) {
      throw badFrame(field, reason(e));
    }
  }

  /** A string, as it came. */
  String string(String field) {
    if (token != JsonToken.VALUE_STRING) {
      throw badArgs(field, "must be a string");
    }
    if (!Text.isWellFormed(text)) {
      throw badFrame(field, "a lone surrogate");
    }
    return text;
  }

  /** An id or name: a string, or the digits of an integer. Its characters are for the caller to check. */
  String id(String field) {
    if (token == JsonToken.VALUE_STRING || isDigits()) {
      return text;
    }
    throw badArgs(field, "must be a string");
  }

  /** An integer from least to most. */
  long integer(String field, long least, long most) {
    if (isDigits()) {
      long value = number(field);
      if (value >= least && value <= most) {
        return value;
      }
    }
    throw badArgs(field, "must be an integer from " + least + " to " + most);
  }

  /** The number of an entry, or 0; empty if it is no number at all. */
  Optional<Long> seq(String field) {
    if (token == JsonToken.VALUE_STRING) {
      return Optional.empty();
    }
    if (!isDigits()) {
      throw badArgs(field, "must be a cursor or an entry's seq");
    }
    return Optional.of(number(field));
  }

  /** True or false. */
  boolean flag(String field) {
    return switch (token) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw badArgs(field, "must be true or false");
    };
  }

  /** The fields of an object, in their order. */
  Map<String, Argument> fields(String field) {
    if (!isObject()) {
      throw badArgs(field, "must be an object");
    }
    Map<String, Argument> fields = new LinkedHashMap<>(4);
    try (JsonParser parser = Json.parser(text)) {
      parser.nextToken();
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        parser.nextToken();
        fields.put(name, read(parser));
      }
    } catch (IOException e) {
      throw new IllegalStateException("what was written by us can not be read by us", e);
    }
    return fields;
  }

  /** Digits only: no sign, no fraction, no exponent. */
  private boolean isDigits() {
    return token == JsonToken.VALUE_NUMBER_INT && text.charAt(0) != '-';
  }

  private long number(String field) {
    if (text.length() > LONG_DIGITS) {
      throw badArgs(field, "is too large");
    }
    return Long.parseLong(text);
  }

  static RefusedException badArgs(String field, String sentence) {
    return new RefusedException(Refusal.badArgs(field, field + " " + sentence));
  }

  static RefusedException badFrame(String field, String sentence) {
    return refused(ErrorCode.BAD_FRAME, field, sentence);
  }

  /** A refusal in the code's usual words, and why. */
  static RefusedException refused(ErrorCode code, String field, String why) {
    return new RefusedException(new Refusal(
        code,
        code.sentence() + ": " + why,
        Optional.empty(),
        Optional.empty(),
        Optional.of(field),
        Optional.empty()));
  }

  /** What the model said about a value it refused. */
  static String reason(ChatException refused) {
    return Objects.requireNonNullElse(refused.getMessage(), "");
  }
}
