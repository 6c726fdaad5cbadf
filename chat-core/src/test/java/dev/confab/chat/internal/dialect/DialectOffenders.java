package dev.confab.chat.internal.dialect;

import dev.confab.chat.model.Credentials;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.testkit.DialectContract;
import dev.confab.chat.testkit.Offends;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Dialects that break one rule each; right in all else, because they leave all else to the real ones. */
final class DialectOffenders {
  private DialectOffenders() {}

  /** A dialect as good as the one it stands before, until a subclass spoils it. */
  private static class Spoilt implements Dialect {
    private final Dialect good;

    Spoilt(Dialect good) {
      this.good = good;
    }

    @Override
    public Manners manners() {
      return good.manners();
    }

    @Override
    public Conversation open(Opening opening) {
      Conversation real = good.open(opening);
      return new Conversation() {
        @Override
        public List<Decoded> opened() {
          return Spoilt.this.opened(opening, real);
        }

        @Override
        public List<Decoded> decode(String frame) {
          return Spoilt.this.decode(real, frame);
        }

        @Override
        public Answer answer(Decoded asked, Result result) {
          return Spoilt.this.answer(real, asked, result);
        }
      };
    }

    /** The opening is there for who spoils it. */
    @SuppressWarnings("UnusedVariable")
    List<Decoded> opened(Opening opening, Conversation real) {
      return real.opened();
    }

    List<Decoded> decode(Conversation real, String frame) {
      return real.decode(frame);
    }

    Conversation.Answer answer(Conversation real, Decoded asked, Result result) {
      return real.answer(asked, result);
    }

    @Override
    public Optional<String> encode(Event event) {
      return good.encode(event);
    }
  }

  abstract static class PlainSuite extends DialectContract {
    @Override
    protected String request(int id) {
      return "{\"op\":\"ping\",\"id\":" + id + "}";
    }

    @Override
    protected List<String> showing(String secret) {
      return PlainDialectContractTest.logins(secret);
    }

    @Override
    protected boolean shows(Event event) {
      return PlainDialectContractTest.shown(event);
    }
  }

  abstract static class ChatV1Suite extends DialectContract {
    @Override
    protected String request(int id) {
      return "{\"op\":\"ping\",\"id\":" + id + "}";
    }

    @Override
    protected boolean shows(Event event) {
      return true;
    }
  }

  @Offends("DIALECT-1")
  static final class ThrowsWhatItCanNotRead extends PlainSuite {
    @Override
    protected Dialect dialect() {
      return new Spoilt(new PlainDialect()) {
        @Override
        List<Decoded> decode(Conversation real, String frame) {
          List<Decoded> decoded = real.decode(frame);
          if (decoded.get(0) instanceof Decoded.Malformed) {
            throw new IllegalArgumentException("not a frame");
          }
          return decoded;
        }
      };
    }
  }

  @Offends("DIALECT-1")
  static final class PassesOverBadLines extends ChatV1Suite {
    @Override
    protected Dialect dialect() {
      return new Spoilt(new ChatV1Dialect()) {
        @Override
        List<Decoded> decode(Conversation real, String frame) {
          List<Decoded> decoded = real.decode(frame);
          return decoded.size() < 2
              ? decoded
              : decoded.stream().filter(Decoded.Request.class::isInstance).toList();
        }
      };
    }
  }

  @Offends("DIALECT-1")
  static final class TurnsTheOrderAround extends ChatV1Suite {
    @Override
    protected Dialect dialect() {
      return new Spoilt(new ChatV1Dialect()) {
        @Override
        List<Decoded> decode(Conversation real, String frame) {
          List<Decoded> decoded = new ArrayList<>(real.decode(frame));
          Collections.reverse(decoded);
          return decoded;
        }
      };
    }
  }

  @Offends("DIALECT-2")
  static final class NumbersWhatItSays extends ChatV1Suite {
    @Override
    protected Dialect dialect() {
      AtomicLong number = new AtomicLong();
      return new Spoilt(new ChatV1Dialect()) {
        @Override
        public Optional<String> encode(Event event) {
          return super.encode(event)
              .map(text -> text.replaceAll("}$", ",\"n\":" + number.incrementAndGet() + "}"));
        }
      };
    }
  }

