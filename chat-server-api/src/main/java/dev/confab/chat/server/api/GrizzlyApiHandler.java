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
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.StreamSupport;
import org.glassfish.grizzly.Connection;
import org.glassfish.grizzly.ReadHandler;
import org.glassfish.grizzly.WriteHandler;
import org.glassfish.grizzly.http.io.NIOInputStream;
import org.glassfish.grizzly.http.io.NIOOutputStream;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;
import org.glassfish.grizzly.nio.NIOConnection;

/** Serves an API in Grizzly, at whatever path it is mapped to, without ever holding up a thread of the server. */
public final class GrizzlyApiHandler extends HttpHandler {
  private static final Logger LOGGER = System.getLogger(GrizzlyApiHandler.class.getName());

  private static final int CHUNK = 16 * 1024;

  /** What the server itself keeps of an answer that is not read; by itself it would keep megabytes, which nobody counts. */
  private static final int QUEUE_BYTES = 64 * 1024;

  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final ServerApi api;
  private final Duration within;

  /** Serves this API, which stays the caller's to close. A request has 30 seconds; then it is answered 503, or cut off if its answer is not read. */
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
    Exchange exchange = new Exchange(api, response, request.getContext().getConnection());
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
    ApiRequest asked = request(request, body);
    if (!api.run(() -> {
      // Who was told that it is too late may come again: it is not to be done twice.
      if (!exchange.isOver()) {
        exchange.write(api.toWrite(asked, api.handle(asked)));
      }
    })) {
      exchange.write(ServerApi.busy());
    }
  }

  /**
   * One answer at most, and none into a response that is over: it is handed on to another request. Written as its caller reads it;
   * no thread waits for that.
   */
  private static final class Exchange implements WriteHandler {
    /** How long an answer that is begun when time runs out may take. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private enum State {
      OPEN,
      WRITING,
      DONE
    }

    /** A state, and what is written in it; empty if nothing is. */
    private record Stage(State state, Optional<ApiResponse> answer) {}

    private static final Stage OPEN = new Stage(State.OPEN, Optional.empty());
    private static final Stage DONE = new Stage(State.DONE, Optional.empty());

    private final ServerApi api;
    private final Response response;
    private final Connection<?> connection;
    private final AtomicReference<Stage> stage = new AtomicReference<>(OPEN);

    /** What the server keeps of other answers. */
    private final int usualQueue;

    // Touched by who is writing, one after the other.
    private byte[] body = {};
    private int written;

    Exchange(ServerApi api, Response response, Connection<?> connection) {
      this.api = api;
      this.response = response;
      this.connection = connection;
      this.usualQueue =
          connection instanceof NIOConnection queue ? queue.getMaxAsyncWriteQueueSize() : 0;
    }

    /** True if what was asked need not be done any more: who asked was told that it is too late, or has gone. */
    boolean isOver() {
      return stage.get().state() != State.OPEN;
    }

    private boolean isWriting() {
      return stage.get().state() == State.WRITING;
    }

    void write(ApiResponse what) {
      if (!stage.compareAndSet(OPEN, new Stage(State.WRITING, Optional.of(what)))) {
        api.written(what);
        return;
      }
      body = what.body();
      if (connection instanceof NIOConnection queue) {
        queue.setMaxAsyncWriteQueueSize(QUEUE_BYTES);
      }
      try {
        response.setStatus(what.status());
        what.headers().forEach(response::setHeader);
        response.setContentLength(body.length);
        response.getNIOOutputStream().notifyCanWrite(this);
      } catch (RuntimeException failure) {
        onError(failure);
      }
    }

    @Override
    public void onWritePossible() throws IOException {
      if (!isWriting()) {
        return;
      }
      NIOOutputStream out = response.getNIOOutputStream();
      int more = Math.min(CHUNK, body.length - written);
      if (more == 0) {
        // Only now, when it can be written to again: else who resumes it would wait for that.
        end();
        return;
      }
      out.write(body, written, more);
      written += more;
      out.notifyCanWrite(this);
    }

    /** Both a request that broke off and an answer that could not be written. */
    @Override
    public void onError(Throwable failure) {
      LOGGER.log(Level.DEBUG, "a request broke off", failure);
      end();
    }

    private void end() {
      Stage before = stage.getAndSet(DONE);
      if (before.state() == State.DONE) {
        return;
      }
      if (before.answer().isPresent()) {
        api.written(before.answer().get());
        if (connection instanceof NIOConnection queue) {
          queue.setMaxAsyncWriteQueueSize(usualQueue);
        }
      }
      try {
        response.resume();
      } catch (IllegalStateException over) {
        LOGGER.log(Level.DEBUG, "a request was given up by its server", over);
      }
    }

    private void cutOff() {
      if (isWriting()) {
        LOGGER.log(Level.DEBUG, "an answer was not read in time");
        // Who waits to write is told.
        connection.terminateSilently();
      }
    }

    /** False: it is resumed here or by who writes just now, and not to be cancelled, which would send nothing. */
    boolean timedOut() {
      if (isWriting()) {
        cutOff();
        return false;
      }
      // Told so once only: what is written from now on has a clock of its own.
      if (!api.later(GRACE, this::cutOff)) {
        cutOff();
      }
      write(ServerApi.late());
      return false;
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
      exchange.onError(failure);
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
