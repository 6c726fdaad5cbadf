package dev.confab.chat.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The load tool's own WebSocket client: one thread for any number of connections, no object for a message, no text made of
 * what it only counts. It masks with zeros, which a server may not notice and costs nothing; it offers no compression.
 *
 * <p><b>Threads.</b> {@link #open} and {@link Link#send}: any. {@link Link.Listener} is told on the wire's one thread.
 */
final class Wire implements AutoCloseable {
  private static final int SCRATCH_BYTES = 256 * 1024;

  private final InetSocketAddress server;
  private final String request;
  private final Selector selector;
  private final Thread thread;

  /** Links that want the thread to look at them: because they are new, or have something to write. */
  private final Queue<Link> wanting = new ConcurrentLinkedQueue<>();

  /** What else it is to do, oldest first. */
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  /** What was read and not yet told, of the link that is being read. Used by the thread alone. */
  private byte[] scratch = new byte[SCRATCH_BYTES];

  private volatile boolean closed;

  /** A client of the server at this address; connections offer {@code chat.v1}. */
  Wire(URI uri) throws IOException {
    this(uri, "Sec-WebSocket-Protocol: chat.v1\r\n");
  }

  /**
   * The same, but the opening request says something else.
   *
   * @param headers a line each, with what ends it
   */
  Wire(URI uri, String headers) throws IOException {
    // The same nonce every time: it proves nothing that is measured.
    this.request = "GET " + uri.getRawPath()
        + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()) + " HTTP/1.1\r\nHost: "
        + uri.getHost() + ":"
        + uri.getPort() + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" + headers
        + "\r\n";
    this.server = new InetSocketAddress(uri.getHost(), uri.getPort());
    this.selector = Selector.open();
    this.thread = new Thread(this::run, "wire");
    thread.setDaemon(true);
    thread.start();
  }

  /** Has the thread do this, soon. Any thread. */
  void soon(Runnable task) {
    tasks.add(task);
    selector.wakeup();
  }

  /** Begins to connect; the listener is told when the connection is open. */
  Link open(Link.Listener listener) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    Link link = new Link(this, channel, listener, request);
    channel.connect(server);
    want(link);
    return link;
  }

  /** Has the thread look at what this link waits for. Any thread. */
  void want(Link link) {
    wanting.add(link);
    if (Thread.currentThread() != thread) {
      selector.wakeup();
    }
  }

  private void run() {
    try {
      while (!closed) {
        selector.select(this::ready);
        for (Link link = wanting.poll(); link != null; link = wanting.poll()) {
          watch(link);
        }
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
          task.run();
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private void watch(Link link) {
    try {
      if (link.channel().isOpen()) {
        link.channel().register(selector, link.interest(), link);
      }
    } catch (IOException failure) {
      link.broken(failure);
    }
  }

  private void ready(SelectionKey key) {
    Link link = (Link) key.attachment();
    try {
      if (key.isConnectable()) {
        link.connected();
      } else if (key.isWritable()) {
        link.flush();
      }
      if (key.isValid() && key.isReadable()) {
        read(link);
      }
      if (key.isValid()) {
        key.interestOps(link.interest());
      }
    } catch (IOException failure) {
      link.broken(failure);
    }
  }

  private void read(Link link) throws IOException {
    int kept = link.takeRest(scratch);
    if (kept == scratch.length) {
      scratch = Arrays.copyOf(scratch, 2 * scratch.length);
    }
    int read = link.channel().read(ByteBuffer.wrap(scratch, kept, scratch.length - kept));
    if (read < 0) {
      link.broken(new IOException("the server hung up"));
      return;
    }
    link.came(scratch, kept + read);
  }

  /** Breaks all connections off. */
  @Override
  public void close() throws IOException {
    closed = true;
    selector.wakeup();
    Ending.await(thread);
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
