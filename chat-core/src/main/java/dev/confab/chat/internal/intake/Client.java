package dev.confab.chat.internal.intake;

import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Inbound;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/** What a transport tells of one connection, decoded and handed to its lane. Called on socket threads; never blocks. */
final class Client implements Inbound {
  private static final System.Logger LOG = System.getLogger(Client.class.getName());

  private final Session session;
  private final Lane lane;
  private final Conversation conversation;
  private final Time time;
  private final IntConsumer onClosed;
  private final AtomicBoolean over = new AtomicBoolean();

  Client(Session session, Lane lane, Conversation conversation, Time time, IntConsumer onClosed) {
    this.session = session;
    this.lane = lane;
    this.conversation = conversation;
    this.time = time;
    this.onClosed = onClosed;
  }

  Session session() {
    return session;
  }

  Lane lane() {
    return lane;
  }

  @Override
  public void text(String frame) {
    session.heard(time.nanos());
    List<Decoded> all;
    try {
      all = conversation.decode(frame);
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "a dialect could not decode a frame", e);
      lane.close();
      session.end(CloseReason.INTERNAL);
      return;
    }
    // What several requests in one frame weigh is shared between them.
    int bytes = all.isEmpty() ? 0 : frame.length() / all.size();
    for (Decoded decoded : all) {
      lane.offer(decoded, bytes);
    }
  }

  @Override
  public void binary() {
    session.heard(time.nanos());
    if (session.outlet().dialect().manners().ignoresBinary()) {
      return;
    }
    lane.close();
    session.end(CloseReason.BINARY);
  }

  @Override
  public void pong() {
    session.heard(time.nanos());
  }

  @Override
  public void closed(int code, String reason) {
    lane.close();
    onClosed.accept(code);
    session.ended();
    if (over.compareAndSet(false, true)) {
      try {
        conversation.closed();
      } catch (RuntimeException | Error e) {
        LOG.log(System.Logger.Level.ERROR, "a dialect could not take the end of a connection", e);
      }
    }
  }

  @Override
  public Optional<ConnectionId> id() {
    return Optional.of(session.id());
  }
}
