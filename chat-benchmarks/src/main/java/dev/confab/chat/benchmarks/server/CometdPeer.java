package dev.confab.chat.benchmarks.server;

import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.websocket.jetty.JettyWebSocketTransport;
import org.eclipse.jetty.server.Context;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;

/** CometD with the settings it comes with. */
final class CometdPeer {
  private CometdPeer() {}

  static String name() {
    return "CometD " + BayeuxServer.class.getPackage().getImplementationVersion() + " on Jetty "
        + Server.getVersion();
  }

  /** Starts it and gives its port. */
  static int start() throws Exception {
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ContextHandler context = new ContextHandler("/");
    server.setHandler(context);
    BayeuxServerImpl bayeux = new BayeuxServerImpl();
    context.setHandler(WebSocketUpgradeHandler.from(server, context, container -> {
      bayeux.setOption(Context.class.getName(), context.getContext());
      bayeux.setOption("ws.cometdURLMapping", BenchmarkServer.PATH);
      bayeux.setTransports(new JettyWebSocketTransport(bayeux));
      bayeux.setAllowedTransports("websocket");
      try {
        bayeux.start();
      } catch (Exception failure) {
        throw new IllegalStateException(failure);
      }
    }));
    server.start();
    return connector.getLocalPort();
  }
}
