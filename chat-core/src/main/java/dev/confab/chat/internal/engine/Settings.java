package dev.confab.chat.internal.engine;

import dev.confab.chat.internal.dialect.Dialects;
import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.AccessPolicy;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.spi.Backplane;
import dev.confab.chat.spi.ChatListener;
import dev.confab.chat.spi.Interceptor;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.OpHandler;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Everything a chat is built from, checked and complete. */
public record Settings(
    Authenticator authenticator,
    AccessPolicy access,
    Map<String, AccessPolicy> accessByPrefix,
    List<ChannelKind> kinds,
    List<Interceptor> interceptors,
    List<ChatListener> listeners,
    Map<String, OpHandler> ops,
    Set<String> opsBeforeLogin,
    MessageStore store,
    boolean watches,
    Backplane backplane,
    Limits limits,
    Optional<ChannelName> onlineCounts,
    Dialects dialects) {
  /** Copies its collections. */
  public Settings {
    accessByPrefix = Map.copyOf(accessByPrefix);
    kinds = List.copyOf(kinds);
    interceptors = List.copyOf(interceptors);
    listeners = List.copyOf(listeners);
    ops = Map.copyOf(ops);
    opsBeforeLogin = Set.copyOf(opsBeforeLogin);
  }
}
