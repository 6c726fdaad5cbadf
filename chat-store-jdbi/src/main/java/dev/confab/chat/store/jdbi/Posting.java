package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.Receipt;
import dev.confab.chat.spi.HostTransactions.Stretch;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Messages that {@link JdbiMessageStore#append(java.sql.Connection, List)} wrote in a transaction of the host's. They are
 * recorded if and when the host commits that transaction, and never were if it rolls back.
 *
 * <p><b>Threads.</b> Any.
 */
public final class Posting {
  private final List<Receipt> receipts;
  private final List<Stretch> stretches;
  private final Consumer<Posting> whenCommitted;
  private final AtomicBoolean told = new AtomicBoolean();

  Posting(List<Receipt> receipts, List<Stretch> stretches, Consumer<Posting> whenCommitted) {
    this.receipts = List.copyOf(receipts);
    this.stretches = List.copyOf(stretches);
    this.whenCommitted = whenCommitted;
  }

  /**
   * What becomes of each message once the transaction is committed, in the order of the drafts; copies go with their
   * messages and have none. A receipt is a duplicate if the same key was recorded before, by whomever: then it is that
   * message's place and time, and nothing was written for this one.
   */
  public List<Receipt> receipts() {
    return receipts;
  }

  /**
   * The host has committed: the followers of every channel written to are told at once, on this node and through the
   * backplane on the others. Returns at once, waits for nothing and throws nothing; calling it again does nothing.
   *
   * <p>It is a hint and not a promise. The chat reads what the database holds by then and shows that: called although the
   * transaction was rolled back, or too early, it does no harm, and if it is never called the watch finds the messages
   * within its period (a second, by default).
   */
  public void committed() {
    if (told.compareAndSet(false, true)) {
      whenCommitted.accept(this);
    }
  }

  /** Where it wrote; empty if every message was a duplicate. */
  List<Stretch> stretches() {
    return stretches;
  }
}
