package dev.confab.chat.model;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How channels whose names share a prefix behave. Without one a channel has a log, takes data as large as the limits
 * allow and is written to at any rate.
 *
 * @param prefix what the names begin with
 * @param ephemeral true for channels without log: delivered at most once, never recorded
 * @param dataBytes the most bytes of data a client may send there; absent for the general limit
 * @param rate how often one connection may send there; absent for no bound
 * @param copies false if direct messages to channels of this kind leave no copy on the sender's own channel
 */
public record ChannelKind(
    String prefix, boolean ephemeral, OptionalInt dataBytes, Optional<Rate> rate, boolean copies) {
  /** Refuses an empty or overlong prefix and limits below 1. */
  public ChannelKind {
    Names.requireName("a channel kind's prefix", prefix, ChannelName.MAX_CHARS);
    if (dataBytes.isPresent() && dataBytes.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "dataBytes must be at least 1, got " + dataBytes.getAsInt());
    }
  }

  /** A kind that differs from the general rules in nothing yet. */
  public static ChannelKind of(String prefix) {
    return new ChannelKind(prefix, false, OptionalInt.empty(), Optional.empty(), true);
  }

  /** The same without log. */
  public ChannelKind withoutLog() {
    return new ChannelKind(prefix, true, dataBytes, rate, copies);
  }

  /** The same with a bound on what a client sends at once. */
  public ChannelKind withDataBytes(int bytes) {
    return new ChannelKind(prefix, ephemeral, OptionalInt.of(bytes), rate, copies);
  }

  /** The same with a bound on how often one connection sends. */
  public ChannelKind withRate(int messages, Duration per) {
    return new ChannelKind(
        prefix, ephemeral, dataBytes, Optional.of(new Rate(messages, per)), copies);
  }

  /** The same without copies of direct messages. */
  public ChannelKind withoutCopies() {
    return new ChannelKind(prefix, ephemeral, dataBytes, rate, false);
  }

  /**
   * So many messages in so long a time; as many may come at once.
   *
   * @param messages at least 1
   * @param per at least a millisecond
   */
  public record Rate(int messages, Duration per) {
    /** Refuses what is no rate. */
    public Rate {
      if (messages < 1 || per.toMillis() < 1) {
        throw new IllegalArgumentException(
            "a rate is at least 1 message per millisecond or longer");
      }
    }
  }
}
