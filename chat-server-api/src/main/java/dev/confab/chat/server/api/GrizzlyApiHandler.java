package dev.confab.chat.server.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.glassfish.grizzly.ReadHandler;
import org.glassfish.grizzly.http.io.NIOInputStream;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;

/** Serves an API in Grizzly, at whatever path it is mapped to, without ever holding up a thread of the server. */
public final class GrizzlyApiHandler extends HttpHandler {
  private static final Logger LOGGER = System.getLogger(GrizzlyApiHandler.class.getName());

  private final ServerApi api;

  /** Serves this API, which stays the caller's to close. */
  public GrizzlyApiHandler(ServerApi api) {
    this.api = api;
  }

  /** Reads what is there whenever something is, and answers from a thread of the API. */
  @Override
  public void service(Request request, Response response) {
    response.suspend();
    if (request.getHeader("Upgrade") != null) {
      // Grizzly holds the body back for whatever it would become, and the caller would wait for
      // ever.
      write(ServerApi.upgrades(), response);
      return;
    }
    NIOInputStream in = request.getNIOInputStream();
    in.notifyAvailable(new Body(request, response, in));
  }

  private void answer(Request request, Response response, byte[] body) {
    api.handleLater(request(request, body))
        .whenComplete((answer, never) -> write(answer, response));
  }

  private static void write(ApiResponse answer, Response response) {
    try {
      response.setStatus(answer.status());
      answer.headers().forEach(response::setHeader);
      byte[] text = answer.body();
      response.setContentLength(text.length);
      response.getOutputStream().write(text);
    } catch (IOException | RuntimeException failure) {
      LOGGER.log(Level.DEBUG, "a request could not be answered", failure);
    } finally {
      response.resume();
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

  /** Collects a body, at most one byte more than it may have. */
  private final class Body implements ReadHandler {
    private final Request request;
    private final Response response;
    private final NIOInputStream in;
    private final ByteArrayOutputStream read = new ByteArrayOutputStream();

    Body(Request request, Response response, NIOInputStream in) {
      this.request = request;
      this.response = response;
      this.in = in;
    }

    @Override
    public void onDataAvailable() throws IOException {
      take();
      if (read.size() > api.maxBodyBytes()) {
        answer(request, response, read.toByteArray());
      } else {
        in.notifyAvailable(this);
      }
    }

    @Override
    public void onAllDataRead() throws IOException {
      take();
      answer(request, response, read.toByteArray());
    }

    @Override
    public void onError(Throwable failure) {
      LOGGER.log(Level.DEBUG, "a request broke off", failure);
      response.resume();
    }

    private void take() throws IOException {
      while (in.isReady() && read.size() <= api.maxBodyBytes()) {
        byte[] some = new byte[Math.min(in.available(), api.maxBodyBytes() + 1 - read.size())];
        int count = in.read(some);
        if (count <= 0) {
          return;
        }
        read.write(some, 0, count);
      }
    }
  }
}
