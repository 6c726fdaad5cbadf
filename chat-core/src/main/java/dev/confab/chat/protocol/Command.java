package dev.confab.chat.protocol;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.SendKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One thing a client asks. A channel may be {@link #OWN}, which stands for the asker's own channel and is replaced by its
 * real name before anything else looks at it.
 */
public sealed interface Command {
  /** The alias of one's own channel. */
  ChannelName OWN = new ChannelName("@user");

  /** Is anybody there. */
  record Ping() implements Command {}

  /** An answer to our ping, or a sign of life; it is not answered. */
  record Pong() implements Command {}

  /**
   * Log in, or refresh the login.
   *
   * @param credentials what the client shows
   */
  record Authenticate(Credentials credentials) implements Command {}

  /** Leave all channels and drop the identity; the connection stays. */
  record Logout() implements Command {}

  /**
   * Follow channels, all or none.
   *
   * @param channels at least one, none twice
   * @param since where to read on, by channel
   * @param history how many of the newest messages the reply shall carry; absent for none
   * @param presence whether joins and leaves shall be told
   */
  record Subscribe(
      List<ChannelName> channels,
      Map<ChannelName, Cursor> since,
      OptionalLong history,
      boolean presence)
      implements Command {
    /** Copies its collections. */
    public Subscribe {
      channels = List.copyOf(channels);
      since = Map.copyOf(since);
    }
  }

  /**
   * Stop following channels.
   *
   * @param channels at least one
   */
  record Unsubscribe(List<ChannelName> channels) implements Command {
    /** Copies its list. */
    public Unsubscribe {
      channels = List.copyOf(channels);
    }
  }

  /**
   * Say something that is recorded.
   *
   * @param channel where
   * @param data what
   * @param key what makes it repeatable, if given
   */
  record Send(ChannelName channel, Json data, Optional<SendKey> key) implements Command {}

  /**
   * Say something that is not recorded, to the current subscribers but the sending connection.
   *
   * @param channel where
   * @param data what
   */
  record Signal(ChannelName channel, Json data) implements Command {}

  /**
   * Read earlier or later messages.
   *
   * @param channel where
   * @param place from where
   * @param limit how many, 1 to 100
   */
  record History(ChannelName channel, Place place, int limit) implements Command {
    /** Where history is read from; both ends are excluded. */
    public sealed interface Place {
      /** The newest. */
      record Newest() implements Place {}

      /**
       * Those before this number.
       *
       * @param seq the first that is not wanted
       */
      record BeforeSeq(long seq) implements Place {}

      /**
       * Those behind this number.
       *
       * @param seq the last that is not wanted
       */
      record AfterSeq(long seq) implements Place {}

      /**
       * Those before this place, which must still be there.
       *
       * @param cursor the first that is not wanted
       */
      record Before(Cursor cursor) implements Place {}

      /**
       * Those behind this place, which must still be there.
       *
       * @param cursor the last that is not wanted
       */
      record After(Cursor cursor) implements Place {}
    }
  }

  /**
   * Who is there.
   *
   * @param channel where
   * @param after the last user id of the page before; absent for the first page
   * @param limit how many, 1 to 100
   */
  record Presence(ChannelName channel, Optional<String> after, int limit) implements Command {}

  /**
   * An op of the application's own.
   *
   * @param op its name
   * @param args its arguments, by position
   */
  record Custom(String op, List<Json> args) implements Command {
    /** Copies its list. */
    public Custom {
      args = List.copyOf(args);
    }
  }
}
