package dev.confab.chat.server.api;

import dev.confab.chat.Chat;
import dev.confab.chat.SessionInfo;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Inbound;
import dev.confab.chat.spi.OpHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What clients send, for workers in other processes: a named queue, as connmix has them, but acknowledged.
 *
 * <pre>{@code
 * WorkQueue orders = WorkQueue.named("orders").build();
 * Chat chat = Chat.builder().authenticator(…).on("order", orders.op("order")).build();
 * ServerApi api = ServerApi.builder(chat).keys(keys).queue(orders).build();
 * ChatEndpoint.install(container, "/chat", orders.feeding(chat.acceptor()));
 * }</pre>
 *
 * <p>What is promised, as long as this process lives:
 *
 * <ol>
 *   <li>QUEUE-1: a record that was taken is handed to a worker until one has acknowledged it, or until it was handed out in vain
 *       as often as {@link Builder#handouts} allows: then it is set aside, that is counted, logged without its content, given to
 *       {@link Builder#onSetAside}, and no longer here. The client was answered success when it was taken, and else told {@code
 *       overloaded}.
 *   <li>QUEUE-2: the records of a connection are worked on in order: the next is handed out once the former is acknowledged or set
 *       aside.
 *   <li>QUEUE-3: a record whose worker is gone, or has not acknowledged in time, goes to another worker if there is one: at once
 *       the first time, later after a rest. Who let the time run out gets nothing more until it acknowledges or refuses something.
 *   <li>QUEUE-4: a connection's records are its handshake, what it sent, and its close; nothing comes behind its close.
 *   <li>QUEUE-5: the queue never holds more than its bounds, beside a handshake and a close for each connection that is open, or
 *       was when workers last knew of it.
 * </ol>
 *
 * <p>At least once, then: a worker that dies after it did the work and before it said so leaves the work to be done again. The
 * queue is in memory; a process that ends takes it along, and the connections that fed it.
 *
 * <p><b>Threads.</b> Any. Its lock is a leaf.
 */
public final class WorkQueue {
  /** When a record counts as done. */
  public enum Acknowledgement {
    /** When the worker says so. */
    BY_WORKER,
    /**
     * When it was written to the worker's socket: for connmix workers, which know no other way. What such a worker has read and
     * not done when it dies is lost. Records of one connection go to one worker as long as the workers stay the same.
     */
    BY_DELIVERY
  }

  private final String name;
  private final Acknowledgement acknowledgement;
  private final Line line;

  /** True once connections are followed from handshake to close. */
  private volatile boolean follows;

  /** Set when an API has this queue; asked who a connection was. */
  private volatile @Nullable Chat chat;

  private WorkQueue(Builder builder) {
    name = builder.name;
    acknowledgement = builder.acknowledgement;
    line = new Line(builder);
  }

  /** A builder of a queue with this name, by which workers ask for it. */
  public static Builder named(String name) {
    return new Builder(name);
  }

  /** Its name. */
  public String name() {
    return name;
  }

  boolean byDelivery() {
    return acknowledgement == Acknowledgement.BY_DELIVERY;
  }

  Line line() {
    return line;
  }

  void serve(Chat served) {
    chat = served;
  }

  /**
   * An op whose every call goes into this queue. The client is answered success once it is in, {@code overloaded} if there is no
   * room, {@code unavailable} if {@link #feeding} was called and the connection did not come that way. Give it to {@code
   * ChatBuilder.on} or {@code onBeforeLogin} under the same name.
   */
  public OpHandler op(String op) {
    return call -> {
      String args = call.args().stream().map(Json::text).collect(Collectors.joining(","));
      String raw = JsonText.object().put("op", op).raw("args", "[" + args + "]").end();
      String frame = JsonText.object()
          .put("type", "text")
          .put("data", raw)
          .put("finish", true)
          .end();
      JsonText text = JsonText.object()
          .put("event", "message")
          .put("uid", call.identity().map(identity -> identity.id().value()))
          .raw("frame", frame);
      call.handshake().ifPresent(handshake -> text.raw("headers", headers(handshake)));
      return switch (line.message(call.connection(), text.end(), follows)) {
        case TAKEN -> Json.NULL;
        case FULL ->
          throw new RefusedException(Refusal.of(ErrorCode.OVERLOADED, "too much waits for workers")
              .after(Duration.ofSeconds(1)));
        case NOT_FOLLOWED ->
          throw new RefusedException(
              ErrorCode.UNAVAILABLE,
              "this connection does not feed the queue: its endpoint must be wrapped by feeding, too");
      };
    };
  }

  /**
   * The same acceptor, whose connections' handshakes and closes go into this queue, too, in order with what they send. From now on
   * ops are only taken from connections that came this way, so that nothing comes behind a close: wrap the acceptor of every
   * endpoint whose clients call the op, or of none.
   */
  public Acceptor feeding(Acceptor acceptor) {
    follows = true;
    return new Acceptor() {
      @Override
      public Inbound connected(Handshake handshake, Connection connection) {
        Inbound inbound = acceptor.connected(handshake, connection);
        Optional<ConnectionId> id = inbound.id();
        if (id.isEmpty()) {
          return inbound;
        }
        line.opened(id.get(), opening(handshake));
        return new Followed(inbound, id.get());
      }

      @Override
      public List<String> subprotocols() {
        return acceptor.subprotocols();
      }

      @Override
      public int maxFrameBytes() {
        return acceptor.maxFrameBytes();
      }
    };
  }

  private static String opening(Handshake handshake) {
    return JsonText.object()
        .put("event", "handshake")
        .raw("headers", headers(handshake))
        .put("path", handshake.path())
        .put("address", handshake.remoteAddress())
        .end();
  }

  /** Those that the transport was told to keep. */
  private static String headers(Handshake handshake) {
    JsonText text = JsonText.object();
    for (Map.Entry<String, List<String>> header : handshake.headers().entrySet()) {
      text.put(header.getKey(), String.join(", ", header.getValue()));
    }
    return text.end();
  }

  private Optional<String> user(ConnectionId connection) {
    Chat served = chat;
    return served == null
        ? Optional.empty()
        : served
            .connections()
            .find(connection)
            .flatMap(SessionInfo::identity)
            .map(Identity::id)
            .map(id -> id.value());
  }

  /** How it does. */
  public Counters counters() {
    return line.counters();
  }

  /**
   * How a queue does, at one moment.
   *
   * @param waiting messages that wait for a worker now
   * @param waitingBytes bytes of these and of those that workers have
   * @param inFlight records that workers have now
   * @param workers that take from it now
   * @param taken messages taken so far
   * @param acknowledged records done so far
   * @param redelivered times so far that a record was handed out again
   * @param refused messages so far for which there was no room
   * @param setAside records so far that were handed out in vain too often
   */
  public record Counters(
      int waiting,
      long waitingBytes,
      int inFlight,
      int workers,
      long taken,
      long acknowledged,
      long redelivered,
      long refused,
      long setAside) {}

  /** A connection between its transport and the chat. */
  private final class Followed implements Inbound {
    private final Inbound inbound;
    private final ConnectionId connection;

    Followed(Inbound inbound, ConnectionId connection) {
      this.inbound = inbound;
      this.connection = connection;
    }

    @Override
    public void text(String frame) {
      inbound.text(frame);
    }

    @Override
    public void binary() {
      inbound.binary();
    }

    @Override
    public void pong() {
      inbound.pong();
    }

    @Override
    public void closed(int code, String reason) {
      Optional<String> user = user(connection);
      try {
        inbound.closed(code, reason);
      } finally {
        line.closed(
            connection,
            JsonText.object()
                .put("event", "close")
                .put("uid", user)
                .put("code", code)
                .end());
      }
    }

    @Override
    public Optional<ConnectionId> id() {
      return Optional.of(connection);
    }
  }

  /** Collects what a queue is made of; each method refuses a value out of range with {@link IllegalArgumentException}. */
  public static final class Builder {
    final String name;
    Acknowledgement acknowledgement = Acknowledgement.BY_WORKER;
    int capacity = 2_000;
    long capacityBytes = 16L * 1024 * 1024;
    int perConnection = 100;
    Duration within = Duration.ofSeconds(30);
    int window = 100;
    int handouts = 20;
    Consumer<Work> onSetAside = work -> {};

    private Builder(String name) {
      if (!name.matches("[A-Za-z0-9._:-]{1,64}")) {
        throw new IllegalArgumentException(
            "the name of a queue has 1 to 64 of A-Z a-z 0-9 . _ : -, got " + name);
      }
      this.name = name;
    }

    /** When a record counts as done; {@link Acknowledgement#BY_WORKER} by default. */
    public Builder acknowledged(Acknowledgement how) {
      acknowledgement = how;
      return this;
    }

    /** How many messages it holds, those that workers have included: 1 to 1,000,000, 2,000 by default; beyond it is {@code overloaded}. */
    public Builder capacity(int messages) {
      capacity = Math.toIntExact(inRange("capacity", messages, 1, 1_000_000));
      return this;
    }

    /** How many bytes of messages it holds: 1 KiB to 4 GiB, 16 MiB by default; beyond it is {@code overloaded}. */
    public Builder capacityBytes(long bytes) {
      capacityBytes = inRange("capacityBytes", bytes, 1024, 4L * 1024 * 1024 * 1024);
      return this;
    }

    /** How many messages of one connection it holds: 1 to 100,000, 100 by default; beyond it is {@code overloaded}. */
    public Builder perConnection(int messages) {
      perConnection = Math.toIntExact(inRange("perConnection", messages, 1, 100_000));
      return this;
    }

    /** How long a worker may have a record before another gets it: 100 ms to 1 day, 30 s by default. */
    public Builder within(Duration time) {
      within = Duration.ofMillis(inRange("within (in ms)", time.toMillis(), 100, 86_400_000));
      return this;
    }

    /** How many records a worker may have at once, if it does not ask for fewer: 1 to 10,000, 100 by default. */
    public Builder window(int records) {
      window = Math.toIntExact(inRange("window", records, 1, 10_000));
      return this;
    }

    /**
     * How often a record is handed out at most: 1 to 1,000,000, 20 by default. In between it rests, 100 ms or less at first and
     * about twice as long each time, up to 30 s; only after the first loss of its worker it does not. So 20 times are some
     * minutes, even if it is refused at once.
     */
    public Builder handouts(int times) {
      handouts = Math.toIntExact(inRange("handouts", times, 1, 1_000_000));
      return this;
    }

    /**
     * Given each record that was handed out in vain as often as it may be, once, and before the next of its connection is handed
     * out; nothing by default. Called on threads of the API, which it must not hold up: what takes long belongs on others. What
     * it throws is logged.
     */
    public Builder onSetAside(Consumer<Work> callback) {
      onSetAside = callback;
      return this;
    }

    private static long inRange(String what, long value, long least, long most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            what + " must be at least " + least + " and at most " + most + ", got " + value);
      }
      return value;
    }

    /** The queue. */
    public WorkQueue build() {
      return new WorkQueue(this);
    }
  }
}
