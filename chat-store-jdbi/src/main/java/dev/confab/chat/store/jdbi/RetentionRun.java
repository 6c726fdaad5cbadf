package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.spi.OutcomeUnknownException;
import dev.confab.chat.store.jdbi.Retention.Keep;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One run of retention: in small bites, each a short transaction in one channel, so that nobody who writes there waits for
 * long, and with nothing held in between. A bite that was cut off is taken again by the next run. Used by one thread.
 */
final class RetentionRun {
  /** How many entries or keys one transaction removes at most. */
  static final int BITE = 1_000;

  /** How many channels are looked at in one question. */
  private static final int CHANNELS = 500;

  /** A log is dense, so the oldest entry that is kept stands right behind the floor. */
  static String candidates(SqlDialect dialect) {
    return "select c.id, c.head, c.floor, " + dialect.text("c.name") + " as name,"
        + " (select e.at from chat_entry e where e.channel_id = c.id and e.seq = c.floor + 1)"
        + " as oldest from chat_channel c where c.id > ? order by c.id limit " + CHANNELS;
  }

  static String oldest(SqlDialect dialect) {
    return "select e.seq, " + dialect.text("e.id") + " as id, e.at from chat_entry e"
        + " where e.channel_id = ? and e.seq > ? and e.seq <= ? order by e.seq";
  }

  private static final String FLOOR =
      "update chat_channel set floor = ?, floor_id = ? where id = ?";

  private static final String REMOVE =
      "delete from chat_entry where channel_id = ? and seq > ? and seq <= ?";

  private final SqlDialect dialect;
  private final Transactions transactions;
  private final Retention retention;
  private final Instant now;
  private final Duration keyLife;
  private final BooleanSupplier stopped;

  private long entries;
  private int channels;
  private long keys;
  private int held;

  RetentionRun(
      SqlDialect dialect,
      Transactions transactions,
      Retention retention,
      Instant now,
      Duration keyLife,
      BooleanSupplier stopped) {
    this.dialect = dialect;
    this.transactions = transactions;
    this.retention = retention;
    this.now = now;
    this.keyLife = keyLife;
    this.stopped = stopped;
  }

  Trimmed run() {
    boolean complete = forgetKeys() && (retention.keepsEverything() || trimChannels());
    return new Trimmed(entries, channels, keys, held, complete);
  }

  private boolean forgetKeys() {
    int forgotten;
    do {
      if (stopped.getAsBoolean()) {
        return false;
      }
      forgotten = committed(connection -> {
            int some = dialect.forgetKeys(connection, now.minus(keyLife), BITE);
            return prepared(some, some > 0);
          })
          .orElse(0);
      keys += forgotten;
    } while (forgotten == BITE);
    return true;
  }

  /**
   * A channel that may hold something to remove, as it was when it was looked at.
   *
   * @param oldest the time of its oldest entry; null if it has none
   */
  private record Candidate(
      long row,
      String name,
      long head,
      long floor,
      @Nullable Long oldest) {}

  private boolean trimChannels() {
    long behind = 0;
    while (!stopped.getAsBoolean()) {
      long from = behind;
      List<Candidate> some = transactions.read(connection -> candidates(connection, from));
      for (Candidate candidate : some) {
        behind = candidate.row();
        ChannelName name = new ChannelName(candidate.name());
        if (worthALook(candidate, retention.of(name)) && !trim(name)) {
          return false;
        }
      }
      if (some.size() < CHANNELS) {
        return true;
      }
    }
    return false;
  }

