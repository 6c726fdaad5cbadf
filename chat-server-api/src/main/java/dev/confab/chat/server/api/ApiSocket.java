package dev.confab.chat.server.api;

import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Inbound;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One worker's socket. What it asks is done in order, on threads of the API; only pushes do not wait for their outcome, so that the
 * next can follow. Its lock is a leaf.
 */
final class ApiSocket implements Inbound, Line.Taker {
  private static final int MOST_WAITING = 10_000;

  /** A single frame may be larger. */
  private static final long MOST_WAITING_CHARS = 4L * 1024 * 1024;

  private static final int MOST_OPEN_PUSHES = 1_000;
  private static final long RECHECK_NANOS = Duration.ofSeconds(30).toNanos();
  private static final CloseReason FLOODING = CloseReason.of(4103, "too many calls wait");
  private static final Json NO_PARAMETERS = Json.parse("{}");

  private final ApiSockets.Parts parts;
  private final Handshake handshake;
  private final Outbox outbox;
  private final Consumer<ApiSocket> onEnd;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicInteger openPushes = new AtomicInteger();
  private volatile long checked = System.nanoTime();

  /** True while its key is asked for again. */
  private final AtomicBoolean checking = new AtomicBoolean();

  /** Set in the lane, when it was let in. */
  private volatile @Nullable ApiKey key;

  /** The queues it takes from or took from, and may still have something of. Guarded by itself. */
  private final Set<WorkQueue> queues = new LinkedHashSet<>();

  /** The queues it takes from. Guarded by queues. */
  private final Set<WorkQueue> consuming = new LinkedHashSet<>();

  /**
   * Something to do.
   *
   * @param chars how much of what came it holds
   * @param place on which threads it is done
   */
  private record Step(Runnable task, int chars, Place place) {}

  /** Where something is done: what may wait has threads of its own, by what for. */
  private enum Place {
    CALL,
    STORE,
    DOOR
  }

  // All below guarded by this.
  private final Deque<Step> lane = new ArrayDeque<>();
  private long laneChars;
  private boolean running;

  ApiSocket(
      ApiSockets.Parts parts,
      Handshake handshake,
      Connection connection,
      Consumer<ApiSocket> onEnd) {
    this.parts = parts;
    this.handshake = handshake;
    this.onEnd = onEnd;
    this.outbox = new Outbox(connection, this::end);
  }

  /** Asks who this is before anything it says is looked at. */
  void begin() {
    Runnable admission = () -> {
      try {
        key = parts.doorkeeper().admit(headers(), handshake.remoteAddress());
      } catch (RefusedException refused) {
        end(CloseReason.of(1008, refused.refusal().sentence()));
      } catch (RuntimeException bug) {
        ServerApi.report(bug);
        end(CloseReason.INTERNAL);
      }
    };
    inLane(new Step(admission, 0, Place.DOOR));
  }

  private Map<String, List<String>> headers() {
    Optional<String> inQuery =
        parts.keysInQuery() ? handshake.parameter("key") : Optional.<String>empty();
    Map<String, List<String>> headers = new LinkedHashMap<>(handshake.headers());
    inQuery.ifPresent(shown -> headers.putIfAbsent("x-api-key", List.of(shown)));
    return headers;
  }

  // What comes.

  @Override
  public void text(String frame) {
    if (frame.equals("ping")) {
      // At the edge: a busy API does not look like a dead one. To strangers nobody answers.
      if (key != null) {
        outbox.add("pong", null);
        return;
      }
      inLane(new Step(
          () -> {
            if (key != null) {
              outbox.add("pong", null);
            }
          },
          0,
          Place.CALL));
      return;
    }
    inLane(new Step(() -> call(frame), frame.length(), Place.CALL));
  }

  @Override
  public void binary() {
    end(CloseReason.BINARY);
  }

  @Override
  public void pong() {}

  @Override
  public void closed(int code, String reason) {
    end(CloseReason.NORMAL);
  }

  /** Says why, and takes back what it had. */
  void end(CloseReason reason) {
    outbox.close(reason);
    gone();
  }

  private void gone() {
    if (ended.compareAndSet(false, true)) {
      onEnd.accept(this);
      synchronized (this) {
        lane.clear();
      }
      takenFrom().forEach(queue -> queue.line().gone(this));
    }
  }

  private List<WorkQueue> takenFrom() {
    synchronized (queues) {
      return List.copyOf(queues);
    }
  }

  /** Its key may have been taken back, and a write may hang. */
  void look(long now) {
    outbox.look(now);
    ApiKey mine = key;
    // Not in the lane: what hangs there is not to keep a key that was taken back.
    if (mine != null && now - checked > RECHECK_NANOS && checking.compareAndSet(false, true)) {
      checked = now;
      if (!parts.threads().door(() -> recheck(mine))) {
        end(CloseReason.STOPPING);
      }
    }
  }

  private void recheck(ApiKey mine) {
    try {
      parts.doorkeeper().requireStillValid(mine);
    } catch (RefusedException refused) {
      end(CloseReason.of(1008, refused.refusal().sentence()));
    } catch (RuntimeException | Error bug) {
      ServerApi.report(bug);
      end(CloseReason.INTERNAL);
    } finally {
      checking.set(false);
    }
  }

