package dev.confab.chat.webhooks;

import dev.confab.chat.model.Json;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Requests as webman/push makes them: channels alone, and a signature of the body in hexadecimal. Its secret is never printed. */
final class PusherForm {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int LEAST_CHARS = 16;

  private final String key;
  private final SecretKeySpec secret;

  PusherForm(String key, String secret) {
    if (!key.matches("[A-Za-z0-9_-]{1,64}")) {
      throw new IllegalArgumentException(
          "an app key has 1 to 64 letters, digits, underscores and hyphens, got " + key);
    }
    if (secret.length() < LEAST_CHARS) {
      throw new IllegalArgumentException(
          "an app secret has at least " + LEAST_CHARS + " characters, got " + secret.length());
    }
    this.key = key;
    this.secret = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
  }

  String key() {
    return key;
  }

  String body(List<Notice> notices, Instant at) {
    StringBuilder events = new StringBuilder("[");
    for (Notice notice : notices) {
      if (notice.about() instanceof Notice.About.Channel channel) {
        events
            .append(events.length() > 1 ? "," : "")
            .append("{\"channel\":")
            .append(Json.string(channel.name().value()).text())
            .append(",\"name\":\"")
            .append(notice.came() ? "channel_added" : "channel_removed")
            .append("\"}");
      }
    }
    return "{\"time_ms\":" + at.toEpochMilli() + ",\"events\":" + events.append("]}");
  }

  String sign(String body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      // Every Java has it.
      throw new IllegalStateException(e);
    }
  }
}
