package dev.confab.chat.benchmarks.micro;

import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import java.util.List;

/** A connection that takes everything at once. Used by one thread. */
final class Taker implements Connection {
  private long writes;
  private long bytes;

  @Override
  public void write(List<Frame> frames, Done done) {
    writes++;
    for (Frame frame : frames) {
      bytes += frame.length();
    }
    done.done(null);
  }

  long writes() {
    return writes;
  }

  long bytes() {
    return bytes;
  }

  @Override
  public void ping() {}

  @Override
  public void close(CloseReason reason) {
    throw new IllegalStateException("closed: " + reason);
  }
}
