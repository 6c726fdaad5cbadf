package dev.confab.chat.internal.dialect;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.InvalidNameException;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Command.History.Place;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an op and its arguments ask: one method per shape of arguments. Whatever is missing, wrong or unknown is refused
 * with a {@link RefusedException} that names it.
 */
final class CommandReader {
  private static final Command PING = new Command.Ping();
  private static final Command PONG = new Command.Pong();
  private static final Command LOGOUT = new Command.Logout();
  private static final Place NEWEST = new Place.Newest();

  private static final String CHANNEL = "channel";
  private static final String USER = "user";
  private static final String DATA = "data";
  private static final String NAME = "name";
  private static final String PASSWORD = "password";
  private static final String TOKEN = "token";

  private static final String KEY = "key";
  private static final String SINCE = "since";
  private static final String HISTORY = "history";
  private static final String PRESENCE = "presence";
  private static final String BEFORE = "before";
  private static final String AFTER = "after";
  private static final String LIMIT = "limit";

  private static final List<String> NONE = List.of();
  private static final List<String> A_CHANNEL = List.of(CHANNEL);
  private static final List<String> CHANNEL_AND_DATA = List.of(CHANNEL, DATA);
  private static final List<String> USER_AND_DATA = List.of(USER, DATA);
  private static final List<String> ONLY_DATA = List.of(DATA);
  private static final List<String> NAME_AND_PASSWORD = List.of(NAME, PASSWORD);

  private static final List<String> TOKEN_OPTION = List.of(TOKEN);
  private static final List<String> SEND_OPTIONS = List.of(KEY);
  private static final List<String> SUBSCRIBE_OPTIONS = List.of(SINCE, HISTORY, PRESENCE);
  private static final List<String> HISTORY_OPTIONS = List.of(BEFORE, AFTER, LIMIT);
  private static final List<String> PRESENCE_OPTIONS = List.of(AFTER, LIMIT);

  /** The most entries or users of a page, and the most of an unasked one of history. */
  private static final int MOST_OF_A_PAGE = 100;

  private static final int USUAL_HISTORY = 50;

  private CommandReader() {}

  /**
   * The command.
   *
   * @param token what stood in the request's own field {@code token}, which {@code auth} takes beside its arguments
   * @throws RefusedException if it is none
   */
  static Command read(String op, Arguments args, Optional<Argument> token) {
    return switch (op) {
      case "ping" -> without(args, PING);
      case "pong" -> PONG;
      case "auth" -> new Command.Authenticate(credentials(args, token));
      case "logout" -> without(args, LOGOUT);
      case "subscribe" -> subscribe(args);
      case "unsubscribe" -> unsubscribe(args);
      case "sendtoroom" -> {
        Map<String, Argument> options = args.optionsBehind(CHANNEL_AND_DATA, SEND_OPTIONS);
        yield send(room(args.at(0)), args.at(1), options);
      }
      case "sendtouser" -> {
        Map<String, Argument> options = args.optionsBehind(USER_AND_DATA, SEND_OPTIONS);
        yield send(userChannel(args.at(0)), args.at(1), options);
      }
      case "sendbroadcast" -> {
        Map<String, Argument> options = args.optionsBehind(ONLY_DATA, SEND_OPTIONS);
        yield send(ChannelName.BROADCAST, args.at(0), options);
      }
      case "publish" -> {
        Map<String, Argument> options = args.optionsBehind(CHANNEL_AND_DATA, SEND_OPTIONS);
        yield send(channel(args.at(0)), args.at(1), options);
      }
      case "signal" -> {
        args.optionsBehind(CHANNEL_AND_DATA, NONE);
        yield new Command.Signal(channel(args.at(0)), args.at(1).json(DATA));
      }
      case "history" -> history(args);
      case "presence" -> presence(args);
      default -> new Command.Custom(op, args.json());
    };
  }

  /** The name of the argument at this place, for a refusal that is found before the arguments are understood. */
  static String argument(String op, int position) {
    List<String> names = switch (op) {
      case "auth" -> NAME_AND_PASSWORD;
      case "sendtoroom", "publish", "signal" -> CHANNEL_AND_DATA;
      case "sendtouser" -> USER_AND_DATA;
      case "sendbroadcast" -> ONLY_DATA;
      case "history", "presence" -> A_CHANNEL;
      default -> NONE;
    };
    return position < names.size() ? names.get(position) : Arguments.FIELD;
  }

  private static Command without(Arguments args, Command command) {
    args.optionsBehind(NONE, NONE);
    return command;
  }

  private static Credentials credentials(Arguments args, Optional<Argument> token) {
    if (token.isPresent() && args.size() == 0) {
      return new Credentials.Token(token.get().string(TOKEN));
    }
    if (token.isPresent()) {
      throw Argument.badArgs(TOKEN, "stands beside other credentials");
    }
    if (args.size() == 1 && args.at(0).isObject()) {
      Argument value = args.optionsAtEnd(TOKEN_OPTION).get(TOKEN);
      if (value == null) {
        throw Argument.badArgs(TOKEN, "is missing");
      }
      return new Credentials.Token(value.string(TOKEN));
    }
    args.optionsBehind(NAME_AND_PASSWORD, NONE);
    return new Credentials.Password(args.at(0).string(NAME), args.at(1).string(PASSWORD));
  }

