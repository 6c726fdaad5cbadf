package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What is kept of the log, for channels by the beginning of their name; the longest beginning that fits counts. What
 * retention removes it removes from the old end of a channel's log and openly: readers are told what is gone as
 * {@code trimmed}.
 *
 * <p>Nothing younger than a minute is removed, because a commit whose answer was lost may still be looked for.
 */
public final class Retention {
  /** What is kept whatever its number or age would say. */
  static final Duration SETTLED = Duration.ofMinutes(1);

  /** The longest age that can be asked for. */
  private static final Duration MOST = Duration.ofDays(36_500);

  private static final Retention EVERYTHING = new Retention(Map.of("", Keep.EVERYTHING));

  private final Map<String, Keep> kinds;

  private Retention(Map<String, Keep> kinds) {
    this.kinds = Map.copyOf(kinds);
  }

  /** Everything is kept for ever. */
  public static Retention everything() {
    return EVERYTHING;
  }

  /** The same with another rule for channels for which there is no other. */
  public Retention with(Keep keep) {
    return and("", keep);
  }

  /**
   * The same with another rule for channels whose names begin so.
   *
   * @param prefix 1 to 128 characters, as {@link ChannelName#ROOM_PREFIX}
   */
  public Retention with(String prefix, Keep keep) {
    if (prefix.isEmpty() || prefix.length() > ChannelName.MAX_CHARS) {
      throw new IllegalArgumentException(
          "prefix must have 1 to " + ChannelName.MAX_CHARS + " characters, got " + prefix.length());
    }
    return and(prefix, keep);
  }

  private Retention and(String prefix, Keep keep) {
    Map<String, Keep> more = new TreeMap<>(kinds);
    more.put(prefix, keep);
    return new Retention(more);
  }

  /** The rule for this channel. */
  public Keep of(ChannelName channel) {
    String name = channel.value();
    for (int length = name.length(); length > 0; length--) {
      Keep keep = kinds.get(name.substring(0, length));
      if (keep != null) {
        return keep;
      }
    }
    return Objects.requireNonNull(kinds.get(""));
  }

  /** True if nothing is ever removed. */
  boolean keepsEverything() {
    return kinds.values().stream().allMatch(Keep.EVERYTHING::equals);
  }

  /**
   * What is kept of one channel; what is too old or too far behind is removed.
   *
   * @param age entries so young; absent for any age; a minute to 36,500 days
   * @param entries so many of the newest entries, which are messages, copies and redactions; absent for any number; at least 0
   */
  public record Keep(Optional<Duration> age, OptionalLong entries) {
    /** Everything. */
    public static final Keep EVERYTHING = new Keep(Optional.empty(), OptionalLong.empty());

    /** Refuses an age and a number out of their range. */
    public Keep {
      if (age.isPresent() && (age.get().compareTo(SETTLED) < 0 || age.get().compareTo(MOST) > 0)) {
        throw new IllegalArgumentException("age must be 1 minute to 36500 days, got " + age.get());
      }
      if (entries.isPresent() && entries.getAsLong() < 0) {
        throw new IllegalArgumentException(
            "entries must be at least 0, got " + entries.getAsLong());
      }
    }

    /** What is not older than this. */
    public static Keep youngerThan(Duration age) {
      return new Keep(Optional.of(age), OptionalLong.empty());
    }

    /** So many of the newest. */
    public static Keep newest(long entries) {
      return new Keep(Optional.empty(), OptionalLong.of(entries));
    }

    /** The same, and only so many of the newest. */
    public Keep andNewest(long most) {
      return new Keep(age, OptionalLong.of(most));
    }
  }
}
