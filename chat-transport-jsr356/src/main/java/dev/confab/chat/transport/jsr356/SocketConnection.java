package dev.confab.chat.transport.jsr356;

import dev.confab.chat.model.Handshake;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.spi.Inbound;
import jakarta.websocket.RemoteEndpoint;
import jakarta.websocket.Session;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One session of a container as a connection. No lock is ever held, because a container may call back before a send returns,
 * on another thread, or under a lock of its own; and nothing is batched, because flushing a batch blocks on two containers.
 */
final class SocketConnection implements Connection {
  private static final Logger LOGGER = System.getLogger(SocketConnection.class.getName());

  /** How long a container may take to say that a connection is gone after it could not write or reported an error. */
  private static final Duration DOUBT = Duration.ofSeconds(1);

  /** What stays of a closed connection in the container for want of an answer goes after this much silence. */
  static final Duration LINGER = Duration.ofSeconds(2);

  /** Containers that end a silent connection themselves get this much more time to do so. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  /** What containers that notice silence themselves mostly say. */
  private static final CloseReason SILENT = CloseReason.of(1001, "silent for too long");

  /** In the user properties; only Tomcat reads it, which else waits 30 s for the answer to a close, also of an undeployed application. */
  private static final String TOMCAT_CLOSE_TIMEOUT =
      "org.apache.tomcat.websocket.SESSION_CLOSE_TIMEOUT";

  private static final String TOMCAT = "org.apache.tomcat.";

  /** Undertow, and what Quarkus has made of it. */
  private static final Set<String> UNDERTOW = Set.of(
      "io.undertow.websockets.jsr.UndertowSession", "io.undertow.websockets.UndertowSession");

  /** No close frame came. */
  private static final int ABNORMAL = 1006;

  /** What Open Liberty says of a connection that broke; no client has a reason to. */
  private static final int INTERNAL_ERROR = 1011;

  // What a connection is marked with.
  private static final int HAS_ENDED = 1;
  private static final int DOUBTED = 2;
  private static final int AWAITS_ANSWER = 4;
  private static final int PING_WAITS = 8;

  private final ChatEndpoint endpoint;
  private final Session session;
  private final RemoteEndpoint.Async remote;
  private final boolean ofLiberty;

  /**
   * Its sessions never have an idle timeout; only the endpoint counts their silence. Tyrus makes a timer for each frame of a
   * session that has one, and keeps it until that has passed, so that a busy chat would fill the memory with them. And that of
   * GlassFish 7 and Payara 6 looks at once whether a session without one is idle, now and then while it gets one: then it was
   * closed as idle when it had just opened.
   */
  private final boolean ofTyrus;

  private final InboundGate gate = new InboundGate();

  /** What leaves just now. */
  private final AtomicReference<Leaving> leaving = new AtomicReference<>(Idle.IDLE);

  /** When something last came or left. */
  private volatile long alive = System.nanoTime();

  /** What is so already. An object for each mark would be most of what an idle connection takes here. */
  private final AtomicInteger marks = new AtomicInteger();

  SocketConnection(ChatEndpoint endpoint, Session session) {
    this.endpoint = endpoint;
    this.session = session;
    this.remote = session.getAsyncRemote();
    Class<?> container = session.getContainer().getClass();
    this.ofLiberty = ChatEndpoint.isLiberty(container);
    this.ofTyrus = ChatEndpoint.isTyrus(container);
    if (remote.getSendTimeout() > 0) {
      // With a timeout Undertow reports a send as done that is not. Stalled writes are the chat's
      // to notice.
      remote.setSendTimeout(0);
    }
    if (session.getClass().getName().startsWith(TOMCAT)) {
      session.getUserProperties().put(TOMCAT_CLOSE_TIMEOUT, LINGER.toMillis());
    }
    // Now, before anybody can close it: closing sets a shorter one.
    limitSilence(
        ofTyrus ? ChatEndpoint.NEVER_IDLE : endpoint.options().idleTimeout().toMillis());
  }

  /** Hands the connection to the chat. */
  void begin(Acceptor acceptor, Handshake handshake) {
    Inbound inbound;
    try {
      inbound = acceptor.connected(handshake, this);
    } catch (RuntimeException | Error failure) {
      gate.abandon();
      LOGGER.log(Level.ERROR, "the chat could not take a connection", failure);
      close(CloseReason.INTERNAL);
      return;
    }
    gate.open(inbound);
  }

  boolean hasEnded() {
    return (marks.get() & HAS_ENDED) != 0;
  }

  /** True for who is the first to say so. */
  private boolean mark(int what) {
    return (marks.getAndUpdate(marked -> marked | what) & what) == 0;
  }

  /** Something came, or left. */
  void showsLife() {
    alive = System.nanoTime();
  }

