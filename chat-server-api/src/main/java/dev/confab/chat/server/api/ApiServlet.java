package dev.confab.chat.server.api;

import jakarta.servlet.AsyncContext;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Serves an API in a servlet container, at whatever path it is mapped to. Map it with {@code asyncSupported}: it reads what
 * is there whenever something is, and waits and writes on threads of the API, never on the container's.
 */
public final class ApiServlet extends HttpServlet {
  @Serial
  private static final long serialVersionUID = 1L;

  private static final Logger LOGGER = System.getLogger(ApiServlet.class.getName());
  private static final long WITHIN_MILLIS = 30_000;

  private final transient ServerApi api;

  /** Serves this API, which stays the caller's to close. */
  public ApiServlet(ServerApi api) {
    this.api = api;
  }

  /** Any method; the API says which it takes. */
  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    AsyncContext context = request.startAsync();
    context.setTimeout(WITHIN_MILLIS);
    ServletInputStream in = request.getInputStream();
    in.setReadListener(new Body(request, response, context, in));
  }

  private void answer(
      HttpServletRequest request, HttpServletResponse response, AsyncContext context, byte[] body) {
    ApiRequest asked = request(request, body);
    if (!api.run(() -> write(api.handle(asked), response, context))) {
      write(ServerApi.busy(), response, context);
    }
  }

  private static void complete(AsyncContext context) {
    try {
      context.complete();
    } catch (IllegalStateException timedOut) {
      LOGGER.log(Level.DEBUG, "a request was given up by its container", timedOut);
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

  private static void write(
      ApiResponse answer, HttpServletResponse response, AsyncContext context) {
    try {
      response.setStatus(answer.status());
      answer.headers().forEach(response::setHeader);
      byte[] body = answer.body();
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
    } catch (IOException | RuntimeException failure) {
      LOGGER.log(Level.DEBUG, "a request could not be answered", failure);
    } finally {
      complete(context);
    }
  }

  /** Collects a body as it comes, at most one byte more than it may have; who sends nothing holds up nobody. */
  private final class Body implements ReadListener {
    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final AsyncContext context;
    private final ServletInputStream in;
    private final ByteArrayOutputStream read = new ByteArrayOutputStream();
    private boolean answered;

    Body(
        HttpServletRequest request,
        HttpServletResponse response,
        AsyncContext context,
        ServletInputStream in) {
      this.request = request;
      this.response = response;
      this.context = context;
      this.in = in;
    }

    @Override
    public void onDataAvailable() throws IOException {
      byte[] some = new byte[8 * 1024];
      while (!answered && in.isReady()) {
        int count = in.read(some);
        if (count < 0) {
          return;
        }
        read.write(some, 0, count);
        if (read.size() > api.maxBodyBytes()) {
          onAllDataRead();
        }
      }
    }

    @Override
    public void onAllDataRead() {
      if (!answered) {
        answered = true;
        answer(request, response, context, read.toByteArray());
      }
    }

    @Override
    public void onError(Throwable failure) {
      LOGGER.log(Level.DEBUG, "a request broke off", failure);
      complete(context);
    }
  }

  @Serial
  private void writeObject(ObjectOutputStream out) throws IOException {
    throw new java.io.NotSerializableException(ApiServlet.class.getName());
  }
}
