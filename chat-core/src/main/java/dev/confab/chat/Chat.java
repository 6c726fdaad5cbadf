package dev.confab.chat;

import dev.confab.chat.internal.command.Failures;
import dev.confab.chat.internal.engine.Engine;
import dev.confab.chat.internal.hub.HostFollower;
import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.hub.Pin;
import dev.confab.chat.internal.journal.Journal;
import dev.confab.chat.internal.journal.JournalCounters;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

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
 * <p>It is told of and tells this node only: who is connected to another node is not in {@link #connections}, is sent no signal
 * from here and can not be sent away from here. What is published reaches everybody.
 *
 * <p><b>Threads.</b> Any thread may call any method. Methods that wait for the store say so; they may be called from ops,
 * policies and authenticators, too, on every door thread at once.
 *
 * <p><b>Errors.</b> What can not be done is refused with {@link RefusedException}, whose code says whether to try again.
 */
public final class Chat implements AutoCloseable {
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

  private final Engine engine;
  private final Waiting waiting;
  private final Delivery delivery;
  private final Connections connections;
  private final Users users;
  private final Channels channels;

  Chat(Engine engine) {
    this.engine = engine;
    this.waiting = new Waiting(engine);
    this.delivery = new Delivery(engine, waiting);
    this.connections = new Connections(engine, waiting);
    this.users = new Users(engine);
    this.channels = new Channels(engine);
  }

  /** A builder of a chat. */
  public static ChatBuilder builder() {
    return new ChatBuilder();
  }

  /** What transports hand new connections to. */
  public Acceptor acceptor() {
    return engine.intake();
  }

  // Who is there.

  /** The connections of this node. */
  public Connections connections() {
    return connections;
  }

  /** Who is logged in on this node. */
  public Users users() {
    return users;
  }

  /** The channels somebody is subscribed to on this node. */
  public Channels channels() {
    return channels;
  }

  // Saying something that is recorded.

  /** Says this text in a channel, in the host's own name. As {@link #publish(ChannelName, Json, SendKey)} without key. */
  public Receipt publish(ChannelName channel, String text) {
    return publish(channel, Json.string(text));
  }

  /** Says this in a channel, in the host's own name. As {@link #publish(ChannelName, Json, SendKey)} without key. */
  public Receipt publish(ChannelName channel, Json data) {
    return waiting.of(append(channel, data, Optional.empty()));
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
    return waiting.of(append(channel, data, Optional.of(key)));
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
                throw new CompletionException(Waiting.cause(failure));
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
    return waiting.of(outcome);
  }

  // Saying something that is not recorded.

  /** Says something in a channel without log: delivered at most once, to who is subscribed on this node. */
  public SignalCount announce(ChannelName channel, Json data) {
    if (!engine.kinds().ephemeral(channel)) {
      throw new RefusedException(ErrorCode.BAD_ARGS, channel + " keeps a log: use publish there");
    }
    return delivery.announce(channel, data);
  }

  /**
   * Sends a signal to connections of this node: not recorded, bounded, dropped for who is behind. Waits until it has been
   * handed to all of them, never for a client.
   *
   * @throws RefusedException {@code too_large} if it takes more than {@code Limits.signalBytes()} with what stands around
   *     its data
   */
  public SignalCount signal(Recipients to, Json data) {
    return delivery.signal(to, data);
  }

  /** Sends a signal to the subscribers of a channel on this node. */
  public SignalCount signal(ChannelName channel, Json data) {
    return signal(Recipients.channel(channel), data);
  }

  // Sending away.

  /**
   * Ends connections of this node with a reason, once what was to be told them before is written, or after two seconds.
   *
   * @return how many there were
   */
  public int disconnect(Recipients who, CloseReason reason) {
    return delivery.disconnect(who, reason, Optional.empty());
  }

  /**
   * As {@link #disconnect(Recipients, CloseReason)}, with a signal as the last thing they are told.
   *
   * @throws RefusedException {@code too_large}; nobody has been sent away then
   */
  public int disconnect(Recipients who, CloseReason reason, Json last) {
    return delivery.disconnect(who, reason, Optional.of(last));
  }

  /**
   * Ends connections of this node at once; what they had still to be told is forgotten.
   *
   * @return how many there were
   */
  public int cut(Recipients who, CloseReason reason) {
    return delivery.cut(who, reason);
  }

  // Reading.

  /**
   * Follows a channel's log from behind this cursor: in order, at the consumer's own pace, across restarts if the host keeps
   * {@link Following#position}. Waits for the store if the channel is not open yet.
   */
  public Following follow(ChannelName channel, Cursor from, LogConsumer consumer) {
    requireLog(channel);
    Pin pin = waiting.of(engine.hub().pin(List.of(channel))).get(0);
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
    return waiting.of(
        engine.hub().read(channel, position, limit, engine.limits().historyReplyBytes()));
  }

  // The whole.

  /** How it does. Costs the same however many connections and channels there are. */
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
}
