package dev.confab.chat.webhooks;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What a webhook's sender and receiver share, and what requests are signed with, as the Standard Webhooks specification says:
 * {@code whsec_} and 24 to 64 bytes in Base64. Never printed. Immutable.
 */
public final class WebhookSecret {
  private static final String PREFIX = "whsec_";
  private static final String VERSION = "v1,";
  private static final int LEAST_BYTES = 24;
  private static final int MOST_BYTES = 64;

  private final byte[] key;

  private WebhookSecret(byte[] key) {
    if (key.length < LEAST_BYTES || key.length > MOST_BYTES) {
      throw new IllegalArgumentException("a webhook secret must have at least " + LEAST_BYTES
          + " and at most " + MOST_BYTES + " bytes, got " + key.length);
    }
    this.key = key;
  }

  /**
   * The secret with this text.
   *
   * @throws IllegalArgumentException if it is not {@code whsec_} and Base64 of 24 to 64 bytes
   */
  public static WebhookSecret of(String text) {
    if (!text.startsWith(PREFIX)) {
      throw new IllegalArgumentException("a webhook secret begins with " + PREFIX);
    }
    byte[] key;
    try {
      key = Base64.getDecoder().decode(text.substring(PREFIX.length()));
    } catch (IllegalArgumentException e) {
      // Without the cause, whose message may quote a part of it.
      throw new IllegalArgumentException("a webhook secret is Base64 behind " + PREFIX);
    }
    return new WebhookSecret(key);
  }

  /** The text of a new secret; show it to the receiver and keep it. */
  public static String generate() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return PREFIX + Base64.getEncoder().encodeToString(key);
  }

  /** The signature of a request, as one element of its {@code webhook-signature} header. */
  String sign(String id, String timestamp, String body) {
    return VERSION + Base64.getEncoder().encodeToString(mac(id, timestamp, body));
  }

  /**
   * True if a request was signed with this secret, for the moment it came. For receivers: give the headers {@code webhook-id},
   * {@code webhook-timestamp}, {@code webhook-signature} and the body as they came; what is not there as an empty text.
   *
   * @param tolerance how far the clocks of sender and receiver may be apart, five minutes say; what is older may be a request
   *     that somebody recorded and sends again
   */
  public boolean signed(
      String id,
      String timestamp,
      String signatures,
      String body,
      Instant now,
      Duration tolerance) {
    Instant sent;
    try {
      sent = Instant.ofEpochSecond(Long.parseLong(timestamp));
    } catch (RuntimeException e) {
      return false;
    }
    if (Duration.between(sent, now).abs().compareTo(tolerance) > 0) {
      return false;
    }
    byte[] expected = sign(id, timestamp, body).getBytes(StandardCharsets.UTF_8);
    boolean found = false;
    for (String signature : List.of(signatures.split(" ", -1))) {
      // In constant time: how long it takes tells nothing of the right one.
      found |= MessageDigest.isEqual(expected, signature.getBytes(StandardCharsets.UTF_8));
    }
    return found;
  }

  private byte[] mac(String id, String timestamp, String body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal((id + "." + timestamp + "." + body).getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      // Every Java has it.
      throw new IllegalStateException(e);
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof WebhookSecret secret && MessageDigest.isEqual(secret.key, key);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(key);
  }

  @Override
  public String toString() {
    return "WebhookSecret[…]";
  }
}
