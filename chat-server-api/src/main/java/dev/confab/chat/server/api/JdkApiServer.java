package dev.confab.chat.server.api;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Serves an API with the HTTP server that the JDK has: nothing else is needed. At loopback unless told otherwise. No TLS: where
 * calls come over a network, a proxy in front has it.
 */
public final class JdkApiServer implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger(JdkApiServer.class.getName());

  /** How long a request may take to come, be done and be answered. */
  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final HttpServer server;
  private final LimitedThreads threads;
  private final ServerApi api;

  private JdkApiServer(ServerApi api, InetSocketAddress address) throws IOException {
    this.api = api;
    server = HttpServer.create(address, 0);
    threads = new LimitedThreads("confab-api-http", 32, WITHIN);
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  /**
   * Serves at this port of 127.0.0.1.
   *
   * @param port 0 for a free one
   * @throws IOException if the port can not be had
   */
  public static JdkApiServer start(ServerApi api, int port) throws IOException {
    return start(
        api,
        new InetSocketAddress(
            InetAddress.getByAddress("localhost", new byte[] {127, 0, 0, 1}), port));
  }

  /** Serves at this address; who serves others than this machine wants TLS in front, and keys with ranges of addresses. */
  public static JdkApiServer start(ServerApi api, InetSocketAddress address) throws IOException {
    return new JdkApiServer(api, address);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void serve(HttpExchange exchange) {
    try (exchange) {
      Optional<ApiResponse> refusal =
          api.refusedByHead(request(exchange, new byte[0]), contentLength(exchange));
      ApiResponse answer;
      if (refusal.isPresent()) {
        answer = refusal.get();
      } else {
        byte[] body = exchange.getRequestBody().readNBytes(api.maxBodyBytes() + 1);
        answer = api.handle(request(exchange, body));
      }
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      byte[] text = answer.body();
      boolean none = text.length == 0 || exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(answer.status(), none ? -1 : text.length);
      if (!none) {
        try (OutputStream out = exchange.getResponseBody()) {
          out.write(text);
        }
      }
    } catch (IOException | RuntimeException failure) {
      LOGGER.log(Level.DEBUG, "a request could not be answered", failure);
    }
  }

  private static ApiRequest request(HttpExchange exchange, byte[] body) {
    @Nullable InetAddress address = exchange.getRemoteAddress().getAddress();
    return new ApiRequest(
        exchange.getRequestMethod(),
        exchange.getRequestURI().getRawPath(),
        Optional.ofNullable(exchange.getRequestURI().getRawQuery()),
        exchange.getRequestHeaders(),
        Optional.ofNullable(address).map(InetAddress::getHostAddress),
        body);
  }

  /** What the head says; the server has refused what is no number. */
  private static long contentLength(HttpExchange exchange) {
    @Nullable String length = exchange.getRequestHeaders().getFirst("Content-Length");
    return length != null && length.matches("[0-9]{1,18}") ? Long.parseLong(length) : -1;
  }

  /** Stops serving; requests under way have a second. The API stays the caller's to close. */
  @Override
  public void close() {
    server.stop(1);
    threads.close();
  }
}
