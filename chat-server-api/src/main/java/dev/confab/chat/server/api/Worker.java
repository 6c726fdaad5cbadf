package dev.confab.chat.server.api;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A worker in another process: takes records from queues, acknowledges what was done, and calls back. It connects again by itself,
 * with growing pauses, for as long as it is open.
 *
 * <pre>{@code
 * Worker worker = Worker.of(URI.create("ws://127.0.0.1:6790/ws/v1"), key)
 *     .queue("orders")
 *     .start((work, calls) -> calls.publish(ChannelName.of("room_1"), orders.place(work)).toCompletableFuture().join());
 * }</pre>
 *
 * <p><b>Threads.</b> Any thread may call any method. The handler is called on threads of the worker, for several connections at
 * once and for one connection in order.
 */
public final class Worker implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger(Worker.class.getName());
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(20);
  private static final int MOST_OPEN_CALLS = 1_000;
  private static final int MOST_FRAME_CHARS = 16 * 1024 * 1024;

  /** What is done with a record. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Does the work; when this returns it is acknowledged. If it throws, the record comes again after a moment, to this worker or
     * another, until it was handed out as often as the queue allows.
     *
     * @param calls what can be asked of the server meanwhile
     */
    void handle(Work work, Worker calls) throws Exception;
  }

  private final URI address;
  private final String key;
  private final List<String> queues;
  private final int atOnce;
  private final Handler handler;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
  private final ThreadPoolExecutor threads;
  private final ScheduledThreadPoolExecutor clock;

  // All below guarded by this.
  private @Nullable Link link;
  private Duration pause = FIRST_PAUSE;
  private boolean closed;

  private Worker(Builder builder, Handler handler) {
    address = builder.address;
    key = builder.key;
    queues = builder.queues.stream().distinct().toList();
    atOnce = builder.atOnce;
    this.handler = handler;
    threads = new ThreadPoolExecutor(
        atOnce,
        atOnce,
        10,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        task -> daemon(task, "confab-worker"));
    threads.allowCoreThreadTimeOut(true);
    clock = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "confab-worker-clock"));
    clock.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * A worker for the API socket at this address.
   *
   * @param key one with the scope {@code consume}, and those that its calls need
   */
  public static Builder of(URI address, String key) {
    return new Builder(address, key);
  }

  private void begin() {
    connect();
    clock.scheduleWithFixedDelay(
        this::keepAlive, KEEP_ALIVE.toMillis(), KEEP_ALIVE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void connect() {
    Link next = new Link();
    synchronized (this) {
      if (closed) {
        return;
      }
      link = next;
    }
    client
        .newWebSocketBuilder()
        .connectTimeout(Duration.ofSeconds(10))
        .header("X-API-Key", key)
        .buildAsync(address, next)
        .whenComplete((socket, failure) -> {
          if (failure != null) {
            lost(next, "could not connect: " + failure.getMessage());
          }
        });
  }

  private void lost(Link gone, String why) {
    gone.abandon(why);
    long millis;
    synchronized (this) {
      if (closed || link != gone) {
        return;
      }
      link = null;
      // Not all at once when a server comes back.
      millis = pause.toMillis() / 2
          + ThreadLocalRandom.current().nextLong(Math.max(1, pause.toMillis() / 2));
      pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
          ? LONGEST_PAUSE
          : pause.multipliedBy(2);
    }
    LOGGER.log(Level.INFO, "connecting again in " + millis + " ms: " + why);
    try {
      clock.schedule(this::connect, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException closedMeanwhile) {
      LOGGER.log(Level.DEBUG, "the worker is closed", closedMeanwhile);
    }
  }

  private synchronized void connected() {
    pause = FIRST_PAUSE;
  }

  private void keepAlive() {
    Link now = link();
    if (now == null) {
      return;
    }
    if (now.silentFor(KEEP_ALIVE.multipliedBy(3))) {
      lost(now, "silent for too long");
    } else {
      now.sendText("ping");
    }
  }

  private synchronized @Nullable Link link() {
    return link;
  }

  /** True while it is connected and takes records. */
  public boolean isConnected() {
    Link now = link();
    return now != null && now.isTaking();
  }

  // Calls.

  /** Says this in a channel; the stage says how many connections of the node it reached. */
  public CompletionStage<Integer> publish(ChannelName channel, String text) {
    return call("mesh.publish", JsonText.object().put("c", channel.value()).put("d", text))
        .thenApply(Worker::reached);
  }

  /** As {@link #publish(ChannelName, String)}, recorded once however often it is repeated with this key. */
  public CompletionStage<Integer> publish(ChannelName channel, String text, SendKey repeatable) {
    return call(
            "mesh.publish",
            JsonText.object().put("c", channel.value()).put("d", text).put("k", repeatable.value()))
        .thenApply(Worker::reached);
  }

  private static int reached(Fields result) {
    return (int) result.number("s", 0, Integer.MAX_VALUE).orElse(0);
  }

  /** Sends this to one connection; not recorded. */
  public CompletionStage<Void> send(ConnectionId connection, String text) {
    return call("mesh.send", JsonText.object().put("c", connection.value()).put("d", text))
        .thenAccept(result -> {});
  }

  /** Subscribes a connection to channels. */
  public CompletionStage<Void> subscribe(ConnectionId connection, List<ChannelName> channels) {
    return onConnection(connection, "subscribe", quoted(channels));
  }

  /** Ends subscriptions of a connection. */
  public CompletionStage<Void> unsubscribe(ConnectionId connection, List<ChannelName> channels) {
    return onConnection(connection, "unsubscribe", quoted(channels));
  }

  /** Keeps a value with a connection; null as JSON removes it. */
  public CompletionStage<Void> setContextValue(ConnectionId connection, String name, Json value) {
    return onConnection(
        connection, "set_context_value", List.of(Json.string(name).text(), value.text()));
  }

  private static List<String> quoted(List<ChannelName> channels) {
    return channels.stream().map(channel -> Json.string(channel.value()).text()).toList();
  }

  private CompletionStage<Void> onConnection(
      ConnectionId connection, String function, List<String> arguments) {
    return call(
            "conn.call",
            JsonText.object().put("c", connection.value()).put("f", function).raw("a", arguments))
        .thenAccept(result -> {});
  }

  private CompletionStage<Fields> call(String method, JsonText parameters) {
    Link now = link();
    if (now == null) {
      return CompletableFuture.failedStage(new WorkerException(0, "not connected"));
    }
    return now.call(method, parameters.end());
  }

  /**
   * Takes no more records, lets the handler finish what it has and acknowledges it, for at most 10 s, and hangs up. What is not
   * finished then goes to another worker.
   */
  @Override
  public void close() {
    Link last;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      last = link;
    }
    clock.shutdownNow();
    if (last != null && last.isTaking()) {
      last.call("queue.unpop", "{}");
    }
    threads.shutdown();
    try {
      if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException interrupted) {
      threads.shutdownNow();
      Thread.currentThread().interrupt();
    }
    if (last != null) {
      last.hangUp();
    }
  }

  /** One connection to the server. */
  private final class Link implements WebSocket.Listener {
    private final StringBuilder part = new StringBuilder();

    // All below guarded by this.
    private final Map<Long, CompletableFuture<Fields>> open = new LinkedHashMap<>();
    private long calls;
    private @Nullable WebSocket socket;
    private @Nullable Outbox outbox;
    private boolean taking;
    private boolean abandoned;
    private long heard = System.nanoTime();

    @Override
    public void onOpen(WebSocket opened) {
      synchronized (this) {
        socket = opened;
        outbox = new Outbox(new Wire(opened), reason -> lost(this, reason.text()));
      }
      String names =
          String.join(",", queues.stream().map(name -> Json.string(name).text()).toList());
      int ofEach = Math.max(1, atOnce / queues.size());
      call("queue.pop", "{\"t\":[" + names + "],\"w\":" + ofEach + "}")
          .whenComplete((result, failure) -> {
            if (failure != null) {
              lost(this, "the server gives no records: " + failure.getMessage());
            } else {
              synchronized (this) {
                taking = true;
              }
              connected();
            }
          });
      opened.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      part.append(data);
      synchronized (this) {
        heard = System.nanoTime();
      }
      if (part.length() > MOST_FRAME_CHARS) {
        lost(this, "a frame of more than " + MOST_FRAME_CHARS + " characters");
        return null;
      }
      if (last) {
        String frame = part.toString();
        part.setLength(0);
        if (!frame.equals("pong")) {
          came(frame);
        }
      }
      from.request(1);
      return null;
    }

    private void came(String frame) {
      try {
        Fields fields = Fields.parse(frame);
        if (fields.optionalText("e").isPresent()) {
          Fields handed = fields.object("p");
          threads.execute(() -> work(handed));
          return;
        }
        @Nullable CompletableFuture<Fields> asked;
        synchronized (this) {
          asked = open.remove(fields.number("i", 0, Long.MAX_VALUE / 16).orElse(-1));
        }
        if (asked == null) {
          return;
        }
        if (fields.value("E").isPresent()) {
          Fields error = fields.object("E");
          asked.completeExceptionally(new WorkerException(
              (int) error.number("c", 0, 9_999).orElse(0),
              error.optionalText("m").orElse("")));
        } else {
          asked.complete(fields.object("r"));
        }
      } catch (RefusedException | RejectedExecutionException unreadable) {
        LOGGER.log(Level.DEBUG, "a frame was not taken", unreadable);
      }
    }

    private void work(Fields handed) {
      if (isAbandoned()) {
        // The server hands it out again, and in order; it could not be acknowledged here, either.
        return;
      }
      String method = "queue.ack";
      try {
        handler.handle(Work.of(handed), Worker.this);
      } catch (Exception | Error failure) {
        LOGGER.log(Level.WARNING, "a record was not done and comes again", failure);
        method = "queue.nack";
      }
      if (handed.value("k").isPresent()) {
        call(
            method,
            JsonText.object()
                .put("t", handed.text("t"))
                .raw("k", handed.required("k").text())
                .end());
      }
    }

    CompletionStage<Fields> call(String method, String parameters) {
      CompletableFuture<Fields> answer = new CompletableFuture<>();
      long id;
      synchronized (this) {
        if (abandoned || socket == null) {
          answer.completeExceptionally(new WorkerException(0, "not connected"));
          return answer;
        }
        // What a record became is told in any case.
        if (open.size() >= MOST_OPEN_CALLS && !method.startsWith("queue.")) {
          answer.completeExceptionally(new WorkerException(0, "too many calls wait for answers"));
          return answer;
        }
        id = ++calls;
        open.put(id, answer);
      }
      sendText("{\"m\":\"" + method + "\",\"p\":" + parameters + ",\"i\":" + id + "}");
      return answer;
    }

    /** One after the other, in the order of these calls. */
    void sendText(String text) {
      Outbox out;
      synchronized (this) {
        out = outbox;
      }
      if (out != null) {
        out.add(text, null);
      }
    }

    synchronized boolean silentFor(Duration time) {
      return System.nanoTime() - heard > time.toNanos();
    }

    private synchronized boolean isAbandoned() {
      return abandoned;
    }

    synchronized boolean isTaking() {
      return taking && !abandoned;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      lost(this, "closed with " + code + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
      lost(this, "broken: " + failure);
    }

    /** It is gone; whether what was asked was done is not known. */
    void abandon(String why) {
      List<CompletableFuture<Fields>> unanswered;
      WebSocket hung;
      synchronized (this) {
        if (abandoned) {
          return;
        }
        abandoned = true;
        hung = socket;
        unanswered = new ArrayList<>(open.values());
        open.clear();
      }
      if (hung != null) {
        hung.abort();
      }
      unanswered.forEach(call -> call.completeExceptionally(new WorkerException(0, why)));
    }

    /** Says goodbye behind what is still being sent. */
    void hangUp() {
      Outbox out;
      WebSocket to;
      synchronized (this) {
        out = outbox;
        to = socket;
      }
      if (out != null && to != null) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        out.add("ping", () -> sent.complete(null));
        sent.thenCompose(nothing -> to.sendClose(1000, ""))
            .orTimeout(10, TimeUnit.SECONDS)
            .handle((closed, failure) -> closed)
            .join();
      }
      abandon("the worker is closed");
    }
  }

  /** A socket as the server's side sees one, so that what leaves is kept in line the same way. */
  private static final class Wire implements Connection {
    private final WebSocket socket;

    Wire(WebSocket socket) {
      this.socket = socket;
    }

    @Override
    public void write(List<Frame> frames, Done done) {
      CompletableFuture<?> last = CompletableFuture.completedFuture(null);
      for (Frame frame : frames) {
        last = last.thenCompose(before -> socket.sendText(frame.text(), true));
      }
      last.whenComplete((sent, failure) -> done.done(failure));
    }

    @Override
    public void ping() {
      // The API socket's own are texts.
    }

    @Override
    public void close(CloseReason reason) {
      socket.abort();
    }
  }

  /** Collects what a worker is made of. */
  public static final class Builder {
    private final URI address;
    private final String key;
    private final List<String> queues = new ArrayList<>();
    private int atOnce = 8;

    private Builder(URI address, String key) {
      this.address = address;
      this.key = key;
    }

    /** A queue it takes from; at least one. */
    public Builder queue(String name) {
      queues.add(name);
      return this;
    }

    /**
     * How many records it works on at once: 1 to 1,000, 8 by default. They are shared out evenly among its queues, of each of
     * which it has at least one.
     */
    public Builder atOnce(int records) {
      if (records < 1 || records > 1_000) {
        throw new IllegalArgumentException(
            "atOnce must be at least 1 and at most 1000, got " + records);
      }
      atOnce = records;
      return this;
    }

    /** The worker, connecting; {@link IllegalStateException} without a queue. */
    public Worker start(Handler handler) {
      if (queues.isEmpty()) {
        throw new IllegalStateException("a worker needs a queue to take from");
      }
      Worker worker = new Worker(this, handler);
      worker.begin();
      return worker;
    }
  }
}
