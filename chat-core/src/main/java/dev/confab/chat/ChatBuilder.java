package dev.confab.chat;

import dev.confab.chat.internal.engine.Engine;
import dev.confab.chat.internal.engine.OwnThreads;
import dev.confab.chat.internal.engine.Settings;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.local.NoBackplane;
import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.AccessPolicies;
import dev.confab.chat.spi.AccessPolicy;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.spi.Backplane;
import dev.confab.chat.spi.ChatListener;
import dev.confab.chat.spi.Interceptor;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.OpHandler;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Collects what a chat is made of. Only the authenticator has no default. Not for several threads at once. */
public final class ChatBuilder {
  /** Ops that are ours, or reserved for later. */
  private static final Set<String> RESERVED = Set.of(
      "ping",
      "pong",
      "auth",
      "logout",
      "subscribe",
      "unsubscribe",
      "sendtoroom",
      "sendtouser",
      "sendbroadcast",
      "publish",
      "signal",
      "history",
      "presence",
      "read");

  private @Nullable Authenticator authenticator;
  private AccessPolicy access = AccessPolicies.openRooms();
  private final Map<String, AccessPolicy> accessByPrefix = new HashMap<>();
  private final List<ChannelKind> kinds = new ArrayList<>();
  private final List<Interceptor> interceptors = new ArrayList<>();
  private final List<ChatListener> listeners = new ArrayList<>();
  private final Map<String, OpHandler> ops = new HashMap<>();
  private final Set<String> opsBeforeLogin = new HashSet<>();
  private @Nullable MessageStore store;
  private @Nullable Backplane backplane;
  private Limits limits = Limits.defaults();
  private Optional<ChannelName> onlineCounts = Optional.empty();
  private int doorThreads = 64;
  private @Nullable Executor doors;

  ChatBuilder() {}

  /** Who says who somebody is. Required. */
  public ChatBuilder authenticator(Authenticator newAuthenticator) {
    authenticator = newAuthenticator;
    return this;
  }

  /** Who may do what; {@link AccessPolicies#openRooms()} by default. */
  public ChatBuilder access(AccessPolicy policy) {
    access = policy;
    return this;
  }

  /** Who may do what in channels whose names begin so; the longest prefix decides. */
  public ChatBuilder access(String prefix, AccessPolicy policy) {
    accessByPrefix.put(prefix, policy);
    return this;
  }

  /** How channels whose names share a prefix behave. */
  public ChatBuilder channels(ChannelKind kind) {
    kinds.add(kind);
    return this;
  }

  /** Sees what is about to be recorded; several are asked in the order they were added. */
  public ChatBuilder interceptor(Interceptor interceptor) {
    interceptors.add(interceptor);
    return this;
  }

  /** Is told what happened. */
  public ChatBuilder listener(ChatListener listener) {
    listeners.add(listener);
    return this;
  }

  /** An op of the application's own, for who is logged in. Our own ops can not be replaced. */
  public ChatBuilder on(String op, OpHandler handler) {
    if (op.isBlank() || op.length() > 64 || RESERVED.contains(op)) {
      throw new IllegalArgumentException(
          "an own op needs a name of at most 64 characters that is not one of " + RESERVED
              + ", got " + op);
    }
    if (ops.putIfAbsent(op, handler) != null) {
      throw new IllegalArgumentException("op " + op + " is set twice");
    }
    return this;
  }

  /** An op of the application's own that works before login, too, as a registration has to. */
  public ChatBuilder onBeforeLogin(String op, OpHandler handler) {
    on(op, handler);
    opsBeforeLogin.add(op);
    return this;
  }

  /** Where messages are kept; in memory by default. The chat closes it when it is closed. */
  public ChatBuilder store(MessageStore newStore) {
    store = newStore;
    return this;
  }

  /** What carries news to other nodes; none by default: they look into the store every second anyway. */
  public ChatBuilder backplane(Backplane newBackplane) {
    backplane = newBackplane;
    return this;
  }

  /** The bounds. */
  public ChatBuilder limits(Limits newLimits) {
    limits = newLimits;
    return this;
  }

  /**
   * A channel whose subscribers are told how many users and connections are online on this node: a signal {@code
   * {"connections":7,"users":5}} when that has changed or somebody subscribed, at most once a second. None by default.
   */
  public ChatBuilder onlineCounts(ChannelName channel) {
    onlineCounts = Optional.of(channel);
    return this;
  }

  /** How many threads call the application; 64 by default. */
  public ChatBuilder doorThreads(int threads) {
    if (threads < 1 || threads > 10_000) {
      throw new IllegalArgumentException(
          "doorThreads must be at least 1 and at most 10000, got " + threads);
    }
    doorThreads = threads;
    return this;
  }

  /** What calls the application, instead of threads of our own; one of virtual threads, say. It is not ended with the chat. */
  public ChatBuilder doors(Executor executor) {
    doors = executor;
    return this;
  }

  /** The chat, started. {@link IllegalStateException} if there is no authenticator. */
  public Chat build() {
    if (authenticator == null) {
      throw new IllegalStateException("a chat needs an authenticator: who says who somebody is");
    }
    MessageStore kept = store != null ? store : InMemoryMessageStore.create();
    Settings settings = new Settings(
        authenticator,
        access,
        accessByPrefix,
        kinds,
        interceptors,
        listeners,
        ops,
        opsBeforeLogin,
        kept,
        !(kept instanceof InMemoryMessageStore),
        backplane != null ? backplane : new NoBackplane(),
        limits,
        onlineCounts);
    OwnThreads threads = new OwnThreads(limits, doorThreads, Optional.ofNullable(doors));
    return new Chat(new Engine(settings, threads, new SecureRandom()));
  }
}