  private void inLane(Step step) {
    boolean flooding;
    synchronized (this) {
      if (ended.get()) {
        return;
      }
      flooding = lane.size() >= MOST_WAITING
          || (laneChars > 0 && laneChars + step.chars() > MOST_WAITING_CHARS);
      if (!flooding) {
        lane.addLast(step);
        laneChars += step.chars();
        if (running) {
          return;
        }
        running = true;
      }
    }
    if (flooding) {
      end(FLOODING);
    } else if (!goesOn(step.place())) {
      end(CloseReason.STOPPING);
    }
  }

  /**
   * Does what is next, and hands over where that is the other threads' to do.
   *
   * @param here what these threads do
   */
  private void drain(Place here) {
    Place there;
    while (true) {
      Step next;
      synchronized (this) {
        next = lane.peekFirst();
        if (next == null) {
          running = false;
          return;
        }
        there = next.place();
        if (there != here) {
          break;
        }
        lane.removeFirst();
        laneChars -= next.chars();
      }
      try {
        next.task().run();
      } catch (RuntimeException | Error bug) {
        ServerApi.report(bug);
        end(CloseReason.INTERNAL);
      }
    }
    if (!goesOn(there)) {
      end(CloseReason.STOPPING);
    }
  }

  private boolean goesOn(Place there) {
    Threads threads = parts.threads();
    Runnable task = () -> drain(there);
    return switch (there) {
      case CALL -> threads.socket(task);
      case STORE -> threads.waiting(task);
      case DOOR -> threads.door(task);
    };
  }

  // What is asked.

  private void call(String frame) {
    ApiKey mine = key;
    if (mine == null) {
      return;
    }
    Fields envelope;
    String id = "\"i\":null";
    String method;
    try {
      envelope = Fields.parse(frame);
      id = id(envelope);
      method = envelope.text("m");
    } catch (RefusedException refused) {
      answer(refused, Mesh.BAD_ARGUMENT, id);
      return;
    }
    Json given = envelope.value("p").orElse(NO_PARAMETERS);
    if (!method.equals("conn.call")) {
      call(mine, method, given, id);
      return;
    }
    String its = id;
    synchronized (this) {
      if (!ended.get()) {
        lane.addFirst(new Step(() -> call(mine, method, given, its), 0, Place.STORE));
      }
    }
  }

  private void call(ApiKey mine, String method, Json given, String id) {
    int failed = failed(method);
    try {
      doCall(mine, method, given, id);
    } catch (RefusedException refused) {
      answer(refused, failed, id);
    } catch (RuntimeException bug) {
      answer(new RefusedException(ServerApi.report(bug)), failed, id);
    }
  }

  /** Answered under the name it was asked with; {@code i} if it has none. */
  private static String id(Fields envelope) {
    String name = !envelope.names("i") && envelope.names("id") ? "id" : "i";
    String value = envelope.value(name).map(Json::text).orElse("null");
    if (value.length() > 128) {
      throw Fields.bad(name, name + " may have 128 characters");
    }
    return "\"" + name + "\":" + value;
  }

  private static int failed(String method) {
    return switch (method) {
      case "queue.pop" -> ApiSockets.CONSUME_FAILED;
      case "queue.unpop" -> ApiSockets.CANCEL_FAILED;
      case "queue.ack", "queue.nack" -> ApiSockets.NOT_YOURS;
      case "conn.call" -> ApiSockets.CALL_FAILED;
      case "mesh.send", "mesh.publish" -> Mesh.SEND_FAILED;
      default -> Mesh.BAD_ARGUMENT;
    };
  }

  private void doCall(ApiKey mine, String method, Json given, String id) {
    switch (method) {
      case "ping" -> done(id);
      case "queue.pop" -> {
        parts.doorkeeper().requireScope(mine, Scope.CONSUME);
        pop(given, id);
      }
      case "queue.unpop" -> {
        if (!unpop()) {
          error(ApiSockets.CANCEL_FAILED, "this socket takes from no queue", id);
        } else {
          done(id);
        }
      }
      case "queue.ack" -> settle(parameters(given), id, true);
      case "queue.nack" -> settle(parameters(given), id, false);
      case "conn.call" -> {
        parts.doorkeeper().requireScope(mine, Scope.MANAGE);
        parts.doorkeeper().spend(mine, 1);
        ApiSockets.call(parts, mine, parameters(given));
        done(id);
      }
      case "mesh.send" -> {
        parts.doorkeeper().requireScope(mine, Scope.PUBLISH);
        parts.doorkeeper().spend(mine, 1);
        parts.mesh().send(parameters(given));
        done(id);
      }
      case "mesh.publish" -> {
        parts.doorkeeper().requireScope(mine, Scope.PUBLISH);
        parts.doorkeeper().spend(mine, 1);
        publish(parameters(given), id);
      }
      default -> throw Fields.bad("m", "no such method");
    }
  }

