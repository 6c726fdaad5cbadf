package dev.confab.chat.internal.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Dialect;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * What somebody says arrives as it was said, minified: random values, written with random white space and random escapes.
 * Repeat a run with {@code -Dconfab.seed=…}; a failure names its seed.
 */
final class DataRoundTripTest {
  private static final int VALUES = 4_000;

  private static final List<Dialect> DIALECTS = List.of(new PlainDialect(), new ChatV1Dialect());

  @Test
  void random_data_passes_through_with_its_names_numbers_and_strings() {
    long seed = Long.getLong("confab.seed", new SplittableRandom().nextLong());
    SplittableRandom seeds = new SplittableRandom(seed);
    for (int i = 0; i < VALUES; i++) {
      Generator generator = new Generator(seeds.split(), i % 2 == 0);
      generator.value(1 + seeds.nextInt(6));
      String sent = generator.written.toString();
      String minified = generator.minified.toString();
      // Lines are the frame's own white space in one of the dialects.
      Dialect dialect = DIALECTS.get(i % 2);
      String frame = seeds.nextBoolean()
          ? "{\"op\":\"publish\",\"args\":[\"room_1\"," + sent + "],\"id\":" + i + "}"
          : "{\"id\":" + i + ",\"args\":[\"room_1\" ," + sent + ",{}],\"op\":\"publish\"}";

      List<Decoded> decoded = Requests.read(dialect, frame);

      assertThat(decoded)
          .as("seed %d, value %d: %s", seed, i, frame)
          .singleElement()
          .isInstanceOfSatisfying(Decoded.Request.class, request -> {
            Command.Send send = (Command.Send) request.command();
            assertThat(send.data().text()).isEqualTo(minified);
            assertThat(dialect.encode(new Event.Recorded(entry(send))).orElseThrow())
                .endsWith(",\"data\":" + minified + "}")
                .doesNotContain("\n");
          });
    }
  }

  @Test
  void random_damage_never_makes_decoding_throw() {
    long seed = Long.getLong("confab.seed", new SplittableRandom().nextLong());
    SplittableRandom random = new SplittableRandom(seed);
    String signs = "{}[]\",:\\0 1e-.u\nntf\u0000\ud800é";
    for (int i = 0; i < VALUES; i++) {
      Generator generator = new Generator(random.split(), true);
      generator.value(3);
      StringBuilder frame = new StringBuilder("{\"op\":\"publish\",\"args\":[\"room_1\",")
          .append(generator.written)
          .append("],\"id\":\"a\"}");
      for (int damage = random.nextInt(4); damage >= 0; damage--) {
        int at = random.nextInt(frame.length());
        char sign = signs.charAt(random.nextInt(signs.length()));
        switch (random.nextInt(3)) {
          case 0 -> frame.setCharAt(at, sign);
          case 1 -> frame.insert(at, sign);
          default -> frame.setLength(Math.max(1, at));
        }
      }
      String damaged = frame.toString();
      for (Dialect dialect : DIALECTS) {
        try {
          List<Decoded> decoded = Requests.read(dialect, damaged);
          if (!dialect.manners().joinsFrames()) {
            assertThat(decoded).as("seed %d: %s", seed, damaged).hasSize(1);
          }
        } catch (RuntimeException e) {
          throw new AssertionError("seed " + seed + ", value " + i + ": " + damaged, e);
        }
      }
    }
  }

  private static Entry entry(Command.Send send) {
    return new Entry(
        ChannelName.of("room_1"),
        1,
        new EntryId("AAAAAAAAAAAAAAAA"),
        EntryKind.MESSAGE,
        1,
        "",
        Optional.empty(),
        Optional.empty(),
        Instant.EPOCH,
        send.data());
  }

  /** Writes the same value twice: as a careless client would, and as it has to arrive. */
  private static final class Generator {
    private static final String[] SPACES = {"", "", "", " ", "\t", "\r", "  ", "\n"};

