package dev.confab.chat.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A plain client of a program. */
final class Client implements WebSocket.Listener, AutoCloseable {
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final StringBuilder message = new StringBuilder();
  private final WebSocket socket;

  Client(URI uri) {
    socket =
        HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(uri, this).join();
  }

  /** One that shows something in a header. */
  static Client showing(URI uri, String header, String value) {
    return new Client(HttpClient.newHttpClient().newWebSocketBuilder().header(header, value), uri);
  }

  private Client(WebSocket.Builder builder, URI uri) {
    socket = builder.buildAsync(uri, this).join();
  }

  /** One that offers a subprotocol. */
  Client(URI uri, String subprotocol) {
    socket = HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .subprotocols(subprotocol)
        .buildAsync(uri, this)
        .join();
  }

  String asks(String frame) throws InterruptedException {
    socket.sendText(frame, true).join();
    return hears();
  }

  String hears() throws InterruptedException {
    String frame = heard.poll(60, TimeUnit.SECONDS);
    assertThat(frame).as("a frame within 60 s").isNotNull();
    return frame;
  }

  /** Asks, and reads until it hears this; a chat.v1 client may be pinged meanwhile. */
  String asks(String frame, String wanted) throws InterruptedException {
    socket.sendText(frame, true).join();
    return hears(wanted);
  }

  /** Reads until it hears this; gives what it was in. */
  String hears(String wanted) throws InterruptedException {
    String frame = hears();
    while (!frame.contains(wanted)) {
      frame = hears();
    }
    return frame;
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
    message.append(part);
    if (last) {
      heard.add(message.toString());
      message.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    heard.add("closed " + code);
    return null;
  }

  @Override
  public void close() {
    socket.abort();
  }
}