  /** Closes what was never handed to the chat. Nothing was sent yet, so a client that does not read can not hold it up. */
  void refuse(CloseReason reason) {
    mark(HAS_ENDED);
    limitLingering();
    closeNow(reason);
    if (isOfUndertow() || ofLiberty) {
      // Some come when the endpoint has closed already.
      endpoint.workers().laterInAnyCase(LINGER, this::cutUnlessAnswered);
    }
  }

  /**
   * Ends the connection if it has been silent for longer than this: Undertow, for one, only asks a silent client to close, and
   * waits for its answer for ever. While a write is under way the chat decides how long it may take.
   */
  void endIfSilent(Duration limit) {
    if (System.nanoTime() - alive > limit.plus(GRACE).toNanos()
        && !(leaving.get() instanceof Write)) {
      close(SILENT);
    }
  }

  /** Tells the chat something; a failure of the chat's ends the connection. */
  void tell(Consumer<Inbound> what) {
    try {
      if (!gate.tell(what)) {
        LOGGER.log(Level.ERROR, "the container told two things of one connection at once");
        close(CloseReason.INTERNAL);
      }
    } catch (RuntimeException | Error failure) {
      LOGGER.log(Level.ERROR, "the chat failed on what a client sent", failure);
      close(CloseReason.INTERNAL);
    }
  }

  /** The container says it is over. */
  void gone(int code, String reason) {
    awaitAnswer();
    if (mark(HAS_ENDED)) {
      release(ofLiberty && code == INTERNAL_ERROR ? ABNORMAL : code, reason);
    }
  }

  /** Something failed after which some containers say that the connection is gone, and some do not. */
  void doubt(String why) {
    if (!hasEnded() && mark(DOUBTED)) {
      endpoint.workers().later(DOUBT, () -> {
        if (mark(HAS_ENDED)) {
          release(ABNORMAL, why);
          closeSession(CloseReason.of(1011, why));
        }
      });
    }
  }

  @Override
  public void write(List<Frame> frames, Done done) {
    Write write = new Write(frames, done);
    while (true) {
      Leaving before = leaving.compareAndExchange(Idle.IDLE, write);
      if (before == Idle.IDLE) {
        if (hasEnded()) {
          write.end(new IOException("the connection is closed"));
        } else {
          write.proceed();
        }
        return;
      }
      if (before instanceof Write) {
        write.end(new IllegalStateException("a write was given while another one was under way"));
        return;
      }
      // A ping may be held up by the container, and then so is any send; it takes this write along
      // when it is through.
      if (leaving.compareAndSet(Idle.PING, write)) {
        if (hasEnded()) {
          write.end(new IOException("the connection is closed"));
        }
        return;
      }
    }
  }

  /** On a thread that may be held up, because some containers send pings only that way. */
  @Override
  public void ping() {
    if (!hasEnded() && mark(PING_WAITS)) {
      endpoint.workers().blocking(this::pingNow);
    }
  }

  private void pingNow() {
    marks.getAndUpdate(marked -> marked & ~PING_WAITS);
    if (hasEnded() || !leaving.compareAndSet(Idle.IDLE, Idle.PING)) {
      return;
    }
    try {
      remote.sendPing(ByteBuffer.allocate(0));
    } catch (IOException | RuntimeException | Error failure) {
      doubt("ping failed");
    }
    if (!leaving.compareAndSet(Idle.PING, Idle.IDLE) && leaving.get() instanceof Write waiting) {
      waiting.proceed();
    }
  }

  @Override
  public void close(CloseReason reason) {
    if (mark(HAS_ENDED)) {
      endpoint.workers().soon(() -> {
        release(reason.code(), reason.text());
        closeSession(reason);
      });
    }
  }

  /** Ours first: whatever the container does now, the write ends and the chat is told. */
  private void release(int code, String reason) {
    endpoint.forget(this);
    if (leaving.get() instanceof Write write) {
      write.end(new IOException("the connection ended with " + code));
    }
    try {
      gate.end(code, reason);
    } catch (RuntimeException | Error failure) {
      LOGGER.log(Level.ERROR, "the chat failed on the end of a connection", failure);
    }
  }

  private void closeSession(CloseReason reason) {
    limitLingering();
    awaitAnswer();
    endpoint.workers().blocking(() -> {
      closeNow(reason);
      // Not before: until it is through, its own clock runs.
      if (ofLiberty && hasSocket()) {
        limitWait();
      }
    });
  }

  private void closeNow(CloseReason reason) {
    if (ofLiberty) {
      endpoint.beginsToClose(this);
      endpoint.workers().laterIfOpen(LINGER, this::cutOnLiberty);
    }
    try {
      session.close(new jakarta.websocket.CloseReason(reason::code, reason.text()));
    } catch (IOException | RuntimeException | Error failure) {
      LOGGER.log(Level.DEBUG, "a session could not be closed in order", failure);
    } finally {
      if (ofLiberty) {
        endpoint.isThroughClosing(this);
      }
    }
  }