  @Offends("DIALECT-3")
  static final class EndsItsLines extends ChatV1Suite {
    @Override
    protected Dialect dialect() {
      return new Spoilt(new ChatV1Dialect()) {
        @Override
        public Optional<String> encode(Event event) {
          return super.encode(event).map(text -> text + "\n");
        }
      };
    }
  }

  @Offends("DIALECT-4")
  static final class ShowsResetsThatHoldSomething extends PlainSuite {
    @Override
    protected Dialect dialect() {
      return new Spoilt(new PlainDialect()) {
        @Override
        public Optional<String> encode(Event event) {
          return event instanceof Event.Reset reset && reset.head().seq() > 0
              ? new ChatV1Dialect().encode(event)
              : super.encode(event);
        }
      };
    }
  }

  @Offends("DIALECT-4")
  static final class SaysNothingInsteadOfBeingSilent extends PlainSuite {
    @Override
    protected Dialect dialect() {
      return new Spoilt(new PlainDialect()) {
        @Override
        public Optional<String> encode(Event event) {
          return Optional.of(super.encode(event).orElse(""));
        }
      };
    }
  }

  @Offends("DIALECT-5")
  static final class KnowsOnlyWhatItWasAsked extends PlainSuite {
    @Override
    protected Dialect dialect() {
      return new Spoilt(new PlainDialect()) {
        private final Map<Conversation, Set<Decoded>> asked = new ConcurrentHashMap<>();

        @Override
        public Conversation open(Opening opening) {
          Conversation real = super.open(opening);
          asked.put(real, ConcurrentHashMap.newKeySet());
          return real;
        }

        @Override
        List<Decoded> decode(Conversation real, String frame) {
          List<Decoded> decoded = real.decode(frame);
          asked.computeIfAbsent(real, any -> ConcurrentHashMap.newKeySet()).addAll(decoded);
          return decoded;
        }

        @Override
        Conversation.Answer answer(Conversation real, Decoded request, Result result) {
          if (request instanceof Decoded.Request
              && !asked.getOrDefault(real, Set.of()).contains(request)) {
            throw new NoSuchElementException("nobody asked that");
          }
          return real.answer(request, result);
        }
      };
    }
  }

  @Offends("DIALECT-5")
  static final class ExpectsThatItIsAllowed extends PlainSuite {
    @Override
    protected Dialect dialect() {
      return new Spoilt(new PlainDialect()) {
        @Override
        Conversation.Answer answer(Conversation real, Decoded asked, Result result) {
          if (asked instanceof Decoded.Request && result instanceof Result.Refused) {
            throw new IllegalStateException("refused");
          }
          return real.answer(asked, result);
        }
      };
    }
  }

  @Offends("DIALECT-5")
  static final class OpensOnlyWithAToken extends PlainSuite {
    @Override
    protected Dialect dialect() {
      return new Spoilt(new PlainDialect()) {
        @Override
        List<Decoded> opened(Opening opening, Conversation real) {
          opening.handshake().parameter("room_id").ifPresent(Integer::parseInt);
          return real.opened();
        }
      };
    }
  }

  @Offends("DIALECT-6")
  static final class CountsForAllInOnePlace extends PlainSuite {
    @Override
    protected Dialect dialect() {
      AtomicLong number = new AtomicLong();
      return new Spoilt(new PlainDialect()) {
        @Override
        Conversation.Answer answer(Conversation real, Decoded asked, Result result) {
          // A field of the dialect where one of the conversation is meant.
          return asked instanceof Decoded.Request
              ? Conversation.Answer.of("{\"n\":" + number.incrementAndGet() + "}")
              : real.answer(asked, result);
        }
      };
    }
  }

  @Offends("DIALECT-7")
  static final class SaysTheTokenBack extends PlainSuite {
    @Override
    protected Dialect dialect() {
      return new Spoilt(new PlainDialect()) {
        @Override
        Conversation.Answer answer(Conversation real, Decoded asked, Result result) {
          return asked instanceof Decoded.Request request
                  && request.command() instanceof Command.Authenticate login
                  && login.credentials() instanceof Credentials.Token token
                  && result instanceof Result.Refused
              ? Conversation.Answer.of("{\"error\":\"no such token: " + token.value() + "\"}")
              : real.answer(asked, result);
        }
      };
    }
  }
}
