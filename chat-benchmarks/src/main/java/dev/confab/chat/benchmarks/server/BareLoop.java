package dev.confab.chat.benchmarks.server;

import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Extension;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The least a chat can be in a container, public for the container's sake: it takes any login, numbers messages, and passes them on. It speaks as much of Confab's
 * protocol as the load tool does, and looks at no more of it than it has to.
 */
public final class BareLoop extends Endpoint {
  private static final String WELCOME = "{\"event\":\"welcome\",\"version\":1}";
  private static final String AUTH = "{\"op\":\"auth\",\"args\":[\"";
  private static final String SUBSCRIBE = "{\"op\":\"subscribe\",\"args\":[\"";
  private static final String PUBLISH = "{\"op\":\"publish\",\"args\":[\"";
  private static final String CHAT_V1 = "chat.v1";

  private final Application loop;
  private final Rooms rooms;
  private @Nullable BareMember member;
  private String name = "";

  private BareLoop(Application loop, Rooms rooms) {
    this.loop = loop;
    this.rooms = rooms;
  }

  /** Installs it. */
  static void install(ServerContainer container, String path, Application loop) {
    Rooms rooms = new Rooms();
    ServerEndpointConfig.Configurator configurator = new ServerEndpointConfig.Configurator() {
      @Override
      public <T> T getEndpointInstance(Class<T> type) {
        return type.cast(new BareLoop(loop, rooms));
      }

      @Override
      public List<Extension> getNegotiatedExtensions(
          List<Extension> installed, List<Extension> requested) {
        return List.of();
      }
    };
    try {
      container.addEndpoint(ServerEndpointConfig.Builder.create(BareLoop.class, path)
          .subprotocols(List.of(CHAT_V1))
          .configurator(configurator)
          .build());
    } catch (DeploymentException failure) {
      throw new IllegalStateException(failure);
    }
  }

  @Override
  public void onOpen(Session session, EndpointConfig config) {
    session.setMaxIdleTimeout(0);
    BareMember opened = new BareMember(session, loop);
    member = opened;
    session.addMessageHandler(
        String.class, (MessageHandler.Whole<String>) text -> take(opened, text));
    if (session.getNegotiatedSubprotocol().equals(CHAT_V1)) {
      opened.reply(WELCOME);
    }
  }

  private void take(BareMember from, String text) {
    if (text.startsWith(PUBLISH)) {
      int end = text.indexOf('"', PUBLISH.length());
      BareRoom room = room(text.substring(PUBLISH.length(), end));
      // What stands between the name and the end of the arguments is what was said.
      from.reply(room.record(name, text.substring(end + 2, text.length() - 2)));
      room.pass();
    } else if (text.startsWith(AUTH)) {
      name = text.substring(AUTH.length(), text.indexOf('"', AUTH.length()));
      from.reply("{\"op\":\"auth\",\"success\":true}");
    } else if (text.startsWith(SUBSCRIBE) && !name.isEmpty()) {
      room(text.substring(SUBSCRIBE.length(), text.indexOf('"', SUBSCRIBE.length())))
          .join(from);
      from.reply("{\"op\":\"subscribe\",\"success\":true}");
    }
  }

  private BareRoom room(String room) {
    return rooms.named.computeIfAbsent(room, name -> new BareRoom(name, rooms.passes));
  }

  /** All rooms of one server. */
  private static final class Rooms {
    private final Map<String, BareRoom> named = new ConcurrentHashMap<>();
    private final Executor passes = Executors.newSingleThreadExecutor(task -> {
      Thread thread = new Thread(task, "passes");
      thread.setDaemon(true);
      return thread;
    });
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    BareMember closed = member;
    if (closed != null) {
      closed.leave();
    }
  }
}
