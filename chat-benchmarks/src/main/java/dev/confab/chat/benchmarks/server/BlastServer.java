package dev.confab.chat.benchmarks.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * No chat: lets so many in, and when one of them publishes tells all of them the same, as fast as they take it. It shows what the
 * load tool can count.
 */
public final class BlastServer {
  /** In a frame. */
  private static final int MESSAGES = 27;

  private static final int BUFFER_BYTES = 64 * 1024;
  private static final String DATA = "0".repeat(128);

  private final List<SocketChannel> members = new ArrayList<>();
  private String room = "";

  private BlastServer() {}

  /** Runs it: the argument is how many to let in. */
  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[0]);
    ServerSocketChannel door = ServerSocketChannel.open();
    door.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), count);
    Thread blast = new Thread(() -> new BlastServer().run(door, count), "blast");
    blast.setDaemon(true);
    blast.start();
    BenchmarkServer.serve(
        ((InetSocketAddress) door.getLocalAddress()).getPort(), "a server that only sends");
  }

  private void run(ServerSocketChannel door, int count) {
    try {
      while (members.size() < count) {
        members.add(letIn(door.accept()));
      }
      awaitPublish();
      blast();
    } catch (IOException gone) {
      System.err.println("the load has left: " + gone.getMessage());
    }
  }

  /** One after the other: the load waits. */
  private SocketChannel letIn(SocketChannel member) throws IOException {
    member.setOption(StandardSocketOptions.TCP_NODELAY, true);
    read(member, "\r\n\r\n");
    member.write(ByteBuffer.wrap(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII)));
    send(member, "{\"event\":\"welcome\"}");
    read(member, "]}");
    send(member, "{\"op\":\"auth\",\"success\":true}");
    String asked = read(member, "]}");
    int from = asked.indexOf("[\"") + 2;
    room = asked.substring(from, asked.indexOf('"', from));
    send(member, "{\"op\":\"subscribe\",\"success\":true}");
    return member;
  }

  /** Everything up to this; what the load masks it masks with zeros. */
  private static String read(SocketChannel member, String end) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    String read = "";
    while (!read.endsWith(end)) {
      if (member.read(buffer) < 0) {
        throw new IOException("closed while joining");
      }
      read = new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
    }
    return read;
  }

  private static void send(SocketChannel member, String text) throws IOException {
    member.write(frame(text));
  }

  private static ByteBuffer frame(String text) {
    byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer frame = ByteBuffer.allocateDirect(payload.length + 4);
    frame.put((byte) 0x81);
    if (payload.length < 126) {
      frame.put((byte) payload.length);
    } else {
      frame.put((byte) 126).putShort((short) payload.length);
    }
    return frame.put(payload).flip();
  }

  private void awaitPublish() throws IOException {
    try (Selector selector = Selector.open()) {
      for (SocketChannel member : members) {
        member.configureBlocking(false);
        member.register(selector, SelectionKey.OP_READ);
      }
      selector.select();
    }
  }

  private void blast() throws IOException {
    for (long seq = 1; ; seq += MESSAGES) {
      StringBuilder text = new StringBuilder();
      for (int more = 0; more < MESSAGES; more++) {
        text.append(more == 0 ? "" : "\n")
            .append("{\"event\":\"subscribe\",\"channel\":\"")
            .append(room)
            .append("\",\"seq\":")
            .append(seq + more)
            .append(",\"id\":\"aaaaaaaaaaaaaaaa\",\"from\":{\"id\":\"m00000\",\"name\":\"m00000\"}")
            .append(",\"at\":1700000000000,\"data\":\"")
            .append(DATA)
            .append("\"}");
      }
      ByteBuffer frame = frame(text.toString());
      for (SocketChannel member : members) {
        ByteBuffer same = frame.duplicate();
        while (same.hasRemaining()) {
          // Waits for whoever is slow: nothing else is to be done.
          if (member.write(same) == 0) {
            Thread.onSpinWait();
          }
        }
      }
    }
  }
}
