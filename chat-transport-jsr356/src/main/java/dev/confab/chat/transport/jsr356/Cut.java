package dev.confab.chat.transport.jsr356;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Session;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/** Cuts the socket of a session whose container would wait long for the client, by means it has beside the standard. */
final class Cut {
  private Cut() {}

  /** Undertow keeps a socket, and what could not be written to it, until the client answers the close, which some never do. */
  static void onUndertow(Session session) throws ReflectiveOperationException {
    Object unused = session.getClass().getMethod("forceClose").invoke(session);
  }

  /**
   * Open Liberty writes a close on the thread that asks for it, and while a send is under way it waits there for the client
   * without limit. Without its socket it waits no longer, once it is told that nothing is written.
   */
  static void onLiberty(Session session) throws ReflectiveOperationException {
    Object link = link(session);
    Object unused = link.getClass()
        .getMethod("closeUsingSession", CloseReason.class, boolean.class, boolean.class)
        .invoke(link, null, false, true);
    unused = link.getClass().getMethod("signalNotWriting").invoke(link);
  }

  /** Whether Open Liberty has written a close and waits for the answer, which it does for 30 s. */
  static boolean isUnansweredOnLiberty(Session session) throws ReflectiveOperationException {
    Object link = link(session);
    Object status = link.getClass().getMethod("getLinkStatus").invoke(link);
    return status.toString().equals("LOCAL_CLOSING");
  }

  private static Object link(Session session) throws ReflectiveOperationException {
    Method implementation = session.getClass().getMethod("getSessionImpl");
    // It is public, but perhaps not the class of a session that was put around another one.
    implementation.setAccessible(true);
    Object inside = implementation.invoke(session);
    Field field = inside.getClass().getDeclaredField("connLink");
    field.setAccessible(true);
    return field.get(inside);
  }
}
