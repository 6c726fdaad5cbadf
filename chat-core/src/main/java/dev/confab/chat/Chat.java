package dev.confab.chat;

import dev.confab.chat.internal.command.Failures;
import dev.confab.chat.internal.engine.Engine;
import dev.confab.chat.internal.hub.HostFollower;
import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.hub.Pin;
import dev.confab.chat.internal.hub.Reach;
import dev.confab.chat.internal.journal.Journal;
import dev.confab.chat.internal.journal.JournalCounters;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A running chat, and what the host can do with it.
 *
 * <pre>{@code
 * Chat chat = Chat.builder()
 *     .authenticator(credentials -> users.verify(credentials))
 *     .store(JdbiMessageStore.create(dataSource))
 *     .build();
 * ChatEndpoint.install(serverContainer, "/chat", chat);
 * chat.publish(ChannelName.of("room_101"), "hello, world!");
 * }</pre>
 *
 * <p><b>Threads.</b> Any thread may call any method. Methods that wait for the store say so; they may be called from ops,
 * policies and authenticators, too, on every door thread at once.
 *
 * <p><b>Errors.</b> What can not be done is refused with {@link RefusedException}, whose code says whether to try again.
 */
public final class Chat implements AutoCloseable {
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

  private final Engine engine;

  Chat(Engine engine) {
    this.engine = engine;
  }

  /** A builder of a chat. */
  public static ChatBuilder builder() {
    return new ChatBuilder();
  }

  /** What transports hand new connections to. */
  public Acceptor acceptor() {
    return engine.intake();
  }

  // Saying something that is recorded.

  /** Says this text in a channel, in the host's own name. As {@link #publish(ChannelName, Json, SendKey)} without key. */
  public Receipt publish(ChannelName channel, String text) {
    return publish(channel, Json.string(text));
  }

  /** Says this in a channel, in the host's own name. As {@link #publish(ChannelName, Json, SendKey)} without key. */
  public Receipt publish(ChannelName channel, Json data) {
    return wait(append(channel, data, Optional.empty()));
  }

  /**
   * Says something in a channel, in the host's own name, and returns once it is committed and numbered. The same key is
   * recorded once, however often this is called and on whatever node.
   *
   * @throws RefusedException {@code too_large}, {@code rejected} by an interceptor, {@code overloaded}, {@code
   *     store_unavailable}: nothing was recorded; {@code outcome_unknown}: repeat with the same key; {@code bad_args} for a
   *     channel without log, and on a thread that has a transaction open which this would wait for: see {@link #draft}
   */
  public Receipt publish(ChannelName channel, Json data, SendKey key) {
    return wait(append(channel, data, Optional.of(key)));
  }

  /** Says something to a user, wherever the user is or will be: in the user's own channel. */
  public Receipt publish(UserId user, Json data) {
    return publish(ChannelName.user(user), data);
  }

  /** As {@link #publish(UserId, Json)}, with a key. */
  public Receipt publish(UserId user, Json data, SendKey key) {
    return publish(ChannelName.user(user), data, key);
  }

  /**
   * As {@link #publish(ChannelName, Json, SendKey)}, without waiting. Interceptors are still asked on this thread. What is
   * chained to the result runs on a door thread; an op that waits for it should call {@code publish} instead.
   */
  public CompletionStage<Receipt> publishLater(
      ChannelName channel, Json data, Optional<SendKey> key) {
    return append(channel, data, key)
        .handleAsync(
            (receipt, failure) -> {
              if (failure != null) {
                throw new CompletionException(cause(failure));
              }
              return receipt;
            },
            engine.threads().doors())
        .minimalCompletionStage();
  }

  /**
   * A message for a transaction of the host's own, in the host's own name: what {@link #publish(ChannelName, Json)} would
   * record, not recorded. Give it to a store that takes part in such transactions, as {@code JdbiMessageStore.append} does.
   * Interceptors are asked on this thread; nothing waits for the store.
   *
   * @throws RefusedException {@code too_large}, {@code rejected} by an interceptor, {@code bad_args} for a channel without
   *     log
   */
  public Draft draft(ChannelName channel, Json data) {
    return item(channel, data, Optional.empty()).draft();
  }

