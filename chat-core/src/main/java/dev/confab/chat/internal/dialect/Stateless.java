package dev.confab.chat.internal.dialect;

import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.Reply;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Conversation;
import java.util.List;
import java.util.function.Function;

/**
 * A conversation that remembers nothing, and so may be one for all connections.
 *
 * @param reader what a frame asks
 * @param replies how it is answered: always
 */
record Stateless(Function<String, List<Decoded>> reader, ReplyText replies)
    implements Conversation {
  @Override
  public List<Decoded> opened() {
    return List.of();
  }

  @Override
  public List<Decoded> decode(String frame) {
    return reader.apply(frame);
  }

  @Override
  public Answer answer(Decoded asked, Result result) {
    return Answer.of(replies.of(new Reply(asked.named(), asked.id(), result)));
  }
}
