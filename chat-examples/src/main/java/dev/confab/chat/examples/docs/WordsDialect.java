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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A dialect for people at a terminal: {@code join tea Ann}, {@code say hello}. */
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

  /** One connection. */
  private static final class Words implements Conversation {
    private final Opening opening;

    /** Which room it is in, as the answers said: what is asked may yet be refused. */
    private volatile Optional<ChannelName> room = Optional.empty();

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
              default -> refused(Optional.empty(), ErrorCode.UNKNOWN_OP);
            });
      } catch (ChatException notAName) {
        return List.of(refused(Optional.empty(), ErrorCode.BAD_ARGS));
      }
    }

    /** One thing to the client, up to three to the chat: in as a guest, out of the old room, into the new one. */
    private Decoded join(String rest) {
      String[] words = rest.split(" +", 2);
      Optional<String> name = words.length == 2 ? Optional.of(words[1]) : Optional.empty();
      Command guest = new Command.Authenticate(new Credentials.Guest(opening.connection(), name));
      ChannelName next = ChannelName.of(ChannelName.ROOM_PREFIX + words[0]);
      // Decided when its turn has come: what was asked before is done then.
      return new Decoded.Deferred("join", Optional.empty(), who -> {
        List<Decoded.Request> links = new ArrayList<>();
        if (who.isEmpty()) {
          links.add(request("guest", guest));
        }
        room.filter(before -> !before.equals(next))
            .ifPresent(
                before -> links.add(request("leave", new Command.Unsubscribe(List.of(before)))));
        links.add(request(
            "join", new Command.Subscribe(List.of(next), Map.of(), OptionalLong.empty(), false)));
        return new Decoded.Chain(links);
      });
    }

    private Decoded say(String text) {
      Json data = Json.string(text);
      return new Decoded.Deferred(
          "say",
          Optional.empty(),
          who -> room.<Decoded>map(
                  here -> request("say", new Command.Send(here, data, Optional.empty())))
              .orElseGet(() -> refused(Optional.of("say"), ErrorCode.NOT_AUTHENTICATED)));
    }

    private static Decoded.Request request(String op, Command command) {
      return new Decoded.Request(op, Optional.empty(), command);
    }

    private static Decoded refused(Optional<String> op, ErrorCode code) {
      return new Decoded.Malformed(op, Optional.empty(), Refusal.of(code));
    }

    /** Who joins is told so, once; what is refused is told with its reason; the rest speaks for itself. */
    @Override
    public Answer answer(Decoded asked, Result result) {
      if (result instanceof Result.Refused refused) {
        return Answer.of("! " + refused.refusal().sentence());
      }
      if (asked instanceof Decoded.Request request
          && request.command() instanceof Command.Unsubscribe) {
        room = Optional.empty();
      } else if (asked instanceof Decoded.Request request
          && request.command() instanceof Command.Subscribe join) {
        room = Optional.of(join.channels().get(0));
        return Answer.of("* welcome");
      }
      return Answer.nothing();
    }
  }
}
// docs:end dialect