  private static Command subscribe(Arguments args) {
    Set<ChannelName> channels = channels(args);
    Map<String, Argument> options = args.optionsAtEnd(SUBSCRIBE_OPTIONS);
    Map<ChannelName, Cursor> since = since(channels, options.get(SINCE));
    Argument history = options.get(HISTORY);
    OptionalLong newest = history == null
        ? OptionalLong.empty()
        : OptionalLong.of(history.integer(HISTORY, 0, MOST_OF_A_PAGE));
    if (newest.isPresent() && !since.isEmpty()) {
      // History is asked for all channels of the request, so there is one that has both.
      throw Argument.badArgs(HISTORY, "and since can not be asked in one request");
    }
    Argument presence = options.get(PRESENCE);
    return new Command.Subscribe(
        List.copyOf(channels), since, newest, presence != null && presence.flag(PRESENCE));
  }

  private static Map<ChannelName, Cursor> since(
      Set<ChannelName> channels, @Nullable Argument option) {
    if (option == null) {
      return Map.of();
    }
    Map<ChannelName, Cursor> since = new HashMap<>();
    for (Map.Entry<String, Argument> place : option.fields(SINCE).entrySet()) {
      try {
        ChannelName channel = new ChannelName(place.getKey());
        if (!channels.contains(channel)) {
          throw Argument.badArgs(SINCE, "names a channel that is not subscribed here");
        }
        since.put(channel, Cursor.parse(place.getValue().id(SINCE)));
      } catch (InvalidNameException e) {
        throw Argument.badArgs(SINCE, "takes cursors by channel");
      }
    }
    return since;
  }

  private static Command unsubscribe(Arguments args) {
    Set<ChannelName> channels = channels(args);
    args.optionsAtEnd(NONE);
    return new Command.Unsubscribe(List.copyOf(channels));
  }

  /** The channels before the options, each once, in the order they came. */
  private static Set<ChannelName> channels(Arguments args) {
    int size = args.endsWithOptions() ? args.size() - 1 : args.size();
    if (size == 0) {
      throw Argument.badArgs(CHANNEL, "is missing");
    }
    Set<ChannelName> channels = new LinkedHashSet<>();
    for (int i = 0; i < size; i++) {
      channels.add(channel(args.at(i)));
    }
    return channels;
  }

  private static Command send(ChannelName channel, Argument data, Map<String, Argument> options) {
    return new Command.Send(channel, data.json(DATA), key(options.get(KEY)));
  }

  private static Optional<SendKey> key(@Nullable Argument option) {
    if (option == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(new SendKey(option.string(KEY)));
    } catch (InvalidNameException e) {
      throw Argument.badArgs(KEY, "must have 1 to 64 letters, digits and . _ : -");
    }
  }

  private static Command history(Arguments args) {
    Map<String, Argument> options = args.optionsBehind(A_CHANNEL, HISTORY_OPTIONS);
    return new Command.History(channel(args.at(0)), place(options), limit(options, USUAL_HISTORY));
  }

  private static Place place(Map<String, Argument> options) {
    Argument before = options.get(BEFORE);
    Argument after = options.get(AFTER);
    if (before != null && after != null) {
      throw Argument.badArgs(AFTER, "and before can not both be asked");
    }
    if (before != null) {
      Optional<Long> seq = before.seq(BEFORE);
      return seq.isPresent()
          ? new Place.BeforeSeq(seq.get())
          : new Place.Before(cursor(before, BEFORE));
    }
    if (after != null) {
      Optional<Long> seq = after.seq(AFTER);
      return seq.isPresent()
          ? new Place.AfterSeq(seq.get())
          : new Place.After(cursor(after, AFTER));
    }
    return NEWEST;
  }

  private static Cursor cursor(Argument option, String field) {
    try {
      return Cursor.parse(option.string(field));
    } catch (InvalidNameException e) {
      throw Argument.badArgs(field, "must be a cursor or an entry's seq");
    }
  }

  private static Command presence(Arguments args) {
    Map<String, Argument> options = args.optionsBehind(A_CHANNEL, PRESENCE_OPTIONS);
    Argument after = options.get(AFTER);
    return new Command.Presence(
        channel(args.at(0)),
        after == null ? Optional.empty() : Optional.of(after.id(AFTER)),
        limit(options, MOST_OF_A_PAGE));
  }

  private static int limit(Map<String, Argument> options, int usual) {
    Argument limit = options.get(LIMIT);
    return limit == null ? usual : (int) limit.integer(LIMIT, 1, MOST_OF_A_PAGE);
  }

  private static ChannelName room(Argument argument) {
    String name = argument.id(CHANNEL);
    if (!name.startsWith(ChannelName.ROOM_PREFIX)) {
      throw Argument.badArgs(CHANNEL, "must begin with " + ChannelName.ROOM_PREFIX);
    }
    return named(name, CHANNEL);
  }

  private static ChannelName channel(Argument argument) {
    return named(argument.id(CHANNEL), CHANNEL);
  }

  /** What begins with the prefix is a channel already, {@code @user} is one's own, all else is an id. */
  private static ChannelName userChannel(Argument argument) {
    String user = argument.id(USER);
    if (user.equals(Command.OWN.value())) {
      return Command.OWN;
    }
    if (user.startsWith(ChannelName.USER_PREFIX)) {
      if (user.length() == ChannelName.USER_PREFIX.length()) {
        throw Argument.refused(ErrorCode.CHANNEL_NAME, USER, "an id is missing");
      }
      return named(user, USER);
    }
    try {
      return ChannelName.user(new UserId(user));
    } catch (InvalidNameException e) {
      throw Argument.refused(ErrorCode.CHANNEL_NAME, USER, Argument.reason(e));
    }
  }

  private static ChannelName named(String name, String field) {
    try {
      return new ChannelName(name);
    } catch (InvalidNameException e) {
      throw Argument.refused(ErrorCode.CHANNEL_NAME, field, Argument.reason(e));
    }
  }
}
