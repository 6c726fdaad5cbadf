package dev.confab.chat.server.api;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Inbound;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** connmix's API socket: who comes with a key may take records, call connections and push. */
final class ApiSockets implements Acceptor {
  private static final int MOST_SOCKETS = 1_000;
  private static final CloseReason NO_ROOM = CloseReason.of(4101, "too many sockets of workers");

  /** Consume failed, already consuming, cancel failed, not this worker's, connection call failed. */
  static final int CONSUME_FAILED = 201;

  static final int ALREADY_CONSUMING = 202;
  static final int CANCEL_FAILED = 203;
  static final int NOT_YOURS = 204;
  static final int CALL_FAILED = 301;

  private static final Inbound REFUSED = new Inbound() {
    @Override
    public void text(String frame) {}

    @Override
    public void binary() {}

    @Override
    public void pong() {}

    @Override
    public void closed(int code, String reason) {}
  };

  /** What a socket needs of the API. */
  record Parts(
      Chat chat,
      Mesh mesh,
      Doorkeeper doorkeeper,
      Threads threads,
      Map<String, WorkQueue> queues,
      String node,
      Optional<String> loginContext,
      boolean keysInQuery,
      int maxFrameBytes) {}

  private final Parts parts;
  private final Set<ApiSocket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  ApiSockets(Parts parts) {
    this.parts = parts;
  }

  @Override
  public Inbound connected(Handshake handshake, Connection connection) {
    if (closed) {
      connection.close(CloseReason.STOPPING);
      return REFUSED;
    }
    if (open.size() >= MOST_SOCKETS) {
      connection.close(NO_ROOM);
      return REFUSED;
    }
    ApiSocket socket = new ApiSocket(parts, handshake, connection, open::remove);
    open.add(socket);
    socket.begin();
    if (closed) {
      socket.end(CloseReason.STOPPING);
    }
    return socket;
  }

  @Override
  public List<String> subprotocols() {
    return List.of();
  }

  @Override
  public int maxFrameBytes() {
    return parts.maxFrameBytes();
  }

  /** Looks after every socket and every queue. */
  void look() {
    long now = System.nanoTime();
    parts.queues().values().forEach(queue -> queue.line().look(now));
    open.forEach(socket -> socket.look(now));
  }

  void close() {
    closed = true;
    open.forEach(socket -> socket.end(CloseReason.STOPPING));
  }

  /** {@code conn.call}: connmix's functions on one connection. */
  static void call(Parts parts, ApiKey key, Fields call) {
    ConnectionId connection = Mesh.connection("c", call.text("c"));
    String function = call.text("f");
    List<Json> arguments = call.list("a");
    Chat chat = parts.chat();
    switch (function) {
      case "set_context_value" -> {
        if (arguments.size() != 2) {
          throw Fields.bad("a", "set_context_value takes a name and a value");
        }
        String name =
            arguments.get(0).asString().orElseThrow(() -> Fields.bad("a", "a name is a string"));
        requireHere(chat.connections()
            .mergeAttributes(connection, Map.of(name, arguments.get(1)))
            .isPresent());
        if (parts.loginContext().filter(name::equals).isPresent()) {
          login(parts, key, connection, arguments.get(1));
        }
      }
      case "set_context" -> {
        if (arguments.size() != 1) {
          throw Fields.bad("a", "set_context takes an object");
        }
        Map<String, Json> context = Fields.objectOf("a", arguments.get(0)).all();
        requireHere(chat.connections().replaceAttributes(connection, context));
        parts
            .loginContext()
            .flatMap(name -> Optional.ofNullable(context.get(name)))
            .ifPresent(user -> login(parts, key, connection, user));
      }
      case "subscribe" -> {
        for (ChannelName channel : channels(parts, arguments)) {
          requireHere(chat.connections().subscribe(connection, channel));
        }
      }
      case "unsubscribe" -> {
        requireHere(chat.connections().isOnline(connection));
        for (ChannelName channel : channels(parts, arguments)) {
          chat.connections().unsubscribe(connection, channel);
        }
      }
      default ->
        throw Fields.bad("f", "f is one of set_context_value, set_context, subscribe, unsubscribe");
    }
  }

  private static List<ChannelName> channels(Parts parts, List<Json> arguments) {
    if (arguments.isEmpty()) {
      throw Fields.bad("a", "which channels?");
    }
    return arguments.stream()
        .map(name -> parts
            .mesh()
            .channel(
                "a", name.asString().orElseThrow(() -> Fields.bad("a", "a channel is a string"))))
        .toList();
  }

  /** The value is who it is: a string, or a number by its digits; 0, false, null and nothing mean nobody. */
  private static void login(Parts parts, ApiKey key, ConnectionId connection, Json value) {
    parts.doorkeeper().requireScope(key, Scope.LOGIN);
    String user = value.asString().orElse(value.text());
    if (user.isEmpty() || user.equals("0") || user.equals("null") || user.equals("false")) {
      parts.chat().connections().logout(connection);
      return;
    }
    if (value.asString().isEmpty() && !user.matches("[0-9]{1,64}")) {
      throw Fields.bad("a", "a user is a string or a whole number");
    }
    Identity identity = Fields.made("a", user, id -> Identity.of(id, id));
    requireHere(parts.chat().connections().login(connection, identity));
  }

  private static void requireHere(boolean here) {
    if (!here) {
      throw new RefusedException(ErrorCode.REJECTED, "no such connection on this node");
    }
  }
}
