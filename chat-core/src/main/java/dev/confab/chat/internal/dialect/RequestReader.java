package dev.confab.chat.internal.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.confab.chat.model.InvalidJsonException;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.RequestId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads one object of a client's frame, whatever order its fields have: they are collected first, and understood when the
 * object is known to be one. Made for one object.
 */
final class RequestReader {
  /** The most arguments: a subscribe may name 1,000 channels. Each costs many times the characters it came in. */
  private static final int MAX_ARGS = 1_024;

  /** All that can be said of what is no object, or an object of which nothing can be read. */
  private static final Decoded.Malformed UNREADABLE =
      new Decoded.Malformed(Optional.empty(), Optional.empty(), Refusal.of(ErrorCode.BAD_FRAME));

  private static final Refusal WRONG_ID =
      Refusal.badArgs("id", "id must be an integer or a string of at most 64 characters");

  private static final String OP = "op";
  private static final String ID = "id";
  private static final String ARGS = "args";
  private static final String TOKEN = "token";

  private final Envelope envelope = new Envelope();
  private final List<Argument> args = new ArrayList<>(3);
  private boolean argsAreNoArray;
  private boolean tooManyArgs;
  private @Nullable Argument token;

  /** Where the parser is, in case it goes no further: the field, and whether it is among the arguments. */
  private String field = OP;

  private boolean amongArgs;

  private RequestReader() {}

  /** What the text asks. Never throws. */
  static Decoded read(String text) {
    RequestReader reader = new RequestReader();
    try (JsonParser parser = Json.parser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return UNREADABLE;
      }
      reader.readFields(parser);
      if (parser.nextToken() != null) {
        return UNREADABLE;
      }
    } catch (StreamConstraintsException e) {
      return reader.refuseAll(text, "a number too long, or too many levels");
    } catch (IOException e) {
      // If it turns out to be JSON after all, this is the only thing that the strict parser minds
      // beside.
      return reader.refuseAll(text, "a name twice in one object");
    } catch (InvalidJsonException e) {
      return reader.refuseAll(text, Argument.reason(e));
    }
    return reader.understand();
  }

  private void readFields(JsonParser parser) throws IOException {
    for (String name = nextField(parser); name != null; name = nextField(parser)) {
      field = name;
      JsonToken value = parser.nextToken();
      switch (name) {
        case OP, ID -> envelope.take(name, value, parser);
        case ARGS -> readArgs(parser, value);
        case TOKEN -> token = Argument.read(parser);
        default -> parser.skipChildren();
      }
    }
  }

  private @Nullable String nextField(JsonParser parser) throws IOException {
    try {
      return parser.nextFieldName();
    } catch (IOException e) {
      // The name that is there twice.
      field = Objects.requireNonNullElse(parser.currentName(), field);
      throw e;
    }
  }

  private void readArgs(JsonParser parser, JsonToken value) throws IOException {
    if (value != JsonToken.START_ARRAY) {
      argsAreNoArray = true;
      parser.skipChildren();
      return;
    }
    amongArgs = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (args.size() < MAX_ARGS) {
        args.add(Argument.read(parser));
      } else {
        tooManyArgs = true;
        parser.skipChildren();
      }
    }
    amongArgs = false;
  }

  private Decoded understand() {
    Optional<String> op = envelope.op();
    if (op.isEmpty()) {
      return unnamed(envelope.id());
    }
    try {
      if (envelope.idIsWrong()) {
        throw new RefusedException(WRONG_ID);
      }
      if (argsAreNoArray) {
        throw Argument.badArgs(ARGS, "must be an array");
      }
      if (tooManyArgs) {
        throw Argument.badArgs(ARGS, "must be " + MAX_ARGS + " at most");
      }
      return new Decoded.Request(
          op.get(),
          envelope.id(),
          CommandReader.read(op.get(), new Arguments(args), Optional.ofNullable(token)));
    } catch (RefusedException e) {
      return new Decoded.Malformed(op, envelope.id(), e.refusal());
    }
  }

  /**
   * The answer to a text that could not be read to its end by the rules for data. If it is JSON nevertheless, it is asked
   * once more for its op and id, which may stand behind the culprit, so that the sender learns which request it was.
   */
  private Decoded refuseAll(String text, String why) {
    Envelope whole = Envelope.of(text);
    if (whole.op().isEmpty()) {
      return unnamed(whole.id());
    }
    if (whole.idIsWrong()) {
      return new Decoded.Malformed(whole.op(), whole.id(), WRONG_ID);
    }
    String culprit = amongArgs
        ? CommandReader.argument(whole.op().get(), args.size())
        : Text.isWellFormed(field) ? field : ARGS;
    Refusal refusal = Argument.badFrame(culprit, why).refusal();
    return new Decoded.Malformed(whole.op(), whole.id(), refusal);
  }

  private static Decoded unnamed(Optional<RequestId> id) {
    return id.isEmpty()
        ? UNREADABLE
        : new Decoded.Malformed(Optional.empty(), id, UNREADABLE.refusal());
  }
}
