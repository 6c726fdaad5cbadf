package dev.confab.chat.server.api;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A WebSocket client that remembers what came. */
final class TestSocket implements AutoCloseable, WebSocket.Listener {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(Duration.ofMinutes(1)).build();

  private final StringBuilder part = new StringBuilder();

  /** What came and was not awaited yet. Guarded by this, as is all below. */
  private final List<String> frames = new ArrayList<>();

  private int closeCode;
  private String closeReason = "";
  private WebSocket socket;

  private TestSocket() {}

  static TestSocket open(URI uri, String... headers) {
    TestSocket made = new TestSocket();
    WebSocket.Builder builder = CLIENT.newWebSocketBuilder().connectTimeout(Duration.ofMinutes(1));
    for (int i = 0; i < headers.length; i += 2) {
      builder.header(headers[i], headers[i + 1]);
    }
    made.socket = builder.buildAsync(uri, made).join();
    return made;
  }

  void send(String frame) {
    socket.sendText(frame, true).join();
  }

  @Override
  public synchronized CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    part.append(data);
    if (last) {
      frames.add(part.toString());
      part.setLength(0);
      notifyAll();
    }
    from.request(1);
    return null;
  }

  @Override
  public synchronized CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closeCode = code;
    closeReason = reason;
    notifyAll();
    return null;
  }

  @Override
  public synchronized void onError(WebSocket from, Throwable failure) {
    closeCode = 1006;
    notifyAll();
  }

  /** The next frame. */
  String next() throws InterruptedException {
    return await(frame -> true);
  }

  /** The first frame not awaited yet that is so; it and all before it count as awaited. */
  synchronized String await(Predicate<String> wanted) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    int looked = 0;
    while (true) {
      for (; looked < frames.size(); looked++) {
        if (wanted.test(frames.get(looked))) {
          String found = frames.get(looked);
          frames.subList(0, looked + 1).clear();
          return found;
        }
      }
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0 || closeCode != 0) {
        throw new AssertionError("did not come; closed with " + closeCode + ", got " + frames);
      }
      wait(left);
    }
  }

  /** The close code and reason, once it is closed by the server. */
  synchronized String closed() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (closeCode == 0) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError("not closed; got " + frames);
      }
      wait(left);
    }
    return closeCode + " " + closeReason;
  }

  /** What came and was not awaited yet. */
  synchronized List<String> unread() {
    return List.copyOf(frames);
  }

  /** As if the process had died: no goodbye. */
  void cut() {
    socket.abort();
  }

  @Override
  public void close() {
    socket.abort();
  }
}
