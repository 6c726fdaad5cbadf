package dev.confab.chat.internal.hub;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Asks the store for what no longer lies in memory. Equal questions under way are one question, and all pages together
 * have a bound: who finds it reached waits in line.
 *
 * <p><b>Threads.</b> Any; answers come on a reader. Its lock is a leaf.
 */
public final class Reads {
  /** So many that what a page takes beside its data is no more than the data may be. */
  private static final int PAGE_ENTRIES = 256;

  /** Who asked for a page. Called on a reader, or on the asker's own thread if the readers are gone. */
  interface Asker {
    /** The page is here and belongs to the asker until it is released. */
    void answered(Lease lease);

    /** The store could not be read. */
    void failed(Throwable failure);
  }

  /** A page several askers may hold; its place is free again once the last has released it. */
  final class Lease {
    private final Page page;
    private final long rollbacks;
    private final Cursor endBefore;
    private final long reserved;
    private final AtomicInteger holders;

    Lease(Page page, long rollbacks, Cursor endBefore, long reserved, int holders) {
      this.page = page;
      this.rollbacks = rollbacks;
      this.endBefore = endBefore;
      this.reserved = reserved;
      this.holders = new AtomicInteger(holders);
    }

    Page page() {
      return page;
    }

    /** How often the channel's log had been found to have gone back when the page was asked for. */
    long rollbacks() {
      return rollbacks;
    }

    /** Where the channel's log ended, as far as this node knew, before the store was asked. */
    Cursor endBefore() {
      return endBefore;
    }

    void release() {
      if (holders.decrementAndGet() == 0) {
        free(reserved);
      }
    }
  }

  private record Question(ChannelName channel, Cursor position, long rollbacks) {}

  private static final class UnderWay {
    final Supplier<Cursor> end;
    final List<Asker> askers = new ArrayList<>(1);

    UnderWay(Supplier<Cursor> end) {
      this.end = end;
    }
  }

  private record InLine(Question question, Supplier<Cursor> end, Asker asker) {}

  private final MessageStore store;
  private final Executor readers;
  private final Limits limits;
  private final LongAdder pages = new LongAdder();
  private final LongAdder questions = new LongAdder();

  // All below guarded by this.
  private final Map<Question, UnderWay> underWay = new HashMap<>();
  private final Deque<InLine> line = new ArrayDeque<>();
  private long pageBytes;

  /** Reads from this store on these readers. */
  public Reads(MessageStore store, Executor readers, Limits limits) {
    this.store = store;
    this.readers = readers;
    this.limits = limits;
  }

  /**
   * Asks for the page behind this position; each asker has one question at a time.
   *
   * @param rollbacks how often the log was found to have gone back: a question asked before that has another answer
   */
  void page(
      ChannelName channel, Cursor position, long rollbacks, Supplier<Cursor> end, Asker asker) {
    questions.increment();
    Question question = new Question(channel, position, rollbacks);
    synchronized (this) {
      UnderWay same = underWay.get(question);
      if (same != null) {
        same.askers.add(asker);
        return;
      }
      if (!line.isEmpty() || pageBytes + limits.pageBytes() > limits.pagesBytes()) {
        if (pageBytes > 0) {
          line.addLast(new InLine(question, end, asker));
          return;
        }
      }
      begin(question, end, asker);
    }
    ask(question);
  }

  private void begin(Question question, Supplier<Cursor> end, Asker asker) {
    UnderWay asked = new UnderWay(end);
    asked.askers.add(asker);
    underWay.put(question, asked);
    pageBytes += limits.pageBytes();
  }

  private void ask(Question question) {
    run(() -> answer(question), failure -> fail(question, failure));
  }

  private void answer(Question question) {
    UnderWay asked;
    synchronized (this) {
      asked = underWay.get(question);
    }
    if (asked == null) {
      return;
    }
    Cursor endBefore = asked.end.get();
    Page page;
    try {
      pages.increment();
      page = store.read(
          question.channel(),
          new Position.After(question.position()),
          PAGE_ENTRIES,
          limits.pageBytes());
    } catch (RuntimeException | Error e) {
      // Whatever it was: who asked must not wait for ever, nor the place stay taken.
      fail(question, e);
      return;
    }
    long actual = 0;
    for (Entry entry : page.entries()) {
      actual += entry.weight();
    }
    List<Asker> askers;
    synchronized (this) {
      underWay.remove(question);
      askers = List.copyOf(asked.askers);
      pageBytes += actual - limits.pageBytes();
    }
    Lease lease = new Lease(page, question.rollbacks(), endBefore, actual, askers.size());
    for (Asker asker : askers) {
      asker.answered(lease);
    }
    serveLine();
  }

  private void fail(Question question, Throwable failure) {
    UnderWay asked;
    synchronized (this) {
      asked = underWay.remove(question);
      if (asked == null) {
        return;
      }
      pageBytes -= limits.pageBytes();
    }
    for (Asker asker : asked.askers) {
      asker.failed(failure);
    }
    serveLine();
  }

  private void free(long bytes) {
    synchronized (this) {
      pageBytes -= bytes;
    }
    serveLine();
  }

  private void serveLine() {
    while (true) {
      InLine next;
      synchronized (this) {
        next = line.peekFirst();
        if (next == null
            || (pageBytes > 0 && pageBytes + limits.pageBytes() > limits.pagesBytes())) {
          return;
        }
        line.removeFirst();
        UnderWay same = underWay.get(next.question());
        if (same != null) {
          same.askers.add(next.asker());
          continue;
        }
        begin(next.question(), next.end(), next.asker());
      }
      ask(next.question());
    }
  }

  /** Reads a part of a log that is not followed. */
  public CompletableFuture<Page> read(
      ChannelName channel, Position position, int entries, int bytes) {
    return supply(() -> store.read(channel, position, entries, bytes));
  }

  /** Asks for heads. */
  public CompletableFuture<Map<ChannelName, Head>> heads(Collection<ChannelName> channels) {
    return supply(() -> store.heads(channels));
  }

  private <T> CompletableFuture<T> supply(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    run(
        () -> {
          T value;
          try {
            value = question.get();
          } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
            return;
          }
          answer.complete(value);
        },
        answer::completeExceptionally);
    return answer;
  }

  private void run(Runnable task, Consumer<Throwable> rejected) {
    try {
      readers.execute(task);
    } catch (RuntimeException e) {
      rejected.accept(e);
    }
  }

  /** Pages read from the store so far. */
  public long pages() {
    return pages.sum();
  }

  /** Pages asked for so far; equal questions under way were one read. */
  public long questions() {
    return questions.sum();
  }

  /** Bytes of all pages that are held or asked for. */
  public synchronized long pageBytes() {
    return pageBytes;
  }

  /** How many wait in line. */
  public synchronized int inLine() {
    return line.size();
  }

  /** For tests: true if nothing is held, asked for or in line. */
  public synchronized boolean isIdle() {
    return pageBytes == 0 && underWay.isEmpty() && line.isEmpty();
  }
}
