package dev.confab.chat.dialects;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What an application and this server share, and what is made of it. Never printed. For any thread. */
final class AppSecret {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int LEAST_CHARS = 16;

  private final String appKey;
  private final SecretKeySpec secret;

  AppSecret(String appKey, String secret) {
    if (!appKey.matches("[A-Za-z0-9_-]{1,64}")) {
      throw new IllegalArgumentException(
          "an app key has 1 to 64 letters, digits, underscores and hyphens, got " + appKey);
    }
    if (secret.length() < LEAST_CHARS) {
      throw new IllegalArgumentException(
          "an app secret has at least " + LEAST_CHARS + " characters, got " + secret.length());
    }
    this.appKey = appKey;
    this.secret = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
  }

  String appKey() {
    return appKey;
  }

  /** What a connection is called by its client and the application: nobody finds it from the connection's id. */
  String socketId(ConnectionId connection) {
    ByteBuffer bytes = ByteBuffer.wrap(mac("socket of " + connection.value()));
    return (bytes.getLong() >>> 1) + "." + (bytes.getLong() >>> 1);
  }

  /** True if the application has signed this, in constant time: how long it takes tells nothing of the right one. */
  boolean signed(String auth, String socketId, ChannelName channel, Optional<String> channelData) {
    String text =
        socketId + ":" + channel.value() + channelData.map(data -> ":" + data).orElse("");
    String expected = appKey + ":" + HexFormat.of().formatHex(mac(text));
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), auth.getBytes(StandardCharsets.UTF_8));
  }

  private byte[] mac(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      // Every Java has it.
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return "AppSecret[" + appKey + ", …]";
  }
}