    private final StringBuilder written = new StringBuilder();
    private final StringBuilder minified = new StringBuilder();
    private final SplittableRandom random;
    private final int spaces;

    Generator(SplittableRandom random, boolean lines) {
      this.random = random;
      this.spaces = lines ? SPACES.length : SPACES.length - 1;
    }

    void value(int levels) {
      space();
      switch (random.nextInt(levels > 0 ? 7 : 4)) {
        case 0 -> both(new String[] {"null", "true", "false"}[random.nextInt(3)]);
        case 1, 2 -> string("");
        case 3 -> both(number());
        case 4 -> array(levels);
        default -> object(levels);
      }
      space();
    }

    private void array(int levels) {
      both("[");
      int size = random.nextInt(5);
      for (int i = 0; i < size; i++) {
        if (i > 0) {
          both(",");
        }
        value(levels - 1);
      }
      if (size == 0) {
        space();
      }
      both("]");
    }

    private void object(int levels) {
      both("{");
      int size = random.nextInt(5);
      for (int i = 0; i < size; i++) {
        if (i > 0) {
          both(",");
        }
        space();
        // Numbered, so that no name is there twice, but not in the order of their letters.
        string((9 - i) + "");
        space();
        both(":");
        value(levels - 1);
      }
      if (size == 0) {
        space();
      }
      both("}");
    }

    private String number() {
      StringBuilder number = new StringBuilder(random.nextBoolean() ? "-" : "");
      number.append(random.nextBoolean() ? "0" : 1 + random.nextInt(9) + digits(30));
      if (random.nextBoolean()) {
        number.append('.').append(random.nextInt(10)).append(digits(30));
      }
      if (random.nextInt(3) == 0) {
        number.append(random.nextBoolean() ? 'e' : 'E');
        number.append(new String[] {"", "+", "-"}[random.nextInt(3)]);
        number.append(random.nextInt(10)).append(digits(5));
      }
      return number.toString();
    }

    private String digits(int most) {
      StringBuilder digits = new StringBuilder();
      for (int i = random.nextInt(most); i > 0; i--) {
        digits.append(random.nextInt(10));
      }
      return digits.toString();
    }

    private void string(String start) {
      both("\"" + start);
      for (int i = random.nextInt(8); i > 0; i--) {
        character();
      }
      both("\"");
    }

    private void character() {
      int point = switch (random.nextInt(6)) {
        case 0 -> random.nextInt(0x20);
        case 1 -> "\"\\/<>&'\u007f\u2028\u2029\ufeff\ufffd".charAt(random.nextInt(12));
        case 2 -> 0x80 + random.nextInt(0xD800 - 0x80);
        case 3 -> 0xE000 + random.nextInt(0x2000);
        case 4 -> 0x10000 + random.nextInt(0x100000);
        default -> 'a' + random.nextInt(26);
      };
      boolean mustEscape = point < 0x20 || point == '"' || point == '\\';
      for (char c : Character.toChars(point)) {
        minified.append(mustEscape ? shortest(c) : String.valueOf(c));
      }
      if (mustEscape || random.nextInt(3) == 0) {
        for (char c : Character.toChars(point)) {
          boolean upper = random.nextBoolean();
          String hex = String.format(Locale.ROOT, "%04x", (int) c);
          written.append("\\u").append(upper ? hex.toUpperCase(Locale.ROOT) : hex);
        }
      } else {
        written.appendCodePoint(point);
      }
    }

    private static String shortest(char c) {
      return switch (c) {
        case '"' -> "\\\"";
        case '\\' -> "\\\\";
        case '\b' -> "\\b";
        case '\t' -> "\\t";
        case '\n' -> "\\n";
        case '\f' -> "\\f";
        case '\r' -> "\\r";
        default -> String.format(Locale.ROOT, "\\u%04X", (int) c);
      };
    }

    private void both(String text) {
      written.append(text);
      minified.append(text);
    }

    private void space() {
      written.append(SPACES[random.nextInt(spaces)]);
    }
  }
}
