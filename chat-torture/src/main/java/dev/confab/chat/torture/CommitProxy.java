package dev.confab.chat.torture;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Stands between servers and their database, understands what is a {@code COMMIT} there, and cuts the connection around it when
 * it was told to. Safe for use by several threads.
 */
final class CommitProxy implements AutoCloseable {
  /** Where the connection is cut. */
  enum Cut {
    /** The database does not hear of the commit, and rolls back. */
    BEFORE,
    /** The commit is on its way, and nobody waits for what becomes of it. */
    ON_THE_WAY,
    /** The database has committed and said so, which the server never hears. */
    AFTER
  }

  private final ServerSocket door;
  private final int target;
  private final boolean postgresql;
  private final AtomicReference<Optional<Cut>> armed = new AtomicReference<>(Optional.empty());
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  private CommitProxy(int target, boolean postgresql) throws IOException {
    this.target = target;
    this.postgresql = postgresql;
    this.door = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    background(() -> {
      while (true) {
        Socket server = door.accept();
        background(() -> new Link(server).pass());
      }
    });
  }

  static CommitProxy postgresql(int target) throws IOException {
    return new CommitProxy(target, true);
  }

  static CommitProxy mariadb(int target) throws IOException {
    return new CommitProxy(target, false);
  }

  int port() {
    return door.getLocalPort();
  }

  /** The next commit that passes is cut so. */
  void cutNext(Cut cut) {
    armed.set(Optional.of(cut));
  }

  /** Whether no commit has passed since {@link #cutNext}. */
  boolean waits() {
    return armed.get().isPresent();
  }

  /** False if a commit has been cut since {@link #cutNext}; no further one is then. */
  boolean disarm() {
    return armed.getAndSet(Optional.empty()).isPresent();
  }

  private Optional<Cut> commitPasses() {
    return armed.get().isEmpty() ? Optional.empty() : armed.getAndSet(Optional.empty());
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
        "commit-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  /** One connection of a server to the database. */
  private final class Link {
    private final Socket server;
    private final Socket database;

    /** Statements of PostgreSQL whose text is a commit, by name. */
    private final Set<String> commits = new HashSet<>();

    private volatile boolean swallow;

    Link(Socket server) throws IOException {
      this.server = server;
      Socket way;
      try {
        way = new Socket(InetAddress.getLoopbackAddress(), target);
      } catch (IOException down) {
        server.close();
        throw down;
      }
      this.database = way;
      server.setTcpNoDelay(true);
      database.setTcpNoDelay(true);
      sockets.add(server);
      sockets.add(database);
    }

    void pass() throws IOException {
      background(this::answers);
      try {
        DataInputStream in =
            new DataInputStream(new BufferedInputStream(server.getInputStream(), 32 * 1024));
        OutputStream out = new BufferedOutputStream(database.getOutputStream(), 32 * 1024);
        if (postgresql) {
          passPostgresql(in, out);
        } else {
          passMariadb(in, out);
        }
      } finally {
        cut();
      }
    }

    private void passPostgresql(DataInputStream in, OutputStream out) throws IOException {
      copy(in, out, in.readInt(), -1);
      Optional<Cut> cut = Optional.empty();
      while (true) {
        if (in.available() == 0) {
          out.flush();
        }
        int type = in.readUnsignedByte();
        int length = in.readInt();
        byte[] body = new byte[length - 4];
        in.readFully(body);
        if (type == 'P') {
          String name = text(body, 0);
          boolean commit = isCommit(text(body, name.length() + 1));
          if (commit) {
            commits.add(name);
          } else {
            commits.remove(name);
          }
        }
        boolean begins = type == 'Q'
            ? isCommit(text(body, 0))
            : type == 'B' && commits.contains(text(body, text(body, 0).length() + 1));
        if (begins) {
          cut = commitPasses();
          if (cut.equals(Optional.of(Cut.BEFORE))) {
            return;
          }
          swallow = cut.equals(Optional.of(Cut.AFTER));
        }
        out.write(type);
        out.write(ByteBuffer.allocate(4).putInt(length).array());
        out.write(body);
        if (cut.equals(Optional.of(Cut.ON_THE_WAY)) && (type == 'S' || type == 'Q')) {
          out.flush();
          return;
        }
      }
    }

    private void passMariadb(DataInputStream in, OutputStream out) throws IOException {
      while (true) {
        if (in.available() == 0) {
          out.flush();
        }
        byte[] head = new byte[4];
        in.readFully(head);
        int length = (head[0] & 0xff) | (head[1] & 0xff) << 8 | (head[2] & 0xff) << 16;
        byte[] body = new byte[length];
        in.readFully(body);
        Optional<Cut> cut = Optional.empty();
        if (length > 1
            && length < 32
            && body[0] == 3
            && isCommit(new String(body, 1, length - 1, StandardCharsets.UTF_8))) {
          cut = commitPasses();
          if (cut.equals(Optional.of(Cut.BEFORE))) {
            return;
          }
          swallow = cut.equals(Optional.of(Cut.AFTER));
        }
        out.write(head);
        out.write(body);
        if (cut.equals(Optional.of(Cut.ON_THE_WAY))) {
          out.flush();
          return;
        }
      }
    }

    /** Copies a message whose length was read already. */
    private static void copy(DataInputStream in, OutputStream out, int length, int type)
        throws IOException {
      if (type >= 0) {
        out.write(type);
      }
      out.write(ByteBuffer.allocate(4).putInt(length).array());
      byte[] body = new byte[length - 4];
      in.readFully(body);
      out.write(body);
    }

    private static String text(byte[] body, int from) {
      int to = from;
      while (to < body.length && body[to] != 0) {
        to++;
      }
      return new String(body, from, to - from, StandardCharsets.UTF_8);
    }

    private static boolean isCommit(String sql) {
      return sql.strip().equalsIgnoreCase("commit");
    }

    private void answers() throws IOException {
      try {
        InputStream in = database.getInputStream();
        OutputStream out = server.getOutputStream();
        byte[] buffer = new byte[32 * 1024];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          if (swallow) {
            return;
          }
          out.write(buffer, 0, read);
        }
      } finally {
        cut();
      }
    }

    private void cut() throws IOException {
      sockets.remove(server);
      sockets.remove(database);
      server.close();
      database.close();
    }
  }

  @Override
  public void close() {
    try {
      door.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
