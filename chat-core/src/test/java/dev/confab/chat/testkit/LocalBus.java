package dev.confab.chat.testkit;

import dev.confab.chat.spi.Backplane;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Several nodes in one process. Each receives on one thread of its own, which ends while there is nothing to do; what comes
 * while {@value #WAITING} envelopes wait for a node is dropped for that node.
 */
public final class LocalBus {
  private static final int WAITING = 1_000;

  private final List<Node> nodes = new CopyOnWriteArrayList<>();

  /** A bus without nodes. */
  public LocalBus() {}

  /** Another node; it takes part from when it is opened until it is closed. */
  public Backplane join() {
    return new Node();
  }

  private final class Node implements Backplane {
    private final ThreadPoolExecutor thread;
    private volatile Receiver receiver = envelope -> {};
    private volatile boolean receiving;

    Node() {
      thread = new ThreadPoolExecutor(
          1,
          1,
          100,
          TimeUnit.MILLISECONDS,
          new ArrayBlockingQueue<>(WAITING),
          task -> {
            Thread made = new Thread(task, "local-bus");
            made.setDaemon(true);
            return made;
          },
          new ThreadPoolExecutor.DiscardPolicy());
      thread.allowCoreThreadTimeOut(true);
    }

    @Override
    public void open(Receiver newReceiver) {
      receiver = newReceiver;
      receiving = true;
      nodes.add(this);
    }

    @Override
    public void send(Envelope envelope) {
      if (!receiving) {
        return;
      }
      for (Node node : nodes) {
        if (node != this) {
          node.thread.execute(() -> node.take(envelope));
        }
      }
    }

    private void take(Envelope envelope) {
      if (receiving) {
        try {
          receiver.received(envelope);
        } catch (RuntimeException e) {
          // What a node does with an envelope is no matter of the others, and the next one may do
          // better.
        }
      }
    }

    /** Waits, at most five seconds, for an envelope that is being received; the others are dropped. */
    @Override
    public void close() {
      receiving = false;
      nodes.remove(this);
      thread.getQueue().clear();
      thread.shutdown();
      try {
        thread.awaitTermination(5, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
