package dev.confab.chat.protocol;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.UserRef;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What came of a command. */
public sealed interface Result {
  /** Done, and there is nothing more to say. */
  record Done() implements Result {}

  /** Yes, somebody is there. */
  record Pong() implements Result {}

  /**
   * Nothing came of it.
   *
   * @param refusal why
   */
  record Refused(Refusal refusal) implements Result {}

  /**
   * Logged in.
   *
   * @param user as whom
   * @param expiresAt until when, if it ends
   */
  record LoggedIn(UserRef user, Optional<Instant> expiresAt) implements Result {}

  /**
   * Subscribed.
   *
   * @param channels what holds for each, in the order asked
   */
  record Subscribed(Map<ChannelName, Subscription> channels) implements Result {}

  /**
   * Recorded.
   *
   * @param receipt where
   */
  record Sent(Receipt receipt) implements Result {}

  /**
   * Sent in a channel without log.
   *
   * @param at when
   */
  record SentUnlogged(Instant at) implements Result {}

  /**
   * A page of history.
   *
   * @param channel where
   * @param messages ascending
   * @param more whether there are more in the asked direction
   * @param reset true if the cursor does not fit and there are no messages therefore
   */
  record HistoryPage(ChannelName channel, List<Entry> messages, boolean more, boolean reset)
      implements Result {}

  /**
   * A page of who is there.
   *
   * @param page the page
   */
  record Present(PresencePage page) implements Result {}

  /**
   * Whatever an op of the application's own gave.
   *
   * @param data the reply's data
   */
  record Custom(Json data) implements Result {}

  /**
   * What a subscriber is told of one channel.
   *
   * @param head the newest entry's seq; 0 if there is none
   * @param cursor the place behind it
   * @param log false for a channel without log
   * @param messages the newest messages up to head, if they were asked for
   * @param more whether there are older ones, if they were asked for
   * @param missed how many entries come before the stream is live, if it starts at a cursor
   * @param reset true if the given cursor did not fit
   * @param trimmed what retention removed behind the given cursor
   * @param presence who is there, if it was asked for
   */
  record Subscription(
      long head,
      Cursor cursor,
      boolean log,
      Optional<List<Entry>> messages,
      boolean more,
      OptionalLong missed,
      boolean reset,
      Optional<TrimmedRange> trimmed,
      Optional<PresencePage> presence) {}

  /**
   * Users in a channel, in the order of their ids.
   *
   * @param count how many there are in all
   * @param users this page
   * @param more whether there are more behind it
   */
  record PresencePage(long count, List<PresentUser> users, boolean more) {
    /** Copies its list. */
    public PresencePage {
      users = List.copyOf(users);
    }
  }

  /**
   * A user in a channel.
   *
   * @param user who
   * @param connections on how many connections
   */
  record PresentUser(UserRef user, int connections) {}
}