  /** Ends a close that the client holds up. */
  void cutOnLiberty() {
    if (endpoint.isThroughClosing(this)) {
      cut(Cut::onLiberty);
    }
  }

  private boolean isOfUndertow() {
    return UNDERTOW.contains(session.getClass().getName());
  }

  /** Undertow waits for it for ever, also when it has closed the session itself. */
  private void awaitAnswer() {
    if (isOfUndertow() && mark(AWAITS_ANSWER)) {
      limitWait();
    }
  }

  private void limitWait() {
    endpoint.awaitsAnswer(this);
    endpoint.workers().laterIfOpen(LINGER, this::cutUnlessAnswered);
  }

  /** False once there is nothing left to cut. */
  boolean hasSocket() {
    if (!ofLiberty) {
      return session.isOpen();
    }
    try {
      return Cut.isUnansweredOnLiberty(session);
    } catch (ReflectiveOperationException | RuntimeException failure) {
      LOGGER.log(Level.DEBUG, "a socket is left to the container", failure);
      return false;
    }
  }

  /** Ends the wait for the answer to a close. */
  void cutUnlessAnswered() {
    endpoint.isCut(this);
    if (!ofLiberty) {
      cut(Cut::onUndertow);
    } else if (hasSocket()) {
      cut(Cut::onLiberty);
    }
  }

  private void cut(Cutting cutting) {
    try {
      cutting.cut(session);
    } catch (ReflectiveOperationException | RuntimeException failure) {
      LOGGER.log(Level.DEBUG, "a socket could not be cut", failure);
    }
  }

  /** One of those of {@link Cut}. */
  @FunctionalInterface
  private interface Cutting {
    void cut(Session session) throws ReflectiveOperationException;
  }

  private void limitLingering() {
    if (!ofTyrus) {
      limitSilence(LINGER.toMillis());
    }
  }

  private void limitSilence(long millis) {
    try {
      session.setMaxIdleTimeout(millis);
    } catch (RuntimeException | Error closed) {
      LOGGER.log(Level.TRACE, "a session was closed already", closed);
    }
  }

  /** What leaves just now: nothing, a ping, or a write. */
  private sealed interface Leaving {}

  private enum Idle implements Leaving {
    IDLE,
    PING
  }

  /** Frames on their way, one send in the container at a time. */
  private final class Write implements Leaving {
    /** Those that are not sent yet: a container that holds one up must not hold the memory of those before it. */
    private final @Nullable Frame[] frames;

    /** Null once told. */
    private final AtomicReference<@Nullable Done> done;

    /** Above zero while a thread is in the loop below; what comes meanwhile is one more turn of it, not one more call. */
    private final AtomicInteger turns = new AtomicInteger();

    /** How many sends ended. A container that reports one twice moves it once. */
    private final AtomicInteger sent = new AtomicInteger();

    Write(List<Frame> frames, Done done) {
      this.frames = frames.toArray(new @Nullable Frame[0]);
      this.done = new AtomicReference<>(done);
    }

    void proceed() {
      if (turns.getAndIncrement() > 0) {
        return;
      }
      do {
        send();
      } while (turns.decrementAndGet() > 0);
    }

    private void send() {
      if (done.get() == null) {
        return;
      }
      int index = sent.get();
      if (index == frames.length) {
        end(null);
        return;
      }
      Frame frame = Objects.requireNonNull(frames[index]);
      frames[index] = null;
      try {
        remote.sendText(
            frame.text(),
            result -> sent(index, result.isOK() ? null : reason(result.getException())));
      } catch (RuntimeException | Error failure) {
        sent(index, failure);
      }
    }

    private void sent(int index, @Nullable Throwable failure) {
      if (!sent.compareAndSet(index, index + 1)) {
        return;
      }
      if (failure == null) {
        showsLife();
        proceed();
      } else {
        doubt("write failed");
        end(failure);
      }
    }

    private Throwable reason(@Nullable Throwable failure) {
      return failure == null ? new IOException("the container could not send") : failure;
    }

    /** Tells how it ended, once; a failure may come from outside at any time. */
    void end(@Nullable Throwable failure) {
      Done told = done.getAndSet(null);
      if (told == null) {
        return;
      }
      leaving.compareAndSet(this, Idle.IDLE);
      try {
        told.done(failure);
      } catch (RuntimeException | Error bug) {
        LOGGER.log(Level.ERROR, "the chat failed on the end of a write", bug);
        close(CloseReason.INTERNAL);
      }
    }
  }
}
