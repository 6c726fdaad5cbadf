package dev.confab.chat.benchmarks.server;

import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import java.io.IOException;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a bare loop: a place in its room, and at most one send under way.
 *
 * <p><b>Threads.</b> {@link #wake} may be called on any; whoever comes first runs the loop.
 */
final class BareMember {
  private final Session session;
  private final RemoteEndpoint.Async remote;
  private final Application loop;

  /** Replies that wait, oldest first; a client has few requests under way. */
  private final Queue<String> replies = new ConcurrentLinkedQueue<>();

  /** Above zero while a thread is in the loop. */
  private final AtomicInteger turns = new AtomicInteger();

  private volatile boolean sending;

  /** Set under the room's lock, before anybody wakes it. */
  private volatile @Nullable BareRoom room;

  /** Of the thread in the loop. */
  private long position;

  /** Something was sent since the last flush. Of the thread in the loop. */
  private boolean unflushed;

  BareMember(Session session, Application loop) {
    this.session = session;
    this.remote = session.getAsyncRemote();
    this.loop = loop;
    if (loop == Application.BATCHED) {
      try {
        remote.setBatchingAllowed(true);
      } catch (IOException failure) {
        throw new IllegalStateException(failure);
      }
    }
  }

  void enter(BareRoom entered, long at) {
    position = at;
    room = entered;
  }

  void leave() {
    BareRoom left = room;
    if (left != null) {
      left.leave(this);
    }
  }

  void reply(String text) {
    replies.add(text);
    wake();
  }

  /** Sends what there is to send, unless a send is under way. */
  void wake() {
    if (turns.getAndIncrement() > 0) {
      return;
    }
    int seen = 1;
    do {
      send();
      seen = turns.addAndGet(-seen);
    } while (seen > 0);
  }

  private void send() {
    if (sending) {
      return;
    }
    try {
      Optional<String> text = loop == Application.JOINED ? everything() : one();
      if (text.isPresent()) {
        sending = true;
        unflushed = true;
        remote.sendText(text.get(), result -> {
          sending = false;
          if (result.isOK()) {
            wake();
          } else {
            throwOut();
          }
        });
      } else if (unflushed && loop == Application.BATCHED) {
        unflushed = false;
        // Blocks while the client does not read: that is what is wrong with it.
        remote.flushBatch();
      }
    } catch (IOException | RuntimeException failure) {
      throwOut();
    }
  }

  private Optional<String> everything() {
    Optional<String> waiting = Optional.empty();
    for (String reply = replies.poll(); reply != null; reply = replies.poll()) {
      String next = reply;
      waiting = Optional.of(waiting.map(before -> before + "\n" + next).orElse(next));
    }
    BareRoom mine = room;
    Optional<BareRoom.Part> part = mine == null ? Optional.empty() : mine.after(position);
    if (part.isEmpty()) {
      return waiting;
    }
    position = part.get().to();
    String events = part.get().text();
    return Optional.of(waiting.map(before -> events + "\n" + before).orElse(events));
  }

  private Optional<String> one() {
    String reply = replies.poll();
    if (reply != null) {
      return Optional.of(reply);
    }
    BareRoom mine = room;
    Optional<BareRoom.Part> part = mine == null ? Optional.empty() : mine.next(position);
    if (part.isEmpty()) {
      return Optional.empty();
    }
    position = part.get().to();
    return Optional.of(part.get().text());
  }

  private void throwOut() {
    // Nothing is sent any more.
    sending = true;
    leave();
    try {
      session.close();
    } catch (IOException | RuntimeException failure) {
      System.err.println("a member was gone before it was thrown out: " + failure);
    }
  }
}
