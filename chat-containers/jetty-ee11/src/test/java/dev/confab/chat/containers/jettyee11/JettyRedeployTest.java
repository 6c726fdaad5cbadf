package dev.confab.chat.containers.jettyee11;

import dev.confab.chat.containers.redeploy.ApplicationServer;
import dev.confab.chat.containers.redeploy.RedeployContract;

/** {@link RedeployContract} on Jetty. */
final class JettyRedeployTest extends RedeployContract {
  @Override
  protected ApplicationServer container() {
    return new JettyServer();
  }
}
