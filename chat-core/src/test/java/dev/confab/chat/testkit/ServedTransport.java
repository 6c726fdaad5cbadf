package dev.confab.chat.testkit;

import java.util.List;

/** A transport that serves one acceptor, and a way to connect to it. */
public interface ServedTransport extends AutoCloseable {
  /**
   * Connects.
   *
   * @param path begins with a slash, and may have a query
   * @param offered the subprotocols the client offers, in its order
   */
  TransportClient connect(String path, List<String> offered);

  /** Ends it and all its connections. */
  @Override
  void close();
}
