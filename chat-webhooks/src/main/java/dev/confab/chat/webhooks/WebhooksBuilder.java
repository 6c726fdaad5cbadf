package dev.confab.chat.webhooks;

import dev.confab.chat.model.ChannelName;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** Collects what webhooks need. Not for several threads at once. */
public final class WebhooksBuilder {
  final URI endpoint;
  final List<WebhookSecret> secrets = new ArrayList<>();
  Optional<PusherForm> pusher = Optional.empty();
  Predicate<ChannelName> channels = any -> true;
  Duration settle = Duration.ofSeconds(3);
  int queue = 10_000;
  Duration patience = Duration.ofSeconds(10);
  Duration firstRetry = Duration.ofSeconds(1);
  Duration slowestRetry = Duration.ofMinutes(5);
  Duration giveUpAfter = Duration.ofHours(24);
  Duration closeWithin = Duration.ofSeconds(10);

  WebhooksBuilder(URI endpoint) {
    String scheme = endpoint.getScheme();
    String name = scheme == null ? "" : scheme.toLowerCase(Locale.ROOT);
    if (!(name.equals("http") || name.equals("https")) || endpoint.getHost() == null) {
      throw new IllegalArgumentException("a webhook goes to an http or https address with a host");
    }
    this.endpoint = endpoint;
  }

  /**
   * What requests are signed with. Required. May be called again: each request then bears a signature for each, so that a
   * receiver can change to another without missing one.
   */
  public WebhooksBuilder secret(WebhookSecret secret) {
    secrets.add(secret);
    return this;
  }

  /**
   * Requests in the form of webman/push, for receivers that know that one: {@code
   * {"time_ms":…,"events":[{"channel":"user-1","name":"channel_added"}]}} and {@code channel_removed}, of channels alone, with the
   * headers {@code X-Pusher-Key} and {@code X-Pusher-Signature}, the hexadecimal HMAC-SHA256 of the body. It takes the place of
   * {@link #secret}, and says nothing of events that were dropped.
   *
   * @param key the app's key: 1 to 64 letters, digits, underscores and hyphens
   * @param secret the app's secret: at least 16 characters; never logged
   */
  public WebhooksBuilder pusher(String key, String secret) {
    pusher = Optional.of(new PusherForm(key, secret));
    return this;
  }

  /** Of which channels it is told that they are occupied and vacated; all by default. Called on the chat's listener thread. */
  public WebhooksBuilder channels(Predicate<ChannelName> wanted) {
    channels = wanted;
    return this;
  }

  /**
   * How long it is held back that a user is offline or a channel vacated: who is back by then is told as neither; 3 s by
   * default, 0 to 1 h.
   */
  public WebhooksBuilder settle(Duration time) {
    settle = within("settle", time, Duration.ZERO, Duration.ofHours(1));
    return this;
  }

  /** How many events may wait to be accepted; beyond it new ones are dropped and counted; 10,000 by default, 1 to 10,000,000. */
  public WebhooksBuilder queue(int events) {
    if (events < 1 || events > 10_000_000) {
      throw new IllegalArgumentException(
          "queue must be at least 1 and at most 10000000, got " + events);
    }
    queue = events;
    return this;
  }

  /** How long a request may take, its answer included; 10 s by default, 10 ms to 10 min. */
  public WebhooksBuilder patience(Duration time) {
    patience = within("patience", time, Duration.ofMillis(10), Duration.ofMinutes(10));
    return this;
  }

  /**
   * How long to wait before a request that was not accepted is made again: the first time, and at most. Each wait is about
   * twice the one before; 1 s to 5 min by default, both 1 ms to 1 d.
   */
  public WebhooksBuilder retry(Duration first, Duration slowest) {
    firstRetry = within("first", first, Duration.ofMillis(1), Duration.ofDays(1));
    slowestRetry = within("slowest", slowest, first, Duration.ofDays(1));
    return this;
  }

  /** After how long a request that is not accepted is dropped and counted; 24 h by default, 1 ms to 30 d. */
  public WebhooksBuilder giveUpAfter(Duration time) {
    giveUpAfter = within("giveUpAfter", time, Duration.ofMillis(1), Duration.ofDays(30));
    return this;
  }

  /**
   * How long {@link Webhooks#close()} goes on sending what waits, trying again what is not accepted; what is left then is dropped,
   * counted and logged; 10 s by default, 0 to 10 min.
   */
  public WebhooksBuilder closeWithin(Duration time) {
    closeWithin = within("closeWithin", time, Duration.ZERO, Duration.ofMinutes(10));
    return this;
  }

  /**
   * The webhooks, started. Give them to {@code ChatBuilder.listener} and close them behind the chat.
   *
   * @throws IllegalStateException without a secret, or with both kinds
   */
  public Webhooks build() {
    if (secrets.isEmpty() == pusher.isEmpty()) {
      throw new IllegalStateException(
          "webhooks need a secret to sign with: WebhookSecret.generate() makes one; or an app's for"
              + " the form of Pusher, and then no other");
    }
    return Webhooks.start(this);
  }

  private static Duration within(String name, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          name + " must be at least " + least + " and at most " + most + ", got " + value);
    }
    return value;
  }
}
