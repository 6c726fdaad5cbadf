package dev.confab.chat.internal.outlet;

import dev.confab.chat.model.Limits;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** What all connections together have in flight. Any thread. */
public final class Flights {
  /**
   * For each of so many parts of the bound in flight writes are half as large: so those who stop reading all at once, each
   * with a write in flight, take far less than the bound, and those who read hardly feel it.
   */
  private static final int STEPS = 16;

  private final AtomicLong bytes = new AtomicLong();
  private final LongAdder writes = new LongAdder();
  private final LongAdder writtenBytes = new LongAdder();
  private final LongAdder droppedSignals = new LongAdder();
  private final int writeBytes;
  private final int crowdedWriteBytes;
  private final long stepBytes;

  /** Nothing in flight. */
  public Flights(Limits limits) {
    writeBytes = limits.writeBytes();
    crowdedWriteBytes = Math.min(limits.crowdedWriteBytes(), limits.writeBytes());
    stepBytes = limits.inFlightBytes() / STEPS;
  }

  /** Powers of two apart, because who is written the same amount from the same place shares one text. */
  int nextWriteBytes() {
    long halvings = Math.min(Integer.SIZE - 1, bytes.get() / stepBytes);
    return Math.max(crowdedWriteBytes, writeBytes >> halvings);
  }

  void started(int length) {
    bytes.addAndGet(length);
    writes.increment();
  }

  void ended(int length) {
    bytes.addAndGet(-length);
    writtenBytes.add(length);
  }

  void signalsDropped(int count) {
    droppedSignals.add(count);
  }

  /** Bytes of all writes that are not done. */
  public long bytesInFlight() {
    return bytes.get();
  }

  /** Writes so far. */
  public long writes() {
    return writes.sum();
  }

  /** Bytes of all writes that are done. */
  public long writtenBytes() {
    return writtenBytes.sum();
  }

  /** Signals and presence events dropped because a connection was behind. */
  public long droppedSignals() {
    return droppedSignals.sum();
  }
}
