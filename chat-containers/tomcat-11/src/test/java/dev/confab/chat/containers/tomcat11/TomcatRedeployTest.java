package dev.confab.chat.containers.tomcat11;

import dev.confab.chat.containers.redeploy.ApplicationServer;
import dev.confab.chat.containers.redeploy.RedeployContract;

/** {@link RedeployContract} on Tomcat 11. */
final class TomcatRedeployTest extends RedeployContract {
  @Override
  protected ApplicationServer container() {
    return new TomcatServer();
  }
}
