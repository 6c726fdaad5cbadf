package dev.confab.chat.server.api;

import java.io.IOException;
import java.time.Duration;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.junit.jupiter.api.Test;

/** Grizzly. */
final class GrizzlyAdapterTest extends AdapterContract {
  private HttpServer server = new HttpServer();

  @Override
  int start(ServerApi served) throws IOException {
    return start(new GrizzlyApiHandler(served));
  }

  @Test
  void request_that_takes_too_long_is_answered_503_once() throws Exception {
    tells_who_waits_too_long(served -> start(new GrizzlyApiHandler(served, Duration.ofSeconds(2))));
  }

  private int start(GrizzlyApiHandler handler) throws IOException {
    server = new HttpServer();
    NetworkListener listener = new NetworkListener("api", "127.0.0.1", 0);
    server.addListener(listener);
    server.getServerConfiguration().addHttpHandler(handler, "/push");
    server.start();
    return listener.getPort();
  }

  @Override
  void stop() {
    server.shutdownNow();
  }

  @Override
  String mount() {
    return "/push";
  }
}
