package dev.confab.chat.internal.hub;

import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Head;
import dev.confab.chat.protocol.TrimmedRange;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The host's own subscription: in order, at its own pace, from any cursor. What the consumer throws at is told again,
 * later and later, so nothing is lost.
 */
public final class HostFollower implements Follower {
  private static final System.Logger LOG = System.getLogger(HostFollower.class.getName());
  private static final int ENTRIES_A_TURN = 256;
  private static final int MAX_BACK_OFF = 6;

  /** What the host is told. */
  public sealed interface Told {
    /**
     * An entry.
     *
     * @param entry the entry
     */
    record Recorded(Entry entry) implements Told {}

    /**
     * The log went backwards; the next entry comes from behind this head.
     *
     * @param channel which log
     * @param head its new head
     */
    record Reset(ChannelName channel, Head head) implements Told {}

    /**
     * Retention removed what comes next.
     *
     * @param channel which log
     * @param range what is gone
     */
    record Trimmed(ChannelName channel, TrimmedRange range) implements Told {}
  }

  private final Pin pin;
  private final Channel channel;
  private final Executor executor;
  private final Time time;
  private final Consumer<Told> consumer;
  private final Reading reading;
  private volatile Followers.@Nullable Slice slice;
  private volatile Cursor taken;
  private final AtomicBoolean over = new AtomicBoolean();

  /** How often it was woken and has not looked since; one task at a time looks. */
  private final AtomicInteger wanted = new AtomicInteger();

  // Touched only by the task that serves.
  private List<Entry> batch = List.of();
  private int inBatch;
  private @Nullable Told again;
  private int failures;

  HostFollower(
      Pin pin, Hub hub, Cursor start, Executor executor, Time time, Consumer<Told> consumer) {
    this.pin = pin;
    this.channel = pin.channel();
    this.executor = executor;
    this.time = time;
    this.consumer = consumer;
    this.reading = hub.reading(channel, start, 0, this::want);
    if (!pin.lies(start)) {
      // It may lie ahead of a log that went backwards; only the store can say.
      reading.suspect();
    }
    this.taken = start;
    Followers.Slice mine = channel.followers().add(this);
    slice = mine;
    if (over.get()) {
      // Ended meanwhile, by somebody who could not know yet where to take it out.
      channel.followers().remove(this, mine);
    }
    want();
  }

  @Override
  public void wake(boolean suspect) {
    if (suspect) {
      reading.suspect();
    }
    want();
  }

  @Override
  public boolean behind() {
    return reading.behind();
  }

  /** The place behind what the consumer took last. */
  public Cursor position() {
    return taken;
  }

  private void want() {
    if (wanted.getAndIncrement() == 0) {
      run();
    }
  }

  private void run() {
    try {
      executor.execute(this::serve);
    } catch (RuntimeException stopping) {
      end();
    }
  }

  private void serve() {
    int seen = wanted.get();
    for (int told = 0; told < ENTRIES_A_TURN && !over.get(); told++) {
      if (reading.isSuspect()) {
        forget();
      }
      Told next = again != null ? again : next();
      if (next == null) {
        if (wanted.addAndGet(-seen) != 0) {
          run();
        }
        return;
      }
      try {
        consumer.accept(next);
      } catch (RuntimeException | Error e) {
        again = next;
        Duration wait = Duration.ofSeconds(1L << Math.min(failures++, MAX_BACK_OFF));
        LOG.log(
            System.Logger.Level.WARNING,
            "a follower of the host failed at " + channel.name() + "; told again in " + wait,
            e);
        time.after(wait, this::run);
        return;
      }
      again = null;
      failures = 0;
      if (next instanceof Told.Recorded recorded) {
        reading.moveTo(recorded.entry().cursor());
      }
      taken = reading.position();
    }
    if (!over.get()) {
      run();
    }
  }

  /** Entries that wait to be told may not be in the log any more; if they are, they are read again. */
  private void forget() {
    batch = List.of();
    inBatch = 0;
    if (again instanceof Told.Recorded) {
      again = null;
    }
  }

  private @Nullable Told next() {
    if (inBatch < batch.size()) {
      return new Told.Recorded(batch.get(inBatch++));
    }
    Reading.Step step = reading.next(-1, 0);
    if (step instanceof Reading.Step.Entries entries) {
      batch = entries.entries();
      inBatch = 1;
      // The host may take its time with these; the place among the pages is for others.
      reading.shrink();
      return new Told.Recorded(batch.get(0));
    } else if (step instanceof Reading.Step.Reset reset) {
      return new Told.Reset(channel.name(), reset.head());
    } else if (step instanceof Reading.Step.Trimmed trimmed) {
      return new Told.Trimmed(channel.name(), trimmed.range());
    }
    return null;
  }

  /** Tells the consumer nothing more once what it is being told is done. */
  public void end() {
    if (over.compareAndSet(false, true)) {
      Followers.Slice mine = slice;
      if (mine != null) {
        channel.followers().remove(this, mine);
      }
      reading.abandon();
      pin.release();
    }
  }
}
