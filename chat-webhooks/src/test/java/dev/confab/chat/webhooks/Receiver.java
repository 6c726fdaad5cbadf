package dev.confab.chat.webhooks;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.confab.chat.model.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.awaitility.Awaitility;

/** A real HTTP server that takes webhooks, and answers them as a test wants. */
final class Receiver implements AutoCloseable {
  /** A request as it came. */
  record Request(
      String id, String timestamp, String signature, String pusherSignature, String body) {
    Request(String id, String timestamp, String signature, String body) {
      this(id, timestamp, signature, "", body);
    }

    List<String> types() {
      List<String> types = new ArrayList<>();
      String text = body;
      for (int at = text.indexOf("\"type\":\""); at >= 0; at = text.indexOf("\"type\":\"", at)) {
        at += 8;
        types.add(text.substring(at, text.indexOf('"', at)));
      }
      return types;
    }

    String member(String name) {
      return Json.parse(body).members().orElseThrow().get(name).text();
    }
  }

  /** Answers a request; what it throws breaks the connection. */
  @FunctionalInterface
  interface Reply {
    void answer(Request request, HttpExchange exchange) throws IOException;
  }

  static final Reply OK = (request, exchange) -> exchange.sendResponseHeaders(204, -1);

  final List<Request> requests = new CopyOnWriteArrayList<>();
  private volatile Reply reply = OK;
  private HttpServer server;
  private ExecutorService threads;
  private final int port;

  Receiver() {
    start(0);
    port = server.getAddress().getPort();
  }

  private void start(int at) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    threads = Executors.newCachedThreadPool();
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Function<String, String> header =
          name -> String.valueOf(exchange.getRequestHeaders().getFirst(name));
      Request request = new Request(
          header.apply("webhook-id"),
          header.apply("webhook-timestamp"),
          header.apply("webhook-signature"),
          header.apply("X-Pusher-Signature"),
          new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      requests.add(request);
      reply.answer(request, exchange);
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + port + "/events?key=hidden");
  }

  void answers(Reply newReply) {
    reply = newReply;
  }

  void answers(int status) {
    answers((request, exchange) -> exchange.sendResponseHeaders(status, -1));
  }

  /** All events that were told so far, in order, those of requests that came again left out. */
  List<String> types() {
    List<String> types = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    for (Request request : requests) {
      if (!ids.contains(request.id())) {
        ids.add(request.id());
        types.addAll(request.types());
      }
    }
    return types;
  }

  /** It dies: whoever comes is refused, who is there is cut off. */
  void dies() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** It is there again, at the same address, as soon as that is free. */
  void comesBack() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .ignoreException(UncheckedIOException.class)
        .until(() -> {
          start(port);
          return true;
        });
  }

  @Override
  public void close() {
    dies();
  }
}
