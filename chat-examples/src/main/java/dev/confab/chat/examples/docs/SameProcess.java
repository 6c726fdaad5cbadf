package dev.confab.chat.examples.docs;

import dev.confab.chat.spi.Backplane;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Joins chats that run in one process and share a database. */
// docs:begin backplane
public final class SameProcess {
  private final List<Node> nodes = new CopyOnWriteArrayList<>();

  /** A backplane for one more chat. */
  public Backplane join() {
    return new Node();
  }

  private final class Node implements Backplane {
    /** One thread, so that envelopes stay in order; what comes when the queue is full is dropped. */
    private final ThreadPoolExecutor inbox = new ThreadPoolExecutor(
        1,
        1,
        1,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(1_000),
        new ThreadPoolExecutor.DiscardPolicy());

    private volatile Receiver receiver = envelope -> {};
    private volatile boolean open;

    @Override
    public void open(Receiver newReceiver) {
      inbox.allowCoreThreadTimeOut(true);
      receiver = newReceiver;
      open = true;
      nodes.add(this);
    }

    @Override
    public void send(Envelope envelope) {
      for (Node node : nodes) {
        if (node != this) {
          node.inbox.execute(() -> node.take(envelope));
        }
      }
    }

    private void take(Envelope envelope) {
      if (open) {
        receiver.received(envelope);
      }
    }

    @Override
    public void close() {
      open = false;
      nodes.remove(this);
      inbox.shutdownNow();
      try {
        inbox.awaitTermination(5, TimeUnit.SECONDS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
// docs:end backplane
