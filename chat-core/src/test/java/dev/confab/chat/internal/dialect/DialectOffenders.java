package dev.confab.chat.internal.dialect;

import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Reply;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.testkit.DialectContract;
import dev.confab.chat.testkit.Offends;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
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
    public List<Decoded> decode(String frame) {
      return good.decode(frame);
    }

    @Override
    public Optional<String> encode(Event event) {
      return good.encode(event);
    }

    @Override
    public String encode(Reply reply) {
      return good.encode(reply);
    }
  }

  abstract static class PlainSuite extends DialectContract {
    @Override
    protected String request(int id) {
      return "{\"op\":\"ping\",\"id\":" + id + "}";
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
        public List<Decoded> decode(String frame) {
          List<Decoded> decoded = super.decode(frame);
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
        public List<Decoded> decode(String frame) {
          List<Decoded> decoded = super.decode(frame);
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
        public List<Decoded> decode(String frame) {
          List<Decoded> decoded = new ArrayList<>(super.decode(frame));
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
        public String encode(Reply reply) {
          return super.encode(reply).replaceAll("}$", ",\"n\":" + number.incrementAndGet() + "}");
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
}