  private static Fields parameters(Json given) {
    return Fields.objectOf("p", given);
  }

  /** {@code {"t":[…]}} as the documentation of connmix has it, or the bare array that its PHP client sends. */
  private void pop(Json given, String id) {
    boolean bare = given.text().startsWith("[");
    List<String> topics = bare
        ? Fields.listOf("p", given).stream()
            .map(topic -> topic.asString().orElseThrow(() -> Fields.bad("t", "t holds names")))
            .toList()
        : parameters(given).texts("t");
    if (topics.isEmpty()) {
      throw Fields.bad("t", "which queues?");
    }
    Optional<Integer> window = Optional.empty();
    if (!bare) {
      long asked = parameters(given).number("w", 1, 10_000).orElse(0);
      window = asked == 0 ? Optional.empty() : Optional.of((int) asked);
    }
    Set<WorkQueue> wanted = new LinkedHashSet<>();
    for (String topic : topics) {
      WorkQueue queue = parts.queues().get(topic);
      if (queue == null) {
        error(ApiSockets.CONSUME_FAILED, "there is no such queue", id);
        return;
      }
      wanted.add(queue);
    }
    synchronized (queues) {
      if (!consuming.isEmpty()) {
        error(ApiSockets.ALREADY_CONSUMING, "this socket takes from a queue already", id);
        return;
      }
      consuming.addAll(wanted);
      queues.addAll(wanted);
    }
    // The answer leaves before the first record.
    done(id);
    for (WorkQueue queue : wanted) {
      queue.line().join(this, window);
    }
    if (ended.get()) {
      takenFrom().forEach(queue -> queue.line().gone(this));
    }
  }

  private boolean unpop() {
    Set<WorkQueue> all;
    synchronized (queues) {
      all = new LinkedHashSet<>(consuming);
      consuming.clear();
    }
    all.forEach(queue -> queue.line().leave(this));
    return !all.isEmpty();
  }

  private void settle(Fields call, String id, boolean well) {
    WorkQueue queue = parts.queues().get(call.text("t"));
    String mine = call.text("k");
    boolean settled = queue != null
        && (well
            ? queue.line().done(this, mine)
            : queue.line().failed(this, mine, System.nanoTime()));
    if (settled) {
      done(id);
    } else {
      error(ApiSockets.NOT_YOURS, "this socket does not have that record, or no longer", id);
    }
  }

  private void publish(Fields call, String id) {
    if (openPushes.get() >= MOST_OPEN_PUSHES) {
      throw new RefusedException(ErrorCode.OVERLOADED, "too many pushes of this socket wait");
    }
    Optional<SendKey> repeat =
        call.optionalText("k").map(text -> Fields.made("k", text, SendKey::of));
    openPushes.incrementAndGet();
    try {
      parts.mesh().publish(call, repeat).whenComplete((count, failure) -> {
        openPushes.decrementAndGet();
        if (failure == null) {
          result(Mesh.reached(count), id);
          return;
        }
        @Nullable
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        answer(
            cause instanceof RefusedException refused
                ? refused
                : new RefusedException(ServerApi.report(failure)),
            Mesh.SEND_FAILED,
            id);
      });
    } catch (RuntimeException refused) {
      openPushes.decrementAndGet();
      throw refused;
    }
  }

  // What is told.

  private void done(String id) {
    result(Mesh.done(), id);
  }

  private void result(String result, String id) {
    outbox.add("{\"E\":null,\"r\":" + result + "," + id + "}", null);
  }

  private void answer(RefusedException refused, int failed, String id) {
    error(Mesh.number(refused, failed), refused.refusal().sentence(), id);
  }

  private void error(int number, String sentence, String id) {
    outbox.add("{\"E\":" + Mesh.error(number, sentence) + "," + id + "}", null);
  }

  @Override
  public void take(Line.Handout handout) {
    String queue = nameOf(handout.line());
    boolean byDelivery = parts.queues().values().stream()
        .anyMatch(each -> each.line() == handout.line() && each.byDelivery());
    JsonText record = JsonText.object();
    if (parts.node().matches("0|[1-9][0-9]{0,14}")) {
      record.raw("n", parts.node());
    } else {
      record.put("n", parts.node());
    }
    record.put("c", handout.connection().value()).put("t", queue).raw("d", handout.json());
    if (!byDelivery) {
      record.put("k", handout.key()).put("r", handout.handouts()).put("id", handout.id());
    }
    String event = JsonText.object()
        .put("e", "queue.pop")
        .raw("p", record.end())
        .putNull("id")
        .end();
    // By delivery, what was written is done; a write that fails ends the socket, and gives it back.
    outbox.add(event, byDelivery ? () -> handout.line().done(this, handout.key()) : null);
    if (ended.get()) {
      // Too late: what came after the socket had given back what it had.
      handout.line().gone(this);
    }
  }

  private String nameOf(Line line) {
    for (Map.Entry<String, WorkQueue> queue : parts.queues().entrySet()) {
      if (queue.getValue().line() == line) {
        return queue.getKey();
      }
    }
    throw new IllegalStateException("a record of a queue that is not served");
  }
}
