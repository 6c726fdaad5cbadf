package dev.confab.chat.internal.hub;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import dev.confab.chat.spi.StoreUnavailableException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks the store for what no longer lies in memory. Equal questions under way are one question, a page that was read a
 * moment ago serves whoever comes to a place in it, and all pages together have a bound: who finds it reached waits in
 * line.
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

  /** A page several askers may hold; once the last has released it, its place may be given to another. */
  final class Lease {
    private final Question question;
    private final Page page;
    private final Cursor endBefore;
    private final long changes;
    private final long bytes;

    // All below guarded by the reads.
    private int holders;
    boolean shelved;
    long shelvedSince;

    private Lease(
        Question question, Page page, Cursor endBefore, long changes, long bytes, int holders) {
      this.question = question;
      this.page = page;
      this.endBefore = endBefore;
      this.changes = changes;
      this.bytes = bytes;
      this.holders = holders;
    }

    ChannelName channel() {
      return question.channel();
    }

    /** Where it begins. */
    Cursor position() {
      return question.position();
    }

    Page page() {
      return page;
    }

    /** How often the channel's log had been found to have gone back when the page was asked for. */
    long rollbacks() {
      return question.rollbacks();
    }

    /** Where the channel's log ended, as far as this node knew, before the store was asked. */
    Cursor endBefore() {
      return endBefore;
    }

    /** True if this node has learned nothing since the store was asked that makes it untrue. */
    boolean isTrue(Tail tail, long changesNow) {
      return question.tail() == tail && changes == changesNow;
    }

    long bytes() {
      return bytes;
    }

    /** True if it says what comes behind this position. */
    boolean leadsOnFrom(Cursor place) {
      if (place.equals(question.position())) {
        return true;
      }
      List<Entry> entries = page.entries();
      long index = place.seq() - entries.get(0).seq();
      // Behind its last entry it has nothing to say, and what was removed lies before its first.
      return index >= 0
          && index < entries.size() - 1
          && page.trimmed().isEmpty()
          && entries.get((int) index).cursor().equals(place);
    }

    void release() {
      synchronized (Reads.this) {
        holders--;
        if (holders > 0) {
          return;
        }
        pageBytes -= bytes;
        shelf.left(this);
      }
      serveLine();
    }
  }

  /**
   * How a cursor stands in the log, as the store said.
   *
   * @param fits whether it is a place in the log
   * @param head where the log ends
   * @param trimmed what retention removed behind it
   * @param endBefore where the log ended, as far as this node knew, before the store was asked
   */
  public record Standing(
      boolean fits, Cursor head, Optional<TrimmedRange> trimmed, Cursor endBefore) {}

  /**
   * What is asked.
   *
   * @param tail whose: a channel that is opened again counts its rollbacks and changes from the start
   * @param rollbacks how often the log had been found to have gone back: asked before that it has another answer
   */
  private record Question(ChannelName channel, Cursor position, Tail tail, long rollbacks) {}

  private record InLine(Question question, boolean fresh, Asker asker) {}

  private final MessageStore store;
  private final Executor readers;
  private final Limits limits;
  private final LongAdder pages = new LongAdder();
  private final LongAdder questions = new LongAdder();

  /** Above zero while a thread serves the line; what comes meanwhile is one more turn of its, not one more call. */
  private final AtomicInteger serving = new AtomicInteger();

  // All below guarded by this.
  private final Map<Question, List<Asker>> underWay = new HashMap<>();
  private final Deque<InLine> line = new ArrayDeque<>();
  private final Shelf shelf = new Shelf();

  /** Of the pages that are held or asked for. */
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
   * @param fresh true if only the store can say: a page that was read before is no answer
   */
  void page(Channel channel, Cursor position, boolean fresh, Asker asker) {
    questions.increment();
    Question question = new Question(channel.name(), position, channel.tail(), channel.rollbacks());
    long changes = question.tail().changes();
    Lease known;
    synchronized (this) {
      known = fresh ? null : known(question, changes);
      if (known == null) {
        List<Asker> same = underWay.get(question);
        if (same != null) {
          same.add(asker);
          return;
        }
        if ((!line.isEmpty() || !hasRoom()) && pageBytes > 0) {
          line.addLast(new InLine(question, fresh, asker));
          return;
        }
        begin(question, asker);
      }
    }
    if (known == null) {
      ask(question);
    } else {
      hand(known, asker);
    }
  }

  /** How a cursor stands; who reads on from it then finds the page that comes next already read. */
  public CompletableFuture<Standing> standing(Pin pin, Cursor cursor) {
    CompletableFuture<Standing> standing = new CompletableFuture<>();
    page(pin.channel(), cursor, false, new Asker() {
      @Override
      public void answered(Lease lease) {
        Page page = lease.page();
        lease.release();
        standing.complete(
            new Standing(page.fits(), page.head().cursor(), page.trimmed(), lease.endBefore()));
      }

      @Override
      public void failed(Throwable failure) {
        standing.completeExceptionally(failure);
      }
    });
    return standing;
  }

  /** A page that says what comes next, now held once more; null if there is none. */
  private @Nullable Lease known(Question question, long changes) {
    Lease known = shelf.find(question.channel(), question.position(), question.tail(), changes);
    if (known != null) {
      if (known.holders == 0) {
        pageBytes += known.bytes();
        shelf.taken(known);
      }
      known.holders++;
    }
    return known;
  }

  /** Through the readers, too: who finds all pages at hand must not keep a pump to itself. */
  private void hand(Lease lease, Asker asker) {
    run(() -> asker.answered(lease), failure -> {
      lease.release();
      asker.failed(failure);
    });
  }

  /** True if one more page may be asked for; pages that nobody holds give way to it. */
  private boolean hasRoom() {
    while (pageBytes + shelf.idleBytes() + limits.pageBytes() > limits.pagesBytes()) {
      if (!shelf.dropOne()) {
        return false;
      }
    }
    return true;
  }

  private void begin(Question question, Asker asker) {
    List<Asker> askers = new ArrayList<>(1);
    askers.add(asker);
    underWay.put(question, askers);
    pageBytes += limits.pageBytes();
  }

  private void ask(Question question) {
    run(() -> answer(question), failure -> fail(question, failure));
  }

  private void answer(Question question) {
    Cursor endBefore = question.tail().end();
    long changes = question.tail().changes();
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
    Lease lease;
    synchronized (this) {
      askers = List.copyOf(Objects.requireNonNull(underWay.remove(question)));
      pageBytes += actual - limits.pageBytes();
      lease = new Lease(question, page, endBefore, changes, actual, askers.size());
      if (page.fits() && !page.entries().isEmpty()) {
        shelf.put(lease);
      }
    }
    for (Asker asker : askers) {
      asker.answered(lease);
    }
    serveLine();
  }

  private void fail(Question question, Throwable failure) {
    List<Asker> askers;
    synchronized (this) {
      askers = underWay.remove(question);
      if (askers == null) {
        return;
      }
      pageBytes -= limits.pageBytes();
    }
    for (Asker asker : askers) {
      asker.failed(failure);
    }
    serveLine();
  }

  /** One at a time: if the readers are gone each question fails at once and comes here again, for a whole line. */
  private void serveLine() {
    if (serving.getAndIncrement() > 0) {
      return;
    }
    int turns = 1;
    try {
      do {
        serveAll();
        turns = serving.addAndGet(-turns);
      } while (turns > 0);
    } catch (RuntimeException | Error e) {
      // Else nobody would ever serve it again.
      serving.set(0);
      throw e;
    }
  }

  private void serveAll() {
    while (true) {
      InLine next;
      synchronized (this) {
        next = line.peekFirst();
      }
      if (next == null) {
        return;
      }
      long changes = next.question().tail().changes();
      Lease known;
      synchronized (this) {
        if (!next.equals(line.peekFirst())) {
          continue;
        }
        known = next.fresh() ? null : known(next.question(), changes);
        if (known == null) {
          List<Asker> same = underWay.get(next.question());
          if (same != null) {
            line.removeFirst();
            same.add(next.asker());
            continue;
          }
          if (!hasRoom() && pageBytes > 0) {
            return;
          }
          begin(next.question(), next.asker());
        }
        line.removeFirst();
      }
      if (known == null) {
        ask(next.question());
      } else {
        hand(known, next.asker());
      }
    }
  }

  /** Drops the pages that were read too long ago. */
  void tick(long nowNanos) {
    synchronized (this) {
      shelf.tick(nowNanos);
    }
  }

  /** Drops the pages that nobody holds, and fails whoever waits in line; nobody is to ask any more. */
  public void close() {
    List<InLine> left;
    synchronized (this) {
      shelf.clear();
      left = List.copyOf(line);
      line.clear();
    }
    for (InLine each : left) {
      each.asker().failed(new StoreUnavailableException("the chat is closed"));
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
    } catch (RuntimeException | Error e) {
      // An error, too: no thread may be had for it, and who asked must not wait for ever.
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

  /** Bytes of the pages that nobody holds, which are kept for a second for who comes to the same place. */
  public synchronized long shelvedBytes() {
    return shelf.idleBytes();
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
