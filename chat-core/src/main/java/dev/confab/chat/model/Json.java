package dev.confab.chat.model;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JSON value as minified text: no white space outside strings, numbers with the digits they came with, names in the
 * order they came. It is never turned into a tree, so nothing in it is lost or rounded on its way through the server.
 *
 * <p>Refused are a name twice in one object, lone surrogates, more than {@value #MAX_DEPTH} levels, and numbers of more
 * than {@value #MAX_NUMBER_CHARS} characters.
 */
public final class Json {
  /** How many levels arrays and objects may be nested. */
  public static final int MAX_DEPTH = 64;

  /** How long one number may be. */
  public static final int MAX_NUMBER_CHARS = 100;

  /** The value {@code null}. */
  public static final Json NULL = new Json("null");

  /** How many buffers are kept for the next who read; as many as read at once on most machines. */
  private static final int BUFFERS = 32;

  private static final JsonFactory FACTORY = new JsonFactoryBuilder()
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNumberLength(MAX_NUMBER_CHARS)
          // Levels are counted by us; this only has to leave room for the frame around the value.
          .maxNestingDepth(2 * MAX_DEPTH)
          .maxStringLength(Integer.MAX_VALUE)
          .maxNameLength(Integer.MAX_VALUE)
          .build())
      // Names come from strangers: they have no place in tables that outlive their message.
      .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      // By default each thread keeps one of its buffers. The threads that read are the container's
      // and the host's, and would keep the classes of an application that was undeployed.
      .recyclerPool(JsonRecyclerPools.newBoundedPool(BUFFERS))
      .build();

  private final String text;
  private final int bytes;

  private Json(String text) {
    this.text = text;
    this.bytes = utf8Length(text);
  }

  /** The JSON string that holds this text. Lone surrogates are refused with {@link InvalidJsonException}. */
  public static Json string(String value) {
    StringBuilder out = new StringBuilder(value.length() + 16);
    quote(value, out);
    return new Json(out.toString());
  }

  /** Reads one JSON value; {@link InvalidJsonException} if it is not exactly one that the protocol takes. */
  public static Json parse(String json) {
    try (JsonParser parser = parser(json)) {
      if (parser.nextToken() == null) {
        throw new InvalidJsonException("expected a JSON value, got nothing");
      }
      Json value = read(parser);
      if (parser.nextToken() != null) {
        throw new InvalidJsonException("expected one JSON value, got more behind it");
      }
      return value;
    } catch (IOException e) {
      throw new InvalidJsonException("not JSON, or JSON that is refused as data");
    }
  }

  /**
   * The JSON object of these members, in the map's order.
   *
   * @throws InvalidJsonException for a name with a lone surrogate, or if the whole has more than {@value #MAX_DEPTH} levels
   */
  public static Json object(Map<String, Json> members) {
    StringBuilder out = new StringBuilder(32).append('{');
    boolean comma = false;
    for (Map.Entry<String, Json> member : members.entrySet()) {
      separate(out, comma);
      quote(member.getKey(), out);
      out.append(':').append(member.getValue().text());
      comma = true;
    }
    // Read again: an object around values may have a level too many.
    return parse(out.append('}').toString());
  }

  /** Takes back a text that {@link #text()} gave, as a store reads it from its own rows. It is not checked again. */
  public static Json recorded(String text) {
    return new Json(text);
  }

  /** A parser with the rules of this class, for whoever decodes frames around such values. */
  public static JsonParser parser(String json) throws IOException {
    return FACTORY.createParser(json);
  }

  /**
   * Copies the value the parser stands at, token by token; the parser then stands at the value's last token.
   *
   * @throws InvalidJsonException if the value is refused as data
   * @throws IOException if the text is not JSON
   */
  public static Json read(JsonParser parser) throws IOException {
    StringBuilder out = new StringBuilder(64);
    int depth = 0;
    // True right behind a value: what follows in the same array or object needs a comma.
    boolean comma = false;
    JsonToken token = parser.currentToken();
    while (true) {
      if (token == null) {
        throw new InvalidJsonException("the value ends too early");
      }
      switch (token) {
        case START_OBJECT, START_ARRAY -> {
          if (++depth > MAX_DEPTH) {
            throw new InvalidJsonException("more than " + MAX_DEPTH + " levels");
          }
          separate(out, comma);
          out.append(token == JsonToken.START_OBJECT ? '{' : '[');
          comma = false;
        }
        case END_OBJECT, END_ARRAY -> {
          depth--;
          out.append(token == JsonToken.END_OBJECT ? '}' : ']');
          comma = true;
        }
        case FIELD_NAME -> {
          separate(out, comma);
          quote(parser.currentName(), out);
          out.append(':');
          comma = false;
        }
        case VALUE_STRING -> {
          separate(out, comma);
          quote(parser.getText(), out);
          comma = true;
        }
        default -> {
          String scalar = parser.getText();
          // The parser counts digits only; sign, point and exponent are characters too.
          if (scalar.length() > MAX_NUMBER_CHARS) {
            throw new InvalidJsonException(
                "a number of more than " + MAX_NUMBER_CHARS + " characters");
          }
          separate(out, comma);
          out.append(scalar);
          comma = true;
        }
      }
      if (depth == 0) {
        return new Json(out.toString());
      }
      token = parser.nextToken();
    }
  }

  /** Appends the text as a JSON string in quotes; lone surrogates are refused with {@link InvalidJsonException}. */
  public static void quote(String value, StringBuilder out) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair = Character.isHighSurrogate(c)
            && i + 1 < value.length()
            && Character.isLowSurrogate(value.charAt(i + 1));
        if (!pair) {
          throw new InvalidJsonException("a lone surrogate");
        }
        i++;
      }
    }
    out.append('"');
    JsonStringEncoder.getInstance().quoteAsString(value, out);
    out.append('"');
  }

  /** The minified JSON text. */
  public String text() {
    return text;
  }

  /** How many bytes the text has in UTF-8. */
  public int bytes() {
    return bytes;
  }

  /** The string this value is, unescaped; empty if it is any other kind of value. */
  public Optional<String> asString() {
    if (text.charAt(0) != '"') {
      return Optional.empty();
    }
    try (JsonParser parser = parser(text)) {
      parser.nextToken();
      return Optional.of(parser.getText());
    } catch (IOException e) {
      throw new InvalidJsonException("not the JSON it was recorded as");
    }
  }

  /** The members of the object this value is, in order; empty if it is any other kind of value. */
  public Optional<Map<String, Json>> members() {
    if (text.charAt(0) != '{') {
      return Optional.empty();
    }
    try (JsonParser parser = parser(text)) {
      parser.nextToken();
      Map<String, Json> members = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        members.put(name, read(parser));
      }
      return Optional.of(Collections.unmodifiableMap(members));
    } catch (IOException e) {
      throw new InvalidJsonException("not the JSON it was recorded as");
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Json json && json.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }

  private static void separate(StringBuilder out, boolean comma) {
    if (comma) {
      out.append(',');
    }
  }

  private static int utf8Length(String text) {
    int bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        // A surrogate pair is two characters and four bytes: one more for each half.
        bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
      }
    }
    return bytes;
  }
}