  /** As {@link #draft(ChannelName, Json)}, with a key: recorded once, however often a draft with it is given to a store. */
  public Draft draft(ChannelName channel, Json data, SendKey key) {
    return item(channel, data, Optional.of(key)).draft();
  }

  private Item item(ChannelName channel, Json data, Optional<SendKey> key) {
    requireLog(channel);
    try {
      return engine.drafting().fromHost(channel, Optional.empty(), key, data);
    } catch (RuntimeException e) {
      throw new RefusedException(Failures.of(e));
    }
  }

  /** Who waits here for what only ends behind it waits for nothing. */
  private void requireNoTransaction() {
    Optional<String> objection = engine.objection();
    if (objection.isPresent()) {
      throw new RefusedException(ErrorCode.BAD_ARGS, objection.get());
    }
  }

  /** Done by the journal; nothing but waking a waiting thread or handing over may hang on it. */
  private CompletableFuture<Receipt> append(ChannelName channel, Json data, Optional<SendKey> key) {
    requireNoTransaction();
    Item item = item(channel, data, key);
    CompletableFuture<Receipt> outcome = new CompletableFuture<>();
    engine.journal().append(item, new Journal.Settled() {
      @Override
      public Optional<Outlet> recorded(Receipt receipt) {
        outcome.complete(receipt);
        return Optional.empty();
      }

      @Override
      public void refused(Refusal refusal) {
        outcome.completeExceptionally(new RefusedException(refusal));
      }
    });
    return outcome;
  }

  private void requireLog(ChannelName channel) {
    if (engine.kinds().ephemeral(channel)) {
      throw new RefusedException(
          ErrorCode.BAD_ARGS, channel + " keeps no log: use announce or signal there");
    }
  }

  /**
   * Takes the data of an entry away, for every later reader, and records that it was; clients that know {@code redacted}
   * events are told. Waits for the commit.
   *
   * @return false if there is no such entry, or its data is gone already
   */
  public boolean redact(ChannelName channel, long seq) {
    requireNoTransaction();
    CompletableFuture<Boolean> outcome = new CompletableFuture<>();
    engine.journal().redact(channel, seq, engine.drafting().newId(), new Journal.Redacted() {
      @Override
      public Optional<Outlet> recorded(Receipt receipt) {
        outcome.complete(true);
        return Optional.empty();
      }

      @Override
      public void absent() {
        outcome.complete(false);
      }

      @Override
      public void refused(Refusal refusal) {
        outcome.completeExceptionally(new RefusedException(refusal));
      }
    });
    return wait(outcome);
  }

  // Saying something that is not recorded.

  /** Says something in a channel without log: delivered at most once, to who is subscribed on this node. */
  public SignalCount announce(ChannelName channel, Json data) {
    if (!engine.kinds().ephemeral(channel)) {
      throw new RefusedException(ErrorCode.BAD_ARGS, channel + " keeps a log: use publish there");
    }
    Instant at = engine.threads().time().now().truncatedTo(ChronoUnit.MILLIS);
    return tell(channel, new Event.Unlogged(channel, Optional.empty(), at, data), any -> true);
  }

  /**
   * Sends a signal to the subscribers of a channel on this node, but for these connections. Not recorded, bounded, dropped
   * for who is behind.
   */
  public SignalCount signal(ChannelName channel, Json data, Set<ConnectionId> except) {
    Set<ConnectionId> excluded = Set.copyOf(except);
    return tell(channel, signalEvent(channel, data), connection -> !excluded.contains(connection));
  }

  /** Sends a signal to the subscribers of a channel on this node. */
  public SignalCount signal(ChannelName channel, Json data) {
    return signal(channel, data, Set.of());
  }

