package dev.confab.chat.examples.server;

import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.glassfish.grizzly.http.server.HttpHandler;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.strategies.WorkerThreadIOStrategy;
import org.glassfish.tyrus.container.grizzly.server.WebSocketAddOn;

/** Grizzly with Tyrus in it: pages and sockets at one port. */
final class WebServer implements AutoCloseable {
  private final String host;
  private final int port;
  private final SocketContainer sockets = new SocketContainer();
  private final HttpServer server = new HttpServer();
  private final NetworkListener listener;

  WebServer(String host, int port, HttpHandler pages) {
    this.host = host;
    this.port = port;
    this.listener = new NetworkListener("chat", host, port);
    // Messages are read on a worker, not on the thread that watches all sockets.
    listener.getTransport().setIOStrategy(WorkerThreadIOStrategy.getInstance());
    // Tyrus leaves this clock running after the handshake: it would end sockets, not only idle
    // HTTP.
    listener.getKeepAlive().setIdleTimeoutInSeconds(-1);
    listener.registerAddOn(new WebSocketAddOn(sockets, SocketContainer.CONTEXT_PATH));
    server.addListener(listener);
    server.getServerConfiguration().addHttpHandler(pages, "/");
  }

  /** Where endpoints are installed, before {@link #start}. */
  ServerContainer sockets() {
    return sockets;
  }

  /**
   * Opens the port.
   *
   * @throws StartException if it can not be had
   */
  void start() {
    try {
      sockets.start(SocketContainer.CONTEXT_PATH, port);
      server.start();
    } catch (IOException failure) {
      throw new StartException(
          "Port " + port + " of " + host + " can not be had: " + failure.getMessage()
              + ". Is another server running there? --port chooses another, 0 a free one.",
          failure);
    } catch (DeploymentException failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** Where its pages are, for a browser on this machine. */
  String url() {
    String name = isEverywhere(host) ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
    return "http://" + name + ":" + listener.getPort() + "/";
  }

  private static boolean isEverywhere(String host) {
    try {
      return InetAddress.getByName(host).isAnyLocalAddress();
    } catch (UnknownHostException unknown) {
      return false;
    }
  }

  @Override
  public void close() {
    sockets.stop();
    server.shutdownNow();
  }
}
