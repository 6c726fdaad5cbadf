package dev.confab.chat.server.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.StreamSupport;
import org.glassfish.grizzly.ReadHandler;
import org.glassfish.grizzly.http.io.NIOInputStream;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;

/** Serves an API in Grizzly, at whatever path it is mapped to, without ever holding up a thread of the server. */
public final class GrizzlyApiHandler extends HttpHandler {
  private static final Logger LOGGER = System.getLogger(GrizzlyApiHandler.class.getName());

  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final ServerApi api;
  private final Duration within;

  /** Serves this API, which stays the caller's to close. A request has 30 seconds; then it is answered 503. */
  public GrizzlyApiHandler(ServerApi api) {
    this(api, WITHIN);
  }

  GrizzlyApiHandler(ServerApi api, Duration within) {
    this.api = api;
    this.within = within;
  }

  /** Reads what is there whenever something is, and answers from a thread of the API. */
  @Override
  public void service(Request request, Response response) {
    Exchange exchange = new Exchange(response);
    response.suspend(
        within.toMillis(), TimeUnit.MILLISECONDS, null, suspended -> exchange.timedOut());
    if (request.getHeader("Upgrade") != null) {
      // Grizzly holds the body back for whatever it would become, and the caller would wait for
      // ever.
      exchange.write(ServerApi.upgrades());
      return;
    }
    Optional<ApiResponse> refusal =
        api.refusedByHead(request(request, new byte[0]), request.getContentLengthLong());
    NIOInputStream in = request.getNIOInputStream();
    in.notifyAvailable(new Body(request, exchange, in, refusal));
  }

  private void answer(Request request, Exchange exchange, byte[] body) {
    api.handleLater(request(request, body)).whenComplete((answer, never) -> exchange.write(answer));
  }

  /** One answer at most, and none into a response that is over: it is handed on to another request. */
  private static final class Exchange {
    private final AtomicBoolean open = new AtomicBoolean(true);
    private final Response response;

    Exchange(Response response) {
      this.response = response;
    }

    void write(ApiResponse answer) {
      if (open.compareAndSet(true, false)) {
        try {
          put(answer);
        } finally {
          response.resume();
        }
      }
    }

    void giveUp() {
      if (open.compareAndSet(true, false)) {
        response.resume();
      }
    }

    /** False: it is resumed here or by who writes just now, and not to be cancelled, which would send nothing. */
    boolean timedOut() {
      write(ServerApi.late());
      return false;
    }

    private void put(ApiResponse answer) {
      try {
        response.setStatus(answer.status());
        answer.headers().forEach(response::setHeader);
        byte[] text = answer.body();
        response.setContentLength(text.length);
        response.getOutputStream().write(text);
      } catch (IOException | RuntimeException failure) {
        LOGGER.log(Level.DEBUG, "a request could not be answered", failure);
      }
    }
  }

  private static ApiRequest request(Request request, byte[] body) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (String name : request.getHeaderNames()) {
      headers.put(
          name,
          StreamSupport.stream(request.getHeaders(name).spliterator(), false).toList());
    }
    String uri = request.getRequestURI();
    String mount = Optional.ofNullable(request.getContextPath()).orElse("");
    String path = uri.startsWith(mount) ? uri.substring(mount.length()) : uri;
    return new ApiRequest(
        request.getMethod().getMethodString(),
        path.isEmpty() ? "/" : path,
        Optional.ofNullable(request.getQueryString()),
        headers,
        Optional.ofNullable(request.getRemoteAddr()),
        body);
  }

  /** Collects a body, at most one byte more than it may have, and nothing of one that is refused. */
  private final class Body implements ReadHandler {
    private final Request request;
    private final Exchange exchange;
    private final NIOInputStream in;
    private final Optional<ApiResponse> refusal;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private int read;

    Body(Request request, Exchange exchange, NIOInputStream in, Optional<ApiResponse> refusal) {
      this.request = request;
      this.exchange = exchange;
      this.in = in;
      this.refusal = refusal;
    }

    @Override
    public void onDataAvailable() throws IOException {
      take();
      if (read > api.maxBodyBytes()) {
        answer();
      } else {
        in.notifyAvailable(this);
      }
    }

    @Override
    public void onAllDataRead() throws IOException {
      take();
      answer();
    }

    private void answer() {
      refusal.ifPresentOrElse(
          exchange::write,
          () -> GrizzlyApiHandler.this.answer(request, exchange, kept.toByteArray()));
    }

    @Override
    public void onError(Throwable failure) {
      LOGGER.log(Level.DEBUG, "a request broke off", failure);
      exchange.giveUp();
    }

    private void take() throws IOException {
      while (in.isReady() && read <= api.maxBodyBytes()) {
        byte[] some = new byte[Math.min(in.available(), api.maxBodyBytes() + 1 - read)];
        int count = in.read(some);
        if (count <= 0) {
          return;
        }
        read += count;
        if (refusal.isEmpty()) {
          kept.write(some, 0, count);
        }
      }
    }
  }
}
