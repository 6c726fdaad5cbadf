package dev.confab.chat.examples.docs;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.webhooks.WebhookSecret;
import dev.confab.chat.webhooks.Webhooks;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;

/** A chat that tells another server who is online, and what that server does first. */
public final class OnlineHooks implements AutoCloseable {
  private final Webhooks webhooks;
  private final Chat chat;

  /** Starts both. */
  public OnlineHooks(URI endpoint, String secret, Authenticator users) {
    // docs:begin webhooks
    webhooks = Webhooks.to(endpoint)
        .secret(WebhookSecret.of(secret)) // whsec_…; WebhookSecret.generate() makes one
        .channels(ChannelName::isRoom)
        .build();
    chat = Chat.builder().authenticator(users).listener(webhooks).build();
    // docs:end webhooks
  }

  /** The chat. */
  public Chat chat() {
    return chat;
  }

  // docs:begin close
  @Override
  public void close() {
    chat.close();
    webhooks.close(); // behind the chat: until then events come
  }

  // docs:end close

  /** What a receiver in Java asks before it believes a request. */
  // docs:begin receive
  public static boolean genuine(
      String secret, String id, String timestamp, String signature, String body) {
    return WebhookSecret.of(secret)
        .signed(id, timestamp, signature, body, Instant.now(), Duration.ofMinutes(5));
  }
  // docs:end receive
}
