package dev.confab.chat.examples.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.glassfish.grizzly.http.Method;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.Request;
import org.glassfish.grizzly.http.server.Response;
import org.jspecify.annotations.Nullable;

/** Serves the page, and says no to everything else. Called by Grizzly's workers, several at once. */
final class PageHandler extends HttpHandler {
  /** Only our own files; sockets to the same host too, which older browsers do not count among them. */
  private static final String POLICY = "default-src 'self'; connect-src 'self' ws: wss:;"
      + " base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

  private final String chatPath;
  private final Map<String, PageFile> files = PageFile.all();

  PageHandler(String chatPath) {
    this.chatPath = chatPath;
  }

  @Override
  public void service(Request request, Response response) throws IOException {
    response.setHeader("Content-Security-Policy", POLICY);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Referrer-Policy", "no-referrer");
    // Asked again each time, which costs an empty answer: what a browser shows is never older than
    // the server.
    response.setHeader("Cache-Control", "no-cache");
    String path = request.getRequestURI();
    // As it was written, neither decoded nor resolved: all our names are plain.
    @Nullable PageFile file = files.get(path.equals("/") ? "/index.html" : path);
    if (path.equals(chatPath)) {
      refuse(response, 400, "Here is a WebSocket; the page is at /");
    } else if (file == null) {
      refuse(response, 404, "There is nothing here");
    } else if (!request.getMethod().equals(Method.GET)
        && !request.getMethod().equals(Method.HEAD)) {
      response.setHeader("Allow", "GET, HEAD");
      refuse(response, 405, "This can only be read");
    } else {
      serve(file, request, response);
    }
  }

  private static void serve(PageFile file, Request request, Response response) throws IOException {
    response.setHeader("ETag", file.tag());
    if (file.tag().equals(request.getHeader("If-None-Match"))) {
      response.setStatus(304);
      return;
    }
    response.setContentType(file.type());
    write(file.bytes(), response);
  }

  private static void refuse(Response response, int status, String sentence) throws IOException {
    response.setStatus(status);
    response.setContentType("text/plain; charset=utf-8");
    write((sentence + "\n").getBytes(StandardCharsets.UTF_8), response);
  }

  /** Grizzly leaves the body away when only the head was asked for. */
  private static void write(byte[] bytes, Response response) throws IOException {
    response.setContentLength(bytes.length);
    // In one piece: Grizzly 4.0.2 loses the type of what needs several, if the client offers
    // HTTP/2.
    response.setBufferSize(Math.max(bytes.length + 1, response.getBufferSize()));
    response.getOutputStream().write(bytes);
  }
}
