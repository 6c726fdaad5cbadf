package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.server.BenchmarkServer;
import dev.confab.chat.benchmarks.server.Peer;
import java.util.List;

/** What one client says to a peer: it joins one room and publishes to it. Used by the wire's thread. */
interface Speech {
  /** How it is spoken to this one. */
  static Speech to(Peer peer) {
    return switch (peer) {
      case COMETD -> new Bayeux();
      case SPRING -> new Stomp();
      case NETTY_SOCKETIO, SOCKETIO -> new SocketIo();
      case WS -> new Bare();
    };
  }

  /** Where this one is to be found. */
  static String path(Peer peer) {
    return peer == Peer.NETTY_SOCKETIO || peer == Peer.SOCKETIO
        ? "/socket.io/?EIO=4&transport=websocket"
        : BenchmarkServer.PATH;
  }

  /** What else the opening request has to say, a line each. */
  static String headers(Peer peer) {
    return peer == Peer.SPRING ? "Sec-WebSocket-Protocol: v12.stomp\r\n" : "";
  }

  /** What is said first. */
  List<String> opened();

  /** What is said to this, which holds no message of the room. */
  List<String> heard(String text);

  /** Whether it has joined. */
  boolean joined();

  /**
   * What publishes this.
   *
   * @param data without characters that need escapes
   */
  String publish(String data);

  /** STOMP 1.2. */
  final class Stomp implements Speech {
    private boolean joined;

    @Override
    public List<String> opened() {
      return List.of("CONNECT\naccept-version:1.2\nhost:localhost\nheart-beat:0,0\n\n\0");
    }

    @Override
    public List<String> heard(String text) {
      if (text.startsWith("CONNECTED")) {
        // The broker acknowledges no subscription, but keeps what one client says in order: who
        // hears
        // itself has subscribed to the other, too.
        return List.of(
            "SUBSCRIBE\nid:0\ndestination:/topic/room\n\n\0",
            "SUBSCRIBE\nid:1\ndestination:/topic/echo" + hashCode() + "\n\n\0",
            "SEND\ndestination:/topic/echo" + hashCode() + "\n\nhere\0");
      }
      joined |= text.startsWith("MESSAGE");
      return List.of();
    }

    @Override
    public boolean joined() {
      return joined;
    }

    @Override
    public String publish(String data) {
      return "SEND\ndestination:/topic/room\n\n" + data + "\0";
    }
  }

  /** Engine.IO 4 and Socket.IO 5. */
  final class SocketIo implements Speech {
    private boolean joined;

    @Override
    public List<String> opened() {
      return List.of();
    }

    @Override
    public List<String> heard(String text) {
      if (text.startsWith("0{")) {
        return List.of("40");
      } else if (text.startsWith("40")) {
        return List.of("42[\"join\",\"room\"]");
      } else if (text.equals("2")) {
        return List.of("3");
      }
      joined |= text.startsWith("42[\"joined\"");
      return List.of();
    }

    @Override
    public boolean joined() {
      return joined;
    }

    @Override
    public String publish(String data) {
      return "42[\"message\",\"" + data + "\"]";
    }
  }

  /** Messages as they are, of a server that lets everybody into its one room. */
  final class Bare implements Speech {
    private boolean joined;

    @Override
    public List<String> opened() {
      return List.of();
    }

    @Override
    public List<String> heard(String text) {
      joined |= text.equals("joined");
      return List.of();
    }

    @Override
    public boolean joined() {
      return joined;
    }

    @Override
    public String publish(String data) {
      return data;
    }
  }

  /** Bayeux 1.0. */
  final class Bayeux implements Speech {
    private static final String CLIENT = "\"clientId\":\"";
    private String client = "";
    private boolean joined;

    @Override
    public List<String> opened() {
      return List.of("[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"id\":\"1\","
          + "\"supportedConnectionTypes\":[\"websocket\"]}]");
    }

    @Override
    public List<String> heard(String text) {
      if (text.contains("\"/meta/handshake\"")) {
        int from = text.indexOf(CLIENT) + CLIENT.length();
        client = text.substring(from, text.indexOf('"', from));
        return List.of(
            connect(),
            "[{\"channel\":\"/meta/subscribe\",\"subscription\":\"/room\",\"id\":\"3\",\"clientId\":\""
                + client + "\"}]");
      }
      joined |= text.contains("\"/meta/subscribe\"");
      // Answered when there is something new, and asked again.
      return text.contains("\"/meta/connect\"") ? List.of(connect()) : List.of();
    }

    private String connect() {
      return "[{\"channel\":\"/meta/connect\",\"connectionType\":\"websocket\",\"id\":\"2\",\"clientId\":\""
          + client + "\"}]";
    }

    @Override
    public boolean joined() {
      return joined;
    }

    @Override
    public String publish(String data) {
      return "[{\"channel\":\"/room\",\"id\":\"4\",\"clientId\":\"" + client + "\",\"data\":\""
          + data + "\"}]";
    }
  }
}
