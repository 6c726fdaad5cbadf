package dev.confab.chat.benchmarks;

import java.io.IOException;

/** Says something and tells when it is committed: what is compared. Any thread. */
interface Publisher extends AutoCloseable {
  /**
   * Sends one message. A sender sends its next one when this one is done, or, in an open loop, when it is time.
   *
   * @param key new for every message
   * @param done told once, on any thread, when the message is committed or was refused
   */
  void publish(int sender, int room, String key, Done done);

  /** Ends everything of its own; nothing is under way any more. */
  @Override
  void close() throws IOException;

  /** What became of a message. */
  @FunctionalInterface
  interface Done {
    /** True if it is committed. */
    void done(boolean committed);
  }
}
