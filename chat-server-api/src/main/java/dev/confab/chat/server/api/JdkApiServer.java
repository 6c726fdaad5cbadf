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

  /** How long a request may take to come, be done, and its answer to be read. */
  private static final Duration WITHIN = Duration.ofSeconds(30);

  private static final int THREADS = 32;

  /** Requests that wait for a thread; so many more are told to come back, and what is beyond that is closed. */
  private static final int WAITING = 1_000;

  private final HttpServer server;
  private final LimitedThreads threads;
  private final ServerApi api;

  private JdkApiServer(ServerApi api, InetSocketAddress address, LimitedThreads threads)
      throws IOException {
    this.api = api;
    this.threads = threads;
    server = HttpServer.create(address, 0);
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
    return start(api, address, THREADS, WAITING, WITHIN);
  }

  static JdkApiServer start(
      ServerApi api, InetSocketAddress address, int threads, int waiting, Duration within)
      throws IOException {
    LimitedThreads limited = new LimitedThreads("confab-api-http", threads, waiting, within);
    try {
      return new JdkApiServer(api, address, limited);
    } catch (IOException | RuntimeException failure) {
      limited.close();
      throw failure;
    }
  }

  /** How many requests wait for a thread now. */
  int waiting() {
    return threads.waiting();
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  private void serve(HttpExchange exchange) {
    try (exchange) {
      Optional<ApiResponse> refusal =
          api.refusedByHead(request(exchange, new byte[0]), contentLength(exchange));
      if (refusal.isPresent()) {
        write(exchange, refusal.get());
        return;
      }
      if (LimitedThreads.isToBeRefused()) {
        write(exchange, ServerApi.busy());
        return;
      }
      byte[] body = exchange.getRequestBody().readNBytes(api.maxBodyBytes() + 1);
      ApiRequest asked = request(exchange, body);
      ApiResponse answer = api.toWrite(asked, api.handle(asked));
      try {
        write(exchange, answer);
      } finally {
        api.written(answer);
      }
    } catch (IOException | RuntimeException failure) {
      LOGGER.log(Level.DEBUG, "a request could not be answered", failure);
    }
  }

  private static void write(HttpExchange exchange, ApiResponse answer) throws IOException {
    answer.headers().forEach(exchange.getResponseHeaders()::set);
    byte[] text = answer.body();
    boolean none = text.length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(answer.status(), none ? -1 : text.length);
    if (!none) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(text);
      }
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
    close(1);
  }

  /**
   * As above.
   *
   * @param seconds that requests under way have
   */
  void close(int seconds) {
    // It waits that long where there is nothing to wait for.
    server.stop(threads.isIdle() ? 0 : seconds);
    threads.close();
  }
}
