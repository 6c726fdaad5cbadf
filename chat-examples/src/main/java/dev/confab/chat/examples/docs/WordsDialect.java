package dev.confab.chat.examples.docs;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ChatException;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A dialect for people at a terminal: {@code join tea Ann}, {@code say hello}, {@code bye}. */
// docs:begin dialect
public final class WordsDialect implements Dialect {
  @Override
  public Manners manners() {
    return Manners.plain().ignoringBinary();
  }

  @Override
  public Conversation open(Opening opening) {
    return new Words(opening);
  }

  /** Messages alone are shown, to everybody alike; the line has no line break in it. */
  @Override
  public Optional<String> encode(Event event) {
    if (!(event instanceof Event.Recorded recorded)) {
      return Optional.empty();
    }
    Entry entry = recorded.entry();
    String who = entry.from().map(UserRef::name).orElse("*");
    String text = entry.data().asString().orElse(entry.data().text());
    return Optional.of(who + ": " + text.replaceAll("\\R", " "));
  }

  /** One connection: which room it is in. Read by the socket's thread, written by it alone. */
  private static final class Words implements Conversation {
    private final Opening opening;
    private Optional<ChannelName> room = Optional.empty();

    Words(Opening opening) {
      this.opening = opening;
    }

    @Override
    public List<Decoded> opened() {
      return List.of();
    }

    @Override
    public List<Decoded> decode(String frame) {
      String[] words = frame.strip().split(" +", 2);
      String rest = words.length == 2 ? words[1] : "";
      try {
        return List.of(
            switch (words[0]) {
              case "join" -> join(rest);
              case "say" -> say(rest);
              default -> refused(ErrorCode.UNKNOWN_OP);
            });
      } catch (ChatException notAName) {
        return List.of(refused(ErrorCode.BAD_ARGS));
      }
    }

    /** One thing to the client, three to the chat: who is it, out of the old room, into the new one. */
    private Decoded join(String rest) {
      String[] words = rest.split(" +", 2);
      Optional<String> name = words.length == 2 ? Optional.of(words[1]) : Optional.empty();
      ChannelName next = ChannelName.of(ChannelName.ROOM_PREFIX + words[0]);
      ChannelName before = room.orElse(next);
      room = Optional.of(next);
      return new Decoded.Chain(List.of(
          request(
              "guest", new Command.Authenticate(new Credentials.Guest(opening.connection(), name))),
          request("leave", new Command.Unsubscribe(List.of(before))),
          request(
              "join",
              new Command.Subscribe(List.of(next), Map.of(), OptionalLong.empty(), false))));
    }

    private Decoded say(String text) {
      return room.isPresent()
          ? request("say", new Command.Send(room.get(), Json.string(text), Optional.empty()))
          : refused(ErrorCode.NOT_AUTHENTICATED);
    }

    private static Decoded.Request request(String op, Command command) {
      return new Decoded.Request(op, Optional.empty(), command);
    }

    private static Decoded refused(ErrorCode code) {
      return new Decoded.Malformed(Optional.empty(), Optional.empty(), Refusal.of(code));
    }

    /** Who joins is told so, once; what is refused is told with its reason; the rest speaks for itself. */
    @Override
    public Answer answer(Decoded asked, Result result) {
      if (result instanceof Result.Refused refused) {
        return Answer.of("! " + refused.refusal().sentence());
      }
      return result instanceof Result.Subscribed ? Answer.of("* welcome") : Answer.nothing();
    }
  }
}
// docs:end dialect
