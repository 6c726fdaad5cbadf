package dev.confab.chat.torture;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands between the clients and one server, and is a bad network when told to: resets connections, lets them hang half open,
 * lets bytes through one at a time. Safe for use by several threads.
 */
final class HostileProxy implements AutoCloseable {
  private static final long BYTE_NANOS = Duration.ofNanos(250_000).toNanos();

  private final ServerSocket door;
  private final Set<Link> links = ConcurrentHashMap.newKeySet();

  /** Where the server listens; 0 while there is none. */
  private volatile int target;

  HostileProxy() throws IOException {
    door = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    background(() -> {
      while (true) {
        Socket client = door.accept();
        background(() -> enter(client));
      }
    });
  }

  int port() {
    return door.getLocalPort();
  }

  /** The server listens there from now on. */
  void leadTo(int port) {
    target = port;
  }

  /** Where the server listens, for who goes there directly. */
  int target() {
    return target;
  }

  private void enter(Socket client) throws IOException {
    Socket server;
    try {
      server = new Socket(InetAddress.getLoopbackAddress(), target);
    } catch (IOException | IllegalArgumentException nobody) {
      reset(client);
      return;
    }
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    Link link = new Link(client, server);
    links.add(link);
    background(() -> link.pass(server, client));
    link.pass(client, server);
  }

  /** How many connections there are. */
  int clients() {
    return links.size();
  }

  /** Some of those there are, each with this chance in a hundred, at least one. */
  private List<Link> some(Random random, int percent) {
    List<Link> all = new ArrayList<>(links);
    if (all.isEmpty()) {
      return all;
    }
    List<Link> chosen = new ArrayList<>(
        all.stream().filter(link -> random.nextInt(100) < percent).toList());
    if (chosen.isEmpty()) {
      chosen.add(all.get(random.nextInt(all.size())));
    }
    return chosen;
  }

  /** Resets some connections, both ways; returns how many. */
  int reset(Random random, int percent) {
    List<Link> chosen = some(random, percent);
    chosen.forEach(Link::reset);
    return chosen.size();
  }

  /** Lets nothing through some connections, which stay open, and resets them after this time; returns how many. */
  int halfOpen(Random random, int percent, Duration time) {
    List<Link> chosen = some(random, percent);
    chosen.forEach(link -> link.hangUntil = System.nanoTime() + time.toNanos());
    chosen.forEach(link -> link.hangs = true);
    return chosen.size();
  }

  /** Lets bytes through some connections one at a time; returns how many. */
  int byteByByte(Random random, int percent, Duration time) {
    List<Link> chosen = some(random, percent);
    chosen.forEach(link -> link.slowUntil = System.nanoTime() + time.toNanos());
    chosen.forEach(link -> link.slow = true);
    return chosen.size();
  }

  /** Ends all that was told: the network is good again. */
  void heal() {
    for (Link link : links) {
      link.hangUntil = System.nanoTime();
      link.slow = false;
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void background(Work work) {
    Thread thread = new Thread(
        () -> {
          try {
            work.run();
          } catch (IOException ended) {
            // A socket was closed, which is what this is for.
          }
        },
        "hostile-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException closed) {
      // Closed by the other direction.
    }
    try {
      socket.close();
    } catch (IOException closed) {
      // Gone either way.
    }
  }

  /** One connection. */
  private final class Link {
    private final Socket client;
    private final Socket server;
    private volatile boolean hangs;
    private volatile long hangUntil;
    private volatile boolean slow;
    private volatile long slowUntil;

    Link(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void pass(Socket from, Socket to) throws IOException {
      byte[] buffer = new byte[8 * 1024];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          int sent = 0;
          while (sent < read && slow && System.nanoTime() < slowUntil && !hangs) {
            out.write(buffer[sent++]);
            LockSupport.parkNanos(BYTE_NANOS);
          }
          if (hangs) {
            hang();
            return;
          }
          out.write(buffer, sent, read - sent);
        }
        if (hangs) {
          // Not even the end gets through.
          hang();
          return;
        }
        // The other side hears of an orderly end as such.
        to.shutdownOutput();
      } catch (IOException broken) {
        reset();
      } finally {
        if (from.isClosed() || (to.isOutputShutdown() && from.isOutputShutdown())) {
          end();
        }
      }
    }

    private void hang() {
      while (System.nanoTime() < hangUntil && !client.isClosed()) {
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      }
      reset();
    }

    void reset() {
      HostileProxy.reset(client);
      HostileProxy.reset(server);
      links.remove(this);
    }

    private void end() throws IOException {
      client.close();
      server.close();
      links.remove(this);
    }
  }

  @Override
  public void close() {
    try {
      door.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    links.forEach(Link::reset);
  }
}