  /**
   * Sends a signal to these connections of this node, whatever they are subscribed to.
   *
   * @param channel the channel the signal names
   */
  public SignalCount signalTo(
      Collection<ConnectionId> connections, ChannelName channel, Json data) {
    Event event = signalEvent(channel, data);
    int given = 0;
    int dropped = 0;
    for (ConnectionId id : Set.copyOf(connections)) {
      Session session = engine.sessions().find(id);
      if (session == null) {
        dropped++;
        continue;
      }
      Optional<Frame> frame = session.outlet().dialect().encode(event).map(Frame::of);
      if (frame.isPresent()) {
        session.outlet().signalSoon(null, channel, frame.get());
        given++;
      }
    }
    return new SignalCount(given, dropped);
  }

  private Event signalEvent(ChannelName channel, Json data) {
    if (data.bytes() > engine.limits().hostDataBytes()) {
      throw new RefusedException(
          ErrorCode.TOO_LARGE,
          "data may have " + engine.limits().hostDataBytes() + " bytes, got " + data.bytes());
    }
    return new Event.Signalled(channel, Optional.empty(), engine.hub().headHere(channel), data);
  }

  private SignalCount tell(ChannelName channel, Event event, Predicate<ConnectionId> to) {
    Reach reach = wait(engine.hub().tell(channel, event, to));
    return new SignalCount(reach.given(), reach.dropped());
  }

  // Reading.

  /**
   * Follows a channel's log from behind this cursor: in order, at the consumer's own pace, across restarts if the host keeps
   * {@link Following#position}. Waits for the store if the channel is not open yet.
   */
  public Following follow(ChannelName channel, Cursor from, LogConsumer consumer) {
    requireLog(channel);
    Pin pin = wait(engine.hub().pin(List.of(channel))).get(0);
    return new Following(engine.hub().follow(pin, from, engine.threads().doors(), told -> {
      if (told instanceof HostFollower.Told.Recorded recorded) {
        consumer.recorded(recorded.entry());
      } else if (told instanceof HostFollower.Told.Reset reset) {
        consumer.reset(reset.channel(), reset.head());
      } else if (told instanceof HostFollower.Told.Trimmed trimmed) {
        consumer.trimmed(trimmed.channel(), trimmed.range());
      }
    }));
  }

  /**
   * The newest entries before this number, ascending; {@link Long#MAX_VALUE} for the newest of all. Waits for the store.
   *
   * @param limit 1 to 1,000
   */
  public Page history(ChannelName channel, long before, int limit) {
    return read(channel, new Position.BeforeSeq(before), limit);
  }

  /** The entries behind this cursor, ascending. Waits for the store. */
  public Page historyAfter(ChannelName channel, Cursor after, int limit) {
    return read(channel, new Position.After(after), limit);
  }

  private Page read(ChannelName channel, Position position, int limit) {
    if (limit < 1 || limit > 1_000) {
      throw new IllegalArgumentException("limit must be at least 1 and at most 1000, got " + limit);
    }
    return wait(engine.hub().read(channel, position, limit, engine.limits().historyReplyBytes()));
  }

  /**
   * Who is subscribed to a channel on this node, in the order of their ids.
   *
   * @param after the last id of the page before; empty for the first page
   */
  public Result.PresencePage present(ChannelName channel, Optional<UserId> after, int limit) {
    return engine.hub().presence(channel, after.map(UserId::value), limit);
  }

  // Sessions.

  /** The sessions of a user on this node, oldest login first. */
  public List<SessionInfo> sessions(UserId user) {
    return engine.sessions().of(user).stream().map(Chat::info).toList();
  }

  /** The session of a connection of this node; empty if it is gone. */
  public Optional<SessionInfo> session(ConnectionId connection) {
    return Optional.ofNullable(engine.sessions().find(connection)).map(Chat::info);
  }

  private static SessionInfo info(Session session) {
    return new SessionInfo(session.id(), session.identity(), session.address(), session.channels());
  }

