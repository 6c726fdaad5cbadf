package dev.confab.chat.benchmarks.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.logging.Level;
import java.util.logging.Logger;

/** One of the peers, as a program: its name is the argument. Otherwise as {@link BenchmarkServer}. */
public final class PeerServer {
  /** Kept, so that its level is. */
  private static final Logger ROOT = Logger.getLogger("");

  /** Tells that it starts a servlet, whatever the level. */
  private static final Logger CATALINA = Logger.getLogger("org.apache.catalina");

  private PeerServer() {}

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    ROOT.setLevel(Level.WARNING);
    CATALINA.setLevel(Level.WARNING);
    switch (Peer.valueOf(arguments[0])) {
      case COMETD -> BenchmarkServer.serve(CometdPeer.start(), CometdPeer.name());
      case SPRING -> BenchmarkServer.serve(SpringPeer.start(), SpringPeer.name());
      case NETTY_SOCKETIO -> {
        int port = freePort();
        SocketioPeer.start(port);
        BenchmarkServer.serve(port, SocketioPeer.name());
      }
      case SOCKETIO, WS -> throw new IllegalArgumentException("this one runs on Node");
    }
  }

  /** For a server that does not say which port it was given. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
