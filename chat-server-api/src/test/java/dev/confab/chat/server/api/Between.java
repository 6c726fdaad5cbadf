package dev.confab.chat.server.api;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Carries bytes to a server at this machine, and breaks connections when asked. */
final class Between implements AutoCloseable {
  private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final int port;

  Between(int port) throws IOException {
    this.port = port;
    run(this::accept);
  }

  URI address(String path) {
    return URI.create("ws://127.0.0.1:" + door.getLocalPort() + path);
  }

  private void accept() throws IOException {
    while (true) {
      Socket in = door.accept();
      Socket out = new Socket(InetAddress.getLoopbackAddress(), port);
      open.add(in);
      open.add(out);
      run(() -> carry(in, out));
      run(() -> carry(out, in));
    }
  }

  private static void carry(Socket from, Socket to) throws IOException {
    try (from;
        to;
        InputStream in = from.getInputStream()) {
      in.transferTo(to.getOutputStream());
    }
  }

  void breakAll() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    breakAll();
  }

  private interface Carrying {
    void run() throws IOException;
  }

  private static void run(Carrying task) {
    Thread thread = new Thread(
        () -> {
          try {
            task.run();
          } catch (IOException closed) {
            // As it was asked to.
          }
        },
        "between");
    thread.setDaemon(true);
    thread.start();
  }
}
