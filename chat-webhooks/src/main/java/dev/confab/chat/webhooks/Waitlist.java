package dev.confab.chat.webhooks;

import dev.confab.chat.webhooks.Notice.About;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Events that wait to be sent, in order, at most so many; those of leaving are held back until they have settled.
 *
 * <p><b>Threads.</b> Any may add; one takes. Its lock is a leaf.
 */
final class Waitlist {
  private record Held(Notice notice, long until) {}

  private final int bound;
  private final long settleNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All below guarded by lock.
  private final Deque<Notice> ready = new ArrayDeque<>();

  /** In the order they were held back, which is the order in which they settle. */
  private final Map<About, Held> held = new LinkedHashMap<>();

  /** Taken and not done with yet. */
  private int taken;

  private long dropped;
  private boolean closing;

  Waitlist(int bound, Duration settle) {
    this.bound = bound;
    this.settleNanos = settle.toNanos();
  }

  void add(Notice notice) {
    lock.lock();
    try {
      if (notice.came() && held.remove(notice.about()) != null) {
        // It never was away, as far as anybody was told.
        return;
      }
      if (closing || size() >= bound) {
        dropped++;
        return;
      }
      if (notice.came() || settleNanos == 0) {
        ready.addLast(notice);
      } else {
        held.put(notice.about(), new Held(notice, System.nanoTime() + settleNanos));
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for events and takes the oldest; none once this is closed and nothing waits. */
  List<Notice> take(int most) throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        long wait = settle();
        if (!ready.isEmpty()) {
          List<Notice> batch = new ArrayList<>(Math.min(most, ready.size()));
          while (batch.size() < most && !ready.isEmpty()) {
            batch.add(ready.removeFirst());
          }
          taken = batch.size();
          return batch;
        }
        if (closing) {
          return List.of();
        }
        if (held.isEmpty()) {
          changed.await();
        } else {
          changed.await(wait, TimeUnit.NANOSECONDS);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets go what has settled; says how long until the next does. */
  private long settle() {
    long now = System.nanoTime();
    Iterator<Held> each = held.values().iterator();
    while (each.hasNext()) {
      Held next = each.next();
      if (!closing && next.until() - now > 0) {
        return next.until() - now;
      }
      each.remove();
      ready.addLast(next.notice());
    }
    return 0;
  }

  /** What was taken is done with. */
  void done(boolean accepted) {
    lock.lock();
    try {
      if (!accepted) {
        dropped += taken;
      }
      taken = 0;
    } finally {
      lock.unlock();
    }
  }

  /** Waits so long; true if this is closed meanwhile, or was already. */
  boolean closesWithin(Duration time) throws InterruptedException {
    lock.lock();
    try {
      long left = time.toNanos();
      while (!closing && left > 0) {
        left = changed.awaitNanos(left);
      }
      return closing;
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more; what is held back has settled. */
  void close() {
    lock.lock();
    try {
      closing = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Drops all that waits. */
  void clear() {
    lock.lock();
    try {
      dropped += size();
      taken = 0;
      ready.clear();
      held.clear();
    } finally {
      lock.unlock();
    }
  }

  private int size() {
    return ready.size() + held.size() + taken;
  }

  int waiting() {
    lock.lock();
    try {
      return size();
    } finally {
      lock.unlock();
    }
  }

  long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }
}
