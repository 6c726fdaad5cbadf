package dev.confab.chat.internal.hub;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Wakes the followers of one channel. At most one pass runs; what is committed meanwhile is picked up by the next, so
 * batches grow by themselves under load and there is no timer.
 */
final class Passes {
  private static final System.Logger LOG = System.getLogger(Passes.class.getName());

  /** Up to how many followers a pass may run on the thread that committed. */
  private static final int SMALL = 16;

  /** After so many passes for one entry each it is taken that people speak one by one. */
  private static final int ONE_BY_ONE = 4;

  private final Followers followers;
  private final Executor pumps;
  private final LongSupplier end;
  private final AtomicBoolean passing = new AtomicBoolean();
  private volatile boolean wanted;
  private final AtomicBoolean suspectWanted = new AtomicBoolean();
  private volatile long horizon = Long.MAX_VALUE;

  /** Where the log ended before what is held back now. */
  private volatile long heldFrom = Long.MAX_VALUE;

  /** How often something is held back. Guarded by this. */
  private int held;

  // Touched only by who is passing.
  private Followers.Slice[] slices = new Followers.Slice[0];
  private int next;
  private boolean suspect;

  /** Where the log ended when the last pass began, and how many passes in a row began not more than one entry later. */
  private long told;

  private int oneByOne;

  /**
   * For these followers.
   *
   * @param end the number at which the log ends now
   */
  Passes(Followers followers, Executor pumps, LongSupplier end) {
    this.followers = followers;
    this.pumps = pumps;
    this.end = end;
  }

  /**
   * How far a follower is to read now. While a pass is under way that is where the log ended when its slice began, so that all
   * in the slice come to one place and share one text, although commits go on; the next pass, which is wanted then, brings the
   * rest to the slices before. What is held back nobody reads in any case.
   */
  long horizon() {
    return Math.min(horizon, heldFrom);
  }

  /**
   * Nobody is to read what comes to the log from now on, until it is {@link #release}d: so the sender's reply can be queued
   * before anybody is shown what was sent, and a reader that is pumped just now does not come between the two.
   */
  void hold() {
    long endNow = end.getAsLong();
    synchronized (this) {
      held++;
      heldFrom = Math.min(heldFrom, endNow);
    }
  }

  /** What was held back may be read once nobody holds anything back any more. A pass has to be wanted then. */
  synchronized void release() {
    held--;
    if (held == 0) {
      heldFrom = Long.MAX_VALUE;
    }
  }

  /**
   * Lets every follower be woken.
   *
   * @param rollback true if each has to look where it stands
   * @param here true if it may be done on this thread where the channel is small
   */
  void want(boolean rollback, boolean here) {
    if (rollback) {
      suspectWanted.set(true);
    }
    wanted = true;
    if (followers.count() > 0 && passing.compareAndSet(false, true)) {
      if (here && followers.count() <= SMALL) {
        pass();
      } else {
        passSoon();
      }
    }
  }

  private void passSoon() {
    try {
      pumps.execute(this::pass);
    } catch (RuntimeException | Error e) {
      // No thread is to be had: the next who wants a pass begins anew.
      over();
      throw e;
    }
  }

  private void over() {
    next = 0;
    slices = new Followers.Slice[0];
    horizon = Long.MAX_VALUE;
    passing.set(false);
  }

  private void wake(Follower follower) {
    try {
      follower.wake(suspect);
    } catch (RuntimeException | Error e) {
      // One that can not be woken must not keep the others from it, now or ever after.
      LOG.log(System.Logger.Level.ERROR, "a follower could not be woken", e);
    }
  }

  /**
   * Where more threads have work than there are processors, those that bring what is to be committed go first, and it is all one
   * write. Nothing hangs on it but how much a pass takes along. A small channel has little to gain, and none has in which people
   * speak one by one: Linux lets whoever is woken later go before a thread that gave way, so that each write which a container
   * hands to a thread of its own would interrupt the pass.
   */
  @SuppressWarnings("ThreadPriorityCheck")
  private void letOthersCommit() {
    if (oneByOne < ONE_BY_ONE && followers.count() > SMALL) {
      Thread.yield();
    }
  }

  private void pass() {
    if (next == 0) {
      long endNow = end.getAsLong();
      oneByOne = endNow - told > 1 ? 0 : Math.min(oneByOne + 1, ONE_BY_ONE);
      told = endNow;
    }
    letOthersCommit();
    if (next == 0) {
      wanted = false;
      // In one step: a rollback that is noticed meanwhile belongs to this pass or to the next.
      suspect = suspectWanted.getAndSet(false);
      slices = followers.slices();
    }
    horizon = end.getAsLong();
    if (next < slices.length) {
      for (Follower follower : slices[next].members()) {
        wake(follower);
      }
      next++;
    }
    if (next < slices.length) {
      // In turns with other channels: a room of ten does not wait for a room of ten thousand.
      passSoon();
      return;
    }
    next = 0;
    slices = new Followers.Slice[0];
    if (!wanted) {
      horizon = Long.MAX_VALUE;
    }
    passing.set(false);
    if (wanted && passing.compareAndSet(false, true)) {
      passSoon();
    }
  }
}
