package dev.confab.chat.server.api;

import java.io.IOException;
import java.time.Duration;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.junit.jupiter.api.Test;

/** Grizzly. */
final class GrizzlyAdapterTest extends AdapterContract {
  private HttpServer server = new HttpServer();

  @Test
  void request_that_takes_too_long_is_answered_503_once() throws Exception {
    tells_who_waits_too_long();
  }

  @Test
  void request_that_comes_when_the_api_is_closed_is_answered_503() {
    tells_that_the_api_is_closed();
  }

  @Override
  int start(ServerApi served, Duration within) throws IOException {
    server = new HttpServer();
    NetworkListener listener = new NetworkListener("api", "127.0.0.1", 0);
    server.addListener(listener);
    server.getServerConfiguration().addHttpHandler(new GrizzlyApiHandler(served, within), "/push");
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
