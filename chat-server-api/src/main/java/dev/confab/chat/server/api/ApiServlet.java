package dev.confab.chat.server.api;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Serves an API in a servlet container, at whatever path it is mapped to. Map it with {@code asyncSupported}: it reads what
 * is there whenever something is, and waits for the store and writes its answers on threads of the API. Only refusals that wait for
 * nothing – no key, a body too long, too many requests, 503 for one that is not done in 30 seconds – are written by the container's.
 */
public final class ApiServlet extends HttpServlet {
  @Serial
  private static final long serialVersionUID = 1L;

  private static final Logger LOGGER = System.getLogger(ApiServlet.class.getName());
  private static final Duration WITHIN = Duration.ofSeconds(30);
  private static final long WRITE_SECONDS = 10;

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
    Exchange exchange = new Exchange(response, context);
    context.addListener(exchange);
    ServletInputStream in = request.getInputStream();
    in.setReadListener(new Body(request, exchange, in, refusal));
  }

  private void answer(HttpServletRequest request, Exchange exchange, byte[] body) {
    ApiRequest asked = request(request, body);
    if (!api.run(() -> exchange.write(api.handle(asked)))) {
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
   * One answer at most, and none into a response that is over: its container hands it on to another request. Whoever takes it
   * out of OPEN has it to himself.
   */
  private static final class Exchange implements AsyncListener {
    private enum State {
      OPEN,
      WRITING,
      DONE
    }

    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private final CountDownLatch written = new CountDownLatch(1);
    private final HttpServletResponse response;
    private final AsyncContext context;

    Exchange(HttpServletResponse response, AsyncContext context) {
      this.response = response;
      this.context = context;
    }

    void write(ApiResponse answer) {
      if (!state.compareAndSet(State.OPEN, State.WRITING)) {
        return;
      }
      try {
        response.setStatus(answer.status());
        answer.headers().forEach(response::setHeader);
        byte[] body = answer.body();
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
      } catch (IOException | RuntimeException failure) {
        LOGGER.log(Level.DEBUG, "a request could not be answered", failure);
      } finally {
        state.set(State.DONE);
        complete();
        written.countDown();
      }
    }

    void giveUp() {
      if (state.compareAndSet(State.OPEN, State.DONE)) {
        complete();
        written.countDown();
      }
    }

    private void complete() {
      try {
        context.complete();
      } catch (IllegalStateException over) {
        LOGGER.log(Level.DEBUG, "a request was given up by its container", over);
      }
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      write(ServerApi.late());
      try {
        // Somebody else may be writing just now; the response is the container's when this returns.
        if (!written.await(WRITE_SECONDS, TimeUnit.SECONDS)) {
          LOGGER.log(Level.DEBUG, "an answer was not read in time");
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void onError(AsyncEvent event) {
      giveUp();
    }

    @Override
    public void onComplete(AsyncEvent event) {
      state.compareAndSet(State.OPEN, State.DONE);
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
      LOGGER.log(Level.DEBUG, "a request broke off", failure);
      exchange.giveUp();
    }
  }

  @Serial
  private void writeObject(ObjectOutputStream out) throws IOException {
    throw new java.io.NotSerializableException(ApiServlet.class.getName());
  }
}
