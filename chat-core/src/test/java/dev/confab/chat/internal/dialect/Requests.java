package dev.confab.chat.internal.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.Reply;
import dev.confab.chat.protocol.RequestId;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import java.util.List;
import java.util.Optional;

/** What tests of decoding say again and again. Single quotes stand for the double ones of JSON. */
final class Requests {
  static final Dialect PLAIN = new PlainDialect();
  static final Dialect CHAT_V1 = new ChatV1Dialect();

  private Requests() {}

  static String json(String text) {
    return text.replace('\'', '"');
  }

  /** What a dialect makes of a frame. */
  static List<Decoded> read(Dialect dialect, String frame) {
    return conversation(dialect).decode(frame);
  }

  /** What a dialect answers. */
  static String answer(Dialect dialect, Reply reply) {
    Decoded asked = new Decoded.Malformed(reply.op(), reply.id(), Refusal.of(ErrorCode.BAD_FRAME));
    return conversation(dialect).answer(asked, reply.result()).text().orElseThrow();
  }

  private static Conversation conversation(Dialect dialect) {
    return dialect.open(
        new Dialect.Opening(new ConnectionId("c1"), Handshake.of("/chat", Optional.empty())));
  }

  /** What both dialects make of the one object. */
  static Decoded decode(String frame) {
    List<Decoded> plain = read(PLAIN, frame);
    assertThat(plain).hasSize(1);
    if (frame.indexOf('\n') < 0) {
      assertThat(read(CHAT_V1, frame)).isEqualTo(plain);
    }
    return plain.get(0);
  }

  static Command command(String quoted) {
    Decoded decoded = decode(json(quoted));
    assertThat(decoded).as("%s", quoted).isInstanceOf(Decoded.Request.class);
    return ((Decoded.Request) decoded).command();
  }

  /** Refused with this op, id and field; {@code -} stands for none. */
  static void assertRefused(String frame, String op, String id, ErrorCode code, String field) {
    Decoded decoded = decode(frame);
    String shown = frame.length() < 200 ? frame : frame.substring(0, 200) + "…";
    assertThat(decoded).as("%s", shown).isInstanceOfSatisfying(Decoded.Malformed.class, refused -> {
      assertThat(refused.named()).as("op of %s", shown).isEqualTo(wanted(op));
      assertThat(refused.id().map(RequestId::json)).as("id of %s", shown).isEqualTo(wanted(id));
      assertThat(refused.refusal().code()).as("code of %s", shown).isEqualTo(code);
      assertThat(refused.refusal().field()).as("field of %s", shown).isEqualTo(wanted(field));
    });
  }

  private static Optional<String> wanted(String value) {
    return value.equals("-") ? Optional.empty() : Optional.of(value);
  }
}
