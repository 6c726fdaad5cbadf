package dev.confab.chat.server.api;

import java.io.IOException;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.NetworkListener;

/** Grizzly. */
final class GrizzlyAdapterTest extends AdapterContract {
  private final HttpServer server = new HttpServer();

  @Override
  int start(ServerApi served) throws IOException {
    NetworkListener listener = new NetworkListener("api", "127.0.0.1", 0);
    server.addListener(listener);
    server.getServerConfiguration().addHttpHandler(new GrizzlyApiHandler(served), "/push");
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
