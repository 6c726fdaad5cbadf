package dev.confab.chat.server.api;

import java.io.IOException;

/** The JDK's own server. */
final class JdkAdapterTest extends AdapterContract {
  private JdkApiServer server;

  @Override
  int start(ServerApi served) throws IOException {
    server = JdkApiServer.start(served, 0);
    return server.address().getPort();
  }

  @Override
  void stop() {
    server.close();
  }
}
