package dev.confab.chat.server.api;

import java.time.Duration;

/**
 * How often a key may be used: so many calls at once, and that many more in each period, spread evenly over it. A batch counts as
 * many as it has messages.
 *
 * @param calls 1 to 1,000,000
 * @param per 1 s to 1 day
 */
public record RateLimit(int calls, Duration per) {
  /** 600 calls in a minute. */
  public static final RateLimit DEFAULT = new RateLimit(600, Duration.ofMinutes(1));

  /** Refuses what is out of range with {@link IllegalArgumentException}. */
  public RateLimit {
    if (calls < 1 || calls > 1_000_000) {
      throw new IllegalArgumentException(
          "calls must be at least 1 and at most 1000000, got " + calls);
    }
    if (per.compareTo(Duration.ofSeconds(1)) < 0 || per.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("per must be at least PT1S and at most PT24H, got " + per);
    }
  }

  /** Reads {@code 600/60s}. */
  static RateLimit parse(String text) {
    if (!text.matches("[0-9]{1,7}/[0-9]{1,5}s")) {
      throw new IllegalArgumentException("a rate is written as 600/60s, got " + text);
    }
    int slash = text.indexOf('/');
    return new RateLimit(
        Integer.parseInt(text.substring(0, slash)),
        Duration.ofSeconds(Long.parseLong(text.substring(slash + 1, text.length() - 1))));
  }

  @Override
  public String toString() {
    return calls + "/" + per.toSeconds() + "s";
  }
}
