package dev.confab.chat.internal.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.RequestId;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The op and id of a request: what a reply needs to be recognised. */
final class Envelope {
  /**
   * Reads whatever is JSON. It is only asked after the strict one has refused a frame, looks at two fields and skips all
   * else; what bounds its work is the length of the frame.
   */
  private static final JsonFactory LENIENT = new JsonFactoryBuilder()
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(Integer.MAX_VALUE)
          .maxNumberLength(Integer.MAX_VALUE)
          .maxStringLength(Integer.MAX_VALUE)
          .maxNameLength(Integer.MAX_VALUE)
          .build())
      .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
      // Nothing is kept, least of all in a thread of the container's.
      .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
      .build();

  /** The most characters of an op: it is said back in the reply. */
  private static final int MAX_OP_CHARS = 64;

  private @Nullable String op;
  private @Nullable RequestId id;
  private boolean idIsWrong;

  /** Named more than once: nobody can say which of them is meant. */
  private boolean opIsDoubled;

  private boolean idIsDoubled;

  /** The envelope of a text that broke the rules for data; empty if it is not even JSON. */
  static Envelope of(String text) {
    Envelope envelope = new Envelope();
    try (JsonParser parser = LENIENT.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return new Envelope();
      }
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        envelope.take(name, parser.nextToken(), parser);
      }
      return parser.nextToken() == null ? envelope : new Envelope();
    } catch (IOException e) {
      return new Envelope();
    }
  }

  /** Takes the value the parser stands at if it is the op or the id, and passes it in any case. */
  void take(String name, JsonToken value, JsonParser parser) throws IOException {
    switch (name) {
      case "op" -> {
        opIsDoubled |= op != null;
        op = value == JsonToken.VALUE_STRING
                && parser.getTextLength() <= MAX_OP_CHARS
                && Text.isWellFormed(parser.getText())
            ? parser.getText()
            : null;
      }
      case "id" -> {
        idIsDoubled |= id != null;
        takeId(value, parser);
      }
      default -> {}
    }
    parser.skipChildren();
  }

  private void takeId(JsonToken value, JsonParser parser) throws IOException {
    id = null;
    switch (value) {
      case VALUE_STRING -> {
        String text = parser.getText();
        if (text.length() <= RequestId.MAX_CHARS && Text.isWellFormed(text)) {
          id = new RequestId(Json.string(text).text());
        }
      }
      case VALUE_NUMBER_INT -> {
        if (parser.getTextLength() <= Json.MAX_NUMBER_CHARS) {
          id = new RequestId(parser.getText());
        }
      }
      default -> {}
    }
    idIsWrong = id == null && value != JsonToken.VALUE_NULL;
  }

  /** The op, if there is one that can be told. */
  Optional<String> op() {
    return opIsDoubled ? Optional.empty() : Optional.ofNullable(op);
  }

  /** The id, if there is one that can be taken. */
  Optional<RequestId> id() {
    return idIsDoubled ? Optional.empty() : Optional.ofNullable(id);
  }

  /** True if there is an id that can not be taken. */
  boolean idIsWrong() {
    return idIsWrong;
  }
}
