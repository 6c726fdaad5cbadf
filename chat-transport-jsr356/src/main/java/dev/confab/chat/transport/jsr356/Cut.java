package dev.confab.chat.transport.jsr356;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Session;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Cuts the socket of a session where its container would wait for the client for ever, by means the container has beside the standard. */
final class Cut {
  private static final Logger LOGGER = System.getLogger(Cut.class.getName());

  private Cut() {}

  /** Undertow keeps a socket, and what could not be written to it, until the client answers the close, which some never do. */
  static void onUndertow(Session session) throws ReflectiveOperationException {
    Object unused = session.getClass().getMethod("forceClose").invoke(session);
  }

  /** The same by a timer of Undertow's, for an endpoint that is closed and has no threads any more. */
  static void onUndertowAfter(Duration time, Session session) throws ReflectiveOperationException {
    Object channel = session.getClass().getMethod("getWebSocketChannel").invoke(session);
    Object thread = channel.getClass().getMethod("getIoThread").invoke(channel);
    Runnable cut = () -> {
      try {
        onUndertow(session);
      } catch (ReflectiveOperationException | RuntimeException failure) {
        LOGGER.log(Level.DEBUG, "a socket could not be cut", failure);
      }
    };
    Object unused = Class.forName(
            "org.xnio.XnioExecutor", false, thread.getClass().getClassLoader())
        .getMethod("executeAfter", Runnable.class, long.class, TimeUnit.class)
        .invoke(thread, cut, time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Open Liberty writes a close on the thread that asks for it, and while a send is under way it waits there for the client
   * without limit. Without its socket it waits no longer, once it is told that nothing is written.
   */
  static void onLiberty(Session session) throws ReflectiveOperationException {
    Method implementation = session.getClass().getMethod("getSessionImpl");
    // It is public, but perhaps not the class of a session that was put around another one.
    implementation.setAccessible(true);
    Object inside = implementation.invoke(session);
    Field field = inside.getClass().getDeclaredField("connLink");
    field.setAccessible(true);
    Object link = field.get(inside);
    Object unused = link.getClass()
        .getMethod("closeUsingSession", CloseReason.class, boolean.class, boolean.class)
        .invoke(link, null, false, true);
    unused = link.getClass().getMethod("signalNotWriting").invoke(link);
  }
}
