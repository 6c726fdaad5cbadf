package dev.confab.chat.store.jdbi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** A way to a server's port that can be shut, whoever is on it, and opened again. */
final class TcpGate implements AutoCloseable {
  private final InetAddress here = InetAddress.getLoopbackAddress();
  private volatile int target;

  /**
   * Bound to the gate's port and nothing more, so that the port stays its own while it is shut: a free one is given to whoever
   * connects to somewhere, also to who connects to it.
   */
  private final Socket place;

  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile ServerSocket door;
  private volatile long delayNanos;

  TcpGate(int target) {
    this.target = target;
    this.place = place();
    this.door = listen();
  }

  private Socket place() {
    try {
      Socket place = new Socket();
      place.setReuseAddress(true);
      place.bind(new InetSocketAddress(here, 0));
      return place;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return place.getLocalPort();
  }

  private ServerSocket listen() {
    try {
      ServerSocket server = new ServerSocket();
      server.setReuseAddress(true);
      server.bind(place.getLocalSocketAddress());
      background(() -> {
        while (true) {
          enter(server, server.accept());
        }
      });
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Who came in the moment the gate was shut does not get through. */
  private synchronized void enter(ServerSocket server, Socket client) throws IOException {
    if (server.isClosed()) {
      client.close();
      return;
    }
    Socket way = new Socket(here, target);
    sockets.add(client);
    sockets.add(way);
    background(() -> pass(client, way));
    background(() -> pass(way, client));
  }

  private void pass(Socket from, Socket to) throws IOException {
    try (from;
        to) {
      byte[] piece = new byte[16_384];
      for (int read = from.getInputStream().read(piece);
          read >= 0;
          read = from.getInputStream().read(piece)) {
        LockSupport.parkNanos(delayNanos);
        to.getOutputStream().write(piece, 0, read);
      }
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void background(Work work) {
    Thread thread = new Thread(() -> {
      try {
        work.run();
      } catch (IOException ended) {
        // A socket was closed, which is what this is for.
      }
    });
    thread.setDaemon(true);
    thread.start();
  }

  /** Lets nobody through and throws out who is in. */
  synchronized void shut() {
    try {
      door.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throwOut();
  }

  /** Throws out who is in, and goes on letting others through. */
  synchronized void throwOut() {
    try {
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Who comes from now on gets to this port; who is in stays where he is. */
  void leadTo(int port) {
    target = port;
  }

  /** From now on each piece takes so long, either way. */
  void slow(Duration delay) {
    delayNanos = delay.toNanos();
  }

  void open() {
    door = listen();
  }

  @Override
  public void close() {
    shut();
    try {
      place.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