  /**
   * Subscribes a connection of this node to a channel, from its newest entry on; the access policy is not asked. Waits for
   * the store if the channel is not open yet.
   *
   * @return false if the connection is gone, not logged in, or subscribed already
   */
  public boolean subscribe(ConnectionId connection, ChannelName channel) {
    Session session = engine.sessions().find(connection);
    Optional<Identity> identity = session == null ? Optional.empty() : session.identity();
    if (session == null || identity.isEmpty() || session.subscription(channel) != null) {
      return false;
    }
    if (session.subscriptionCount() >= engine.limits().channelsPerConnection()) {
      throw new RefusedException(ErrorCode.TOO_MANY_CHANNELS);
    }
    Pin pin = wait(engine.hub().pin(List.of(channel))).get(0);
    int dialect = engine.dialects().indexOf(session.outlet().dialect());
    Hub.Prepared prepared =
        engine.hub().prepare(pin, session, dialect, identity.get().user(), pin.head(), -1, 0);
    return prepared.start();
  }

  /** Ends a subscription of a connection of this node; false if there was none. */
  public boolean unsubscribe(ConnectionId connection, ChannelName channel) {
    Session session = engine.sessions().find(connection);
    return session != null && session.remove(channel).isPresent();
  }

  /** Ends a connection of this node, with a reason; false if it is gone. */
  public boolean close(ConnectionId connection, CloseReason reason) {
    Session session = engine.sessions().find(connection);
    if (session == null) {
      return false;
    }
    session.end(reason);
    return true;
  }

  /** Ends all connections of a user on this node, with a reason; says how many there were. */
  public int close(UserId user, CloseReason reason) {
    List<Session> sessions = engine.sessions().of(user);
    sessions.forEach(session -> session.end(reason));
    return sessions.size();
  }

  // The whole.

  /** How it does. */
  public ChatCounters counters() {
    Hub.Counters hub = engine.hub().counters();
    JournalCounters journal = engine.journal().counters();
    return new ChatCounters(
        engine.sessions().count(),
        engine.sessions().users(),
        engine.intake().accepted(),
        hub.channels(),
        hub.live(),
        hub.catchingUp(),
        journal.recorded(),
        journal.duplicates(),
        journal.appends(),
        hub.delivered(),
        engine.intake().refused(),
        journal.drafts(),
        journal.bytes(),
        hub.tailBytes(),
        engine.reads().pageBytes() + engine.reads().shelvedBytes(),
        engine.reads().pages(),
        engine.flights().bytesInFlight(),
        engine.flights().writtenBytes(),
        engine.flights().writes(),
        engine.flights().droppedSignals(),
        engine.happenings().dropped());
  }

  /** As {@link #close(Duration)} with 10 seconds. */
  @Override
  public void close() {
    close(CLOSE_WITHIN);
  }

  /**
   * Takes no more connections and commands, lets what was begun end, says {@code bye}, closes every connection with 4000,
   * closes the store, and gives back every thread, all within about this time. Closing again does nothing.
   */
  public void close(Duration within) {
    engine.close(within);
  }

  private <T> T wait(CompletableFuture<T> outcome) {
    try {
      if (!outcome.isDone()) {
        CompletableFuture.anyOf(outcome, engine.closed()).join();
      }
      if (!outcome.isDone()) {
        // The threads that would have done it are gone.
        throw new RefusedException(ErrorCode.UNAVAILABLE, "the chat is closed");
      }
      return outcome.join();
    } catch (CompletionException e) {
      Throwable cause = cause(e);
      throw cause instanceof RefusedException refused
          ? new RefusedException(refused.refusal())
          : new RefusedException(Failures.ofStore(cause));
    }
  }

  private static Throwable cause(Throwable failure) {
    @Nullable Throwable cause = failure instanceof CompletionException ? failure.getCause() : null;
    return cause == null ? failure : cause;
  }
}
