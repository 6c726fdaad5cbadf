package dev.confab.chat;

import dev.confab.chat.internal.dialect.ChatV1Dialect;
import dev.confab.chat.internal.dialect.Dialects;
import dev.confab.chat.internal.engine.Engine;
import dev.confab.chat.internal.engine.OwnThreads;
import dev.confab.chat.internal.engine.Settings;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.local.NoBackplane;
import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.PlainData;
import dev.confab.chat.spi.AccessPolicies;
import dev.confab.chat.spi.AccessPolicy;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.spi.Backplane;
import dev.confab.chat.spi.ChatListener;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Interceptor;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.OpHandler;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
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
  private final List<Dialect> dialects = new ArrayList<>();
  private final Map<String, Dialect> dialectsByPath = new LinkedHashMap<>();
  private PlainData plainData = PlainData.AS_SENT;

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

  /**
   * Another kind of client, that offers the dialect's subprotocol.
   *
   * @throws IllegalArgumentException if it has none, or another dialect has the same
   */
  public ChatBuilder dialect(Dialect dialect) {
    String name = dialect
        .manners()
        .subprotocol()
        .orElseThrow(
            () -> new IllegalArgumentException(
                "a dialect without subprotocol needs the path its clients ask for: dialect(path, dialect)"));
    if (name.equals(ChatV1Dialect.SUBPROTOCOL)
        || dialects.stream()
            .anyMatch(other -> other.manners().subprotocol().equals(Optional.of(name)))) {
      throw new IllegalArgumentException("two dialects have the subprotocol " + name);
    }
    dialects.add(dialect);
    return this;
  }

  /**
   * Another kind of client, that offers no subprotocol and asks for a path with this end; the longest such end decides. The
   * chat has to be installed at that path, too: {@code ChatEndpoint.install(container, "/message-center", chat)}.
   *
   * @param path begins with a slash, as it stands in the request: not decoded, without a query; {@code /} for clients that
   *     name a host and port alone
   * @throws IllegalArgumentException if it does not, or another dialect has the same
   */
  public ChatBuilder dialect(String path, Dialect dialect) {
    if (!path.startsWith("/") || !path.matches("[!-~&&[^?#]]+")) {
      throw new IllegalArgumentException(
          "a dialect's path begins with a slash and is as it stands in the request, got " + path);
    }
    if (dialectsByPath.putIfAbsent(path, dialect) != null) {
      throw new IllegalArgumentException("two dialects have the path " + path);
    }
    return this;
  }

  /** What {@code data} looks like to clients without subprotocol; {@link PlainData#AS_SENT} by default. */
  public ChatBuilder plainData(PlainData form) {
    plainData = form;
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
        onlineCounts,
        new Dialects(plainData, dialects, dialectsByPath));
    OwnThreads threads = new OwnThreads(limits, doorThreads, Optional.ofNullable(doors));
    return new Chat(new Engine(settings, threads, new SecureRandom()));
  }
}
