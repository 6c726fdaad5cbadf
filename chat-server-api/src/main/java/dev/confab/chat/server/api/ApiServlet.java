package dev.confab.chat.server.api;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serial;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Serves an API in a servlet container, at whatever path it is mapped to. Map it with {@code asyncSupported}: it reads what
 * is there whenever something is, waits for the store on threads of the API, and writes its answers as their callers read them,
 * on no thread that would wait for that. A request that is not done in 30 seconds is answered 503; one whose answer is not read by
 * then is cut off.
 */
public final class ApiServlet extends HttpServlet {
  @Serial
  private static final long serialVersionUID = 1L;

  private static final Logger LOGGER = System.getLogger(ApiServlet.class.getName());
  private static final Duration WITHIN = Duration.ofSeconds(30);
  private static final int CHUNK = 16 * 1024;

  private final transient ServerApi api;
  private final long withinMillis;

  /** Serves this API, which stays the caller's to close. */
  public ApiServlet(ServerApi api) {
    this(api, WITHIN);
  }

  ApiServlet(ServerApi api, Duration within) {
    this.api = api;
    this.withinMillis = within.toMillis();
  }

  /** Any method; the API says which it takes. */
  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Optional<ApiResponse> refusal =
        api.refusedByHead(request(request, new byte[0]), request.getContentLengthLong());
    AsyncContext context = request.startAsync();
    context.setTimeout(withinMillis);
    Exchange exchange = new Exchange(api, response, context);
    context.addListener(exchange);
    // Here, where the container has what it locks for that; an answer finds it writable, or waits
    // until it is.
    response.getOutputStream().setWriteListener(exchange);
    ServletInputStream in = request.getInputStream();
    in.setReadListener(new Body(request, exchange, in, refusal));
  }

  private void answer(HttpServletRequest request, Exchange exchange, byte[] body) {
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

  private static ApiRequest request(HttpServletRequest request, byte[] body) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (String name : Collections.list(request.getHeaderNames())) {
      headers
          .computeIfAbsent(name, any -> new ArrayList<>())
          .addAll(Collections.list(request.getHeaders(name)));
    }
    // What the container decoded is of no use: an id may have a slash in it.
    String mount = request.getContextPath() + request.getServletPath();
    String path = request
        .getRequestURI()
        .substring(Math.min(mount.length(), request.getRequestURI().length()));
    return new ApiRequest(
        request.getMethod(),
        path.isEmpty() ? "/" : path,
        Optional.ofNullable(request.getQueryString()),
        headers,
        Optional.ofNullable(request.getRemoteAddr()),
        body);
  }

  /**
   * One answer at most, and none into a response that is over: its container hands it on to another request. Nothing here waits for
   * a caller to read but the container itself, for the few bytes that tell it that it is too late.
   *
   * <p>Who finds it answered and writable does the writing, a container's thread or one of the API. A container may call its listeners
   * under a lock that its response takes, too; so nothing of a container is called under the lock here, which is a leaf, and a listener
   * waits for who is writing only for a while.
   */
  private static final class Exchange implements AsyncListener, WriteListener {
    private enum State {
      OPEN,
      WRITING,
      DONE
    }

    /** How long a listener that ends it waits for who is writing just then. */
    private static final long HANDOVER_NANOS = Duration.ofSeconds(1).toNanos();

    private final ServerApi api;
    private final HttpServletResponse response;
    private final AsyncContext context;

    // All below guarded by this.
    private State state = State.OPEN;
    private @Nullable ApiResponse answer;

    /** Whether the container has said that it can be written to, and nobody has used that yet. */
    private boolean writable;

    /** Who uses the response now; null if nobody does. */
    private @Nullable Thread writer;

    // Touched by the writer only, and when it is over, once there is none.
    private byte @Nullable [] body;
    private int written;

    Exchange(ServerApi api, HttpServletResponse response, AsyncContext context) {
      this.api = api;
      this.response = response;
      this.context = context;
    }

    /** True if what was asked need not be done any more: who asked was told that it is too late, or has gone. */
    synchronized boolean isOver() {
      return state != State.OPEN;
    }

    /** Writes it as soon as the container says that it can be. */
    void write(ApiResponse what) {
      boolean mine;
      synchronized (this) {
        mine = state == State.OPEN;
        if (mine) {
          state = State.WRITING;
          answer = what;
        }
      }
      if (mine) {
        goOn();
      } else {
        api.written(what);
      }
    }

    @Override
    public void onWritePossible() {
      synchronized (this) {
        writable = true;
      }
      goOn();
    }

    /** Writes what can be written, unless another thread does; that one is told by what it finds when it stops. */
    private void goOn() {
      for (ApiResponse what = takeTurn(); what != null; what = takeTurn()) {
        try {
          if (writtenWhole(what)) {
            end();
          }
        } catch (IOException | RuntimeException failure) {
          LOGGER.log(Level.DEBUG, "a request could not be answered", failure);
          end();
        } finally {
          leaveTurn();
        }
      }
    }

    /** What is to be written; null if that is nothing, or not now, or another's. */
    private synchronized @Nullable ApiResponse takeTurn() {
      if (state != State.WRITING || !writable || writer != null) {
        return null;
      }
      writable = false;
      writer = Thread.currentThread();
      return answer;
    }

    private synchronized void leaveTurn() {
      writer = null;
      notifyAll();
    }

    private synchronized boolean isWriting() {
      return state == State.WRITING;
    }

    /** Writes until it cannot be written to or is over; true once all of it was taken. */
    private boolean writtenWhole(ApiResponse what) throws IOException {
      byte[] text = body;
      if (text == null) {
        head(what);
        text = what.body();
        body = text;
      }
      while (isWriting()) {
        ServletOutputStream out = response.getOutputStream();
        if (!out.isReady()) {
          return false;
        }
        int more = Math.min(CHUNK, text.length - written);
        if (more == 0) {
          // Only now, when it was taken: else the container would wait for that.
          return true;
        }
        out.write(text, written, more);
        written += more;
      }
      return false;
    }

    private void head(ApiResponse what) {
      response.setStatus(what.status());
      what.headers().forEach(response::setHeader);
      response.setContentLength(what.bodyBytes());
    }

    /** Both a request that broke off and an answer that could not be written. */
    @Override
    public void onError(Throwable failure) {
      LOGGER.log(Level.DEBUG, "a request broke off", failure);
      end();
    }

    private void end() {
      if (over()) {
        try {
          context.complete();
        } catch (IllegalStateException over) {
          LOGGER.log(Level.DEBUG, "a request was given up by its container", over);
        }
      }
    }

    /** Nothing is written any more; false if that was so already. */
    private boolean over() {
      ApiResponse given;
      boolean first;
      synchronized (this) {
        first = state != State.DONE;
        state = State.DONE;
        given = answer;
        answer = null;
        awaitWriter();
        body = null;
      }
      if (given != null) {
        api.written(given);
      }
      return first;
    }

    /**
     * The response is handed on when a listener returns, and its container takes a request for failed that nobody has completed by
     * then. Who is writing stops at once, unless the container holds it up. Called under the lock.
     */
    private void awaitWriter() {
      long end = System.nanoTime() + HANDOVER_NANOS;
      try {
        while (writer != null && writer != Thread.currentThread()) {
          long left = end - System.nanoTime();
          if (left <= 0) {
            return;
          }
          TimeUnit.NANOSECONDS.timedWait(this, left);
        }
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      boolean tells;
      synchronized (this) {
        tells = state == State.OPEN;
        if (tells) {
          state = State.WRITING;
          // Nobody else is to write.
          writable = false;
          writer = Thread.currentThread();
        }
      }
      if (!tells) {
        // Half an answer: the container breaks it off, because nobody completes it.
        over();
        return;
      }
      try {
        writtenWhole(ServerApi.late());
      } catch (IOException | RuntimeException failure) {
        LOGGER.log(Level.DEBUG, "a request could not be answered", failure);
      }
      end();
      leaveTurn();
    }

    @Override
    public void onError(AsyncEvent event) {
      end();
    }

    @Override
    public void onComplete(AsyncEvent event) {
      over();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}
  }

  /**
   * Collects a body as it comes, at most a little more than it may have, and nothing of one that is refused; who sends nothing holds
   * up nobody.
   */
  private final class Body implements ReadListener {
    private final HttpServletRequest request;
    private final Exchange exchange;
    private final ServletInputStream in;
    private final Optional<ApiResponse> refusal;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long read;
    private boolean answered;

    Body(
        HttpServletRequest request,
        Exchange exchange,
        ServletInputStream in,
        Optional<ApiResponse> refusal) {
      this.request = request;
      this.exchange = exchange;
      this.in = in;
      this.refusal = refusal;
    }

    @Override
    public void onDataAvailable() throws IOException {
      byte[] some = new byte[8 * 1024];
      while (!answered && in.isReady()) {
        int count = in.read(some);
        if (count < 0) {
          return;
        }
        read += count;
        if (refusal.isEmpty()) {
          kept.write(some, 0, count);
        }
        if (read > api.maxBodyBytes()) {
          onAllDataRead();
        }
      }
    }

    @Override
    public void onAllDataRead() {
      if (!answered) {
        answered = true;
        // Refused only now, because containers read on for what is left, and wait for it.
        refusal.ifPresentOrElse(
            exchange::write, () -> answer(request, exchange, kept.toByteArray()));
      }
    }

    @Override
    public void onError(Throwable failure) {
      exchange.onError(failure);
    }
  }

  @Serial
  private void writeObject(ObjectOutputStream out) throws IOException {
    throw new java.io.NotSerializableException(ApiServlet.class.getName());
  }
}