  private List<Candidate> candidates(Connection connection, long behind) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(candidates(dialect))) {
      query.setLong(1, behind);
      List<Candidate> found = new ArrayList<>();
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          long at = rows.getLong("oldest");
          Long oldest = rows.wasNull() ? null : at;
          found.add(new Candidate(
              rows.getLong("id"),
              rows.getString("name"),
              rows.getLong("head"),
              rows.getLong("floor"),
              oldest));
        }
      }
      return found;
    }
  }

  private boolean worthALook(Candidate channel, Keep keep) {
    if (channel.oldest() == null || channel.oldest() >= settledBefore()) {
      return false;
    }
    boolean many = keep.entries().isPresent()
        && channel.head() - channel.floor() > keep.entries().getAsLong();
    boolean old =
        keep.age().isPresent() && channel.oldest() < now.minus(keep.age().get()).toEpochMilli();
    return many || old;
  }

  private long settledBefore() {
    return now.minus(Retention.SETTLED).toEpochMilli();
  }

  /** False if it was stopped. */
  private boolean trim(ChannelName name) {
    long before = entries;
    boolean more = true;
    while (more) {
      if (stopped.getAsBoolean()) {
        return false;
      }
      Bite bite = committed(connection -> bite(connection, name)).orElse(Bite.NOTHING);
      entries += bite.removed();
      held += bite.held();
      more = bite.removed() == BITE;
    }
    if (entries > before) {
      channels++;
    }
    return true;
  }

  private record Bite(int removed, int held) {
    static final Bite NOTHING = new Bite(0, 0);
  }

  private Transactions.Prepared<Bite> bite(Connection connection, ChannelName name)
      throws SQLException {
    Locked locked = dialect.lock(connection, Set.of(name), Duration.ZERO, Optional.empty());
    ChannelRow channel = locked.rows().get(name);
    if (channel == null) {
      return prepared(new Bite(0, locked.held().size()), false);
    }
    Optional<Cursor> last = last(connection, channel);
    if (last.isEmpty()) {
      return prepared(Bite.NOTHING, false);
    }
    long upTo = last.get().seq();
    try (PreparedStatement remember = connection.prepareStatement(dialect.rememberKeys())) {
      remember.setLong(1, channel.row());
      remember.setLong(2, channel.floor());
      remember.setLong(3, upTo);
      remember.setLong(4, now.minus(keyLife).toEpochMilli());
      remember.executeUpdate();
    }
    try (PreparedStatement move = connection.prepareStatement(FLOOR)) {
      move.setLong(1, upTo);
      move.setString(2, last.get().id().orElseThrow().value());
      move.setLong(3, channel.row());
      move.executeUpdate();
    }
    try (PreparedStatement remove = connection.prepareStatement(REMOVE)) {
      remove.setLong(1, channel.row());
      remove.setLong(2, channel.floor());
      remove.setLong(3, upTo);
      return prepared(new Bite(remove.executeUpdate(), 0), true);
    }
  }

  /** The last entry of the channel that this bite removes. */
  private Optional<Cursor> last(Connection connection, ChannelRow channel) throws SQLException {
    Keep keep = retention.of(channel.name());
    long head = channel.cursor().seq();
    long tooMany = keep.entries().isPresent() ? head - keep.entries().getAsLong() : 0;
    long tooOld =
        keep.age().isPresent() ? now.minus(keep.age().get()).toEpochMilli() : Long.MIN_VALUE;
    Optional<Cursor> last = Optional.empty();
    try (PreparedStatement query = connection.prepareStatement(oldest(dialect))) {
      query.setLong(1, channel.row());
      query.setLong(2, channel.floor());
      query.setLong(3, channel.floor() + BITE);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          long seq = rows.getLong("seq");
          long at = rows.getLong("at");
          // The log is removed from its old end: what is kept keeps all that stands behind it.
          if (at >= settledBefore() || (seq > tooMany && at >= tooOld)) {
            break;
          }
          last = Optional.of(Cursor.of(seq, new EntryId(rows.getString("id"))));
        }
      }
    }
    return last;
  }

  private static <T> Transactions.Prepared<T> prepared(T done, boolean written) {
    // Stands for no channel; says whether there is something to commit.
    return new Transactions.Prepared<>(
        done, written ? Map.of(new ChannelName("chat_trim"), Cursor.START) : Map.of());
  }

  /** What was done; empty if nobody knows whether it was committed: then the next run looks again. */
  private <T> Optional<T> committed(Transactions.Work<T> work) {
    try {
      return Optional.of(transactions.write(work));
    } catch (OutcomeUnknownException unknown) {
      return Optional.empty();
    }
  }
}
