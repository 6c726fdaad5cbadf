package dev.confab.chat.store.jdbi;

import dev.confab.chat.spi.HostTransactions.Stretch;
import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Knows which thread has a transaction of the host's open on a SQLite file: there it would wait for itself if it waited for
 * the chat to write.
 *
 * <p>There is one at a time, because the file has one writer; so this is one field and nothing a thread could carry around.
 * That a transaction was begun is known, that it has ended may not be told by anybody: then the connection, and in the end
 * the file itself, is asked.
 *
 * <p><b>Threads.</b> Any.
 */
final class SelfWait {
  /** After so long a posting of whose end nobody has told is forgotten, whatever the file says. */
  private static final Duration FORGOTTEN = Duration.ofMinutes(1);

  /** So long somebody else may happen to write while the file is asked. */
  private static final Duration ASKED = Duration.ofMillis(100);

  private static final long AGAIN_NANOS = 5_000_000;

  private volatile @Nullable Given given;
  private volatile @Nullable Open open;

  /** A transaction that the store itself has begun for this thread. */
  private record Given(Thread thread) {}

  /** A posting on a connection of the host's. */
  private record Open(
      WeakReference<Thread> thread,
      WeakReference<Connection> connection,
      boolean begunByDriver,
      Posting posting,
      long since) {}

  /** Asks the file. */
  interface Question {
    /** True if the place is committed, or nobody is writing to the file at all. */
    boolean hasEnded(Stretch place);
  }

  void begun() {
    given = new Given(Thread.currentThread());
  }

  void ended() {
    given = null;
    Open known = open;
    if (known != null && known.thread().get() == Thread.currentThread()) {
      open = null;
    }
  }

  void posted(Connection connection, Posting posting) throws SQLException {
    if (!posting.stretches().isEmpty()) {
      open = new Open(
          new WeakReference<>(Thread.currentThread()),
          new WeakReference<>(connection),
          !connection.getAutoCommit(),
          posting,
          System.nanoTime());
    }
  }

  void committed(Posting posting) {
    Open known = open;
    if (known != null && known.posting() == posting) {
      open = null;
    }
  }

  /** True if this thread waits for itself when it waits for the file. */
  boolean holds(Question question) {
    Given now = given;
    if (now != null && now.thread() == Thread.currentThread()) {
      return true;
    }
    Open known = open;
    if (known == null || known.thread().get() != Thread.currentThread()) {
      return false;
    }
    if (seenEnded(known) || asked(known.posting().stretches().get(0), question)) {
      if (known.equals(open)) {
        open = null;
      }
      return false;
    }
    return true;
  }

  /** Whoever else writes does not for long; who holds the file himself asks in vain however often. */
  private static boolean asked(Stretch place, Question question) {
    long deadline = System.nanoTime() + ASKED.toNanos();
    while (!question.hasEnded(place)) {
      if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(AGAIN_NANOS);
    }
    return true;
  }

  /** What can be seen without asking the file; on the thread that uses the connection. */
  private static boolean seenEnded(Open known) {
    if (System.nanoTime() - known.since() > FORGOTTEN.toNanos()) {
      return true;
    }
    Optional<Connection> connection = Optional.ofNullable(known.connection().get());
    try {
      return connection.isEmpty()
          || connection.get().isClosed()
          || (known.begunByDriver() && connection.get().getAutoCommit());
    } catch (SQLException unusable) {
      return true;
    }
  }
}
