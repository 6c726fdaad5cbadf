package dev.confab.chat.model;

import java.util.Optional;

/**
 * The name of a channel: 1 to 128 characters without white space, control characters or lone surrogates, in normal form
 * C, compared exactly. A channel needs no creation: it exists once something was said in it or somebody listens.
 *
 * <p>The prefixes {@code room_} and {@code user_} and the name {@code broadcast} are the kinds every server has; an
 * application may use any other name.
 */
public record ChannelName(String value) implements Comparable<ChannelName> {
  /** The most characters a channel name may have. */
  public static final int MAX_CHARS = 128;

  /** What the name of a room begins with. */
  public static final String ROOM_PREFIX = "room_";

  /** What the name of a user's own channel begins with. */
  public static final String USER_PREFIX = "user_";

  /** The channel of announcements to everybody. */
  public static final ChannelName BROADCAST = new ChannelName("broadcast");

  /** Refuses what is not a channel name with {@link InvalidNameException}. */
  public ChannelName {
    Names.requireName("a channel name", value, MAX_CHARS);
  }

  /** The channel of this name. */
  public static ChannelName of(String value) {
    return new ChannelName(value);
  }

  /** A user's own channel, {@code user_<id>}, which only that user may read. */
  public static ChannelName user(UserId user) {
    return new ChannelName(USER_PREFIX + user.value());
  }

  /** True if this is a room, {@code room_<id>}. */
  public boolean isRoom() {
    return value.startsWith(ROOM_PREFIX) && value.length() > ROOM_PREFIX.length();
  }

  /** True if this is {@link #BROADCAST}. */
  public boolean isBroadcast() {
    return equals(BROADCAST);
  }

  /** The user whose own channel this is; empty for every other channel. */
  public Optional<UserId> owner() {
    return value.startsWith(USER_PREFIX) && value.length() > USER_PREFIX.length()
        ? Optional.of(new UserId(value.substring(USER_PREFIX.length())))
        : Optional.empty();
  }

  @Override
  public int compareTo(ChannelName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
