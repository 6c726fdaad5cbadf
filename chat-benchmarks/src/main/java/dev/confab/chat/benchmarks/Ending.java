package dev.confab.chat.benchmarks;

/** How threads of this tool end. */
final class Ending {
  private Ending() {}

  /** Waits for a thread that was told to end; not if this thread is interrupted, which then stays so. */
  static void await(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
