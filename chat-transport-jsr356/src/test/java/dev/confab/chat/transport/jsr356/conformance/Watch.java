package dev.confab.chat.transport.jsr356.conformance;

import jakarta.websocket.MessageHandler;
import jakarta.websocket.SendHandler;
import jakarta.websocket.Session;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Sees what an endpoint asks of a real container, and can make the container fail. Locks nothing. */
final class Watch extends SessionLayer {
  /**
   * A call.
   *
   * @param method what was called
   * @param argument its first argument as text, or nothing
   * @param thread on which thread
   */
  record Seen(String method, String argument, String thread) {}

  /** Locks are looked for this often only: it stops the machine for a moment. */
  private static final int LOOKS_FOR_LOCKS = 200;

  private final Queue<Seen> calls = new ConcurrentLinkedQueue<>();
  private final Map<Session, AtomicInteger> inFlight = new ConcurrentHashMap<>();
  private final Map<Session, Queue<String>> texts = new ConcurrentHashMap<>();
  private final AtomicInteger mostInFlight = new AtomicInteger();
  private final AtomicInteger handlersCalledAgain = new AtomicInteger();
  private final AtomicInteger deepest = new AtomicInteger();
  private final AtomicInteger inbound = new AtomicInteger();
  private final AtomicLong longestInbound = new AtomicLong();
  private final AtomicInteger looksForLocks = new AtomicInteger();
  private final Queue<String> locks = new ConcurrentLinkedQueue<>();
  private final ThreadLocal<int[]> depth = ThreadLocal.withInitial(() -> new int[1]);
  private volatile boolean ofTyrus;
  private volatile String failing = "";
  private volatile Throwable failure = new IllegalStateException();

  /** From now on this method throws this. */
  void fail(String method, Throwable thrown) {
    failure = thrown;
    failing = method;
  }

  void failNothing() {
    failing = "";
  }

  List<Seen> calls(String method) {
    return calls.stream().filter(call -> call.method().equals(method)).toList();
  }

  /** What was sent on each session, the very objects. */
  List<List<String>> texts() {
    return texts.values().stream().map(List::copyOf).toList();
  }

  int mostInFlight() {
    return mostInFlight.get();
  }

  int handlersCalledAgain() {
    return handlersCalledAgain.get();
  }

  /** How many sends stood on one stack at most. */
  int deepest() {
    return deepest.get();
  }

  /** How many threads of the container are with us just now because a text came. */
  int inbound() {
    return inbound.get();
  }

  /** How long a thread of the container was kept at most by a text that came. */
  Duration longestInbound() {
    return Duration.ofNanos(longestInbound.get());
  }

  /** Monitors of ours that were held during a call of the container. */
  List<String> locks() {
    return List.copyOf(locks);
  }

  int looksForLocks() {
    return Math.min(LOOKS_FOR_LOCKS, looksForLocks.get());
  }

  /** Whether its sessions are those of Tyrus, which the endpoint gives no idle timeouts. */
  boolean ofTyrus() {
    return ofTyrus;
  }

  @Override
  void opens(Session session) {
    ofTyrus = isTyrus(session.getContainer());
  }

  @Override
  @Nullable
  Object call(Session session, Method method, Object[] arguments, Call call) throws Throwable {
    String name = method.getName();
    calls.add(new Seen(
        name,
        arguments.length == 0 || name.startsWith("send") ? "" : String.valueOf(arguments[0]),
        Thread.currentThread().getName()));
    lookForLocks(name);
    if (name.equals(failing)) {
      throw failure;
    }
    if (name.equals("sendText") && arguments.length == 2) {
      return send(session, arguments, call);
    }
    if (name.equals("addMessageHandler") && arguments[0] == String.class) {
      arguments[1] = timed((MessageHandler.Partial<?>) arguments[1]);
    }
    return call.go();
  }

  private @Nullable Object send(Session session, Object[] arguments, Call call) throws Throwable {
    texts.computeIfAbsent(session, any -> new ConcurrentLinkedQueue<>()).add((String) arguments[0]);
    AtomicInteger flying = inFlight.computeIfAbsent(session, any -> new AtomicInteger());
    mostInFlight.accumulateAndGet(flying.incrementAndGet(), Math::max);
    SendHandler handler = (SendHandler) arguments[1];
    AtomicInteger times = new AtomicInteger();
    arguments[1] = (SendHandler) result -> {
      if (times.getAndIncrement() == 0) {
        flying.decrementAndGet();
      } else {
        handlersCalledAgain.incrementAndGet();
      }
      handler.onResult(result);
    };
    int[] nested = depth.get();
    deepest.accumulateAndGet(++nested[0], Math::max);
    try {
      return call.go();
    } finally {
      nested[0]--;
    }
  }

  private <T> MessageHandler.Partial<T> timed(MessageHandler.Partial<T> real) {
    return (part, last) -> {
      inbound.incrementAndGet();
      long began = System.nanoTime();
      real.onMessage(part, last);
      longestInbound.accumulateAndGet(System.nanoTime() - began, Math::max);
      inbound.decrementAndGet();
    };
  }

  private void lookForLocks(String method) {
    if ((!method.startsWith("send") && !method.equals("close"))
        || looksForLocks.incrementAndGet() > LOOKS_FOR_LOCKS) {
      return;
    }
    ThreadInfo thread = ManagementFactory.getThreadMXBean()
        .getThreadInfo(new long[] {Thread.currentThread().getId()}, true, false)[0];
    Arrays.stream(thread.getLockedMonitors())
        .map(MonitorInfo::getLockedStackFrame)
        .filter(frame -> frame.getClassName().startsWith("dev.confab."))
        .forEach(frame -> locks.add(method + " under a lock of " + frame));
  }
}
