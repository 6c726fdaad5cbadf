package dev.confab.chat.containers.undertow;

import dev.confab.chat.containers.redeploy.ApplicationServer;
import dev.confab.chat.containers.redeploy.RedeployContract;

/** {@link RedeployContract} on Undertow. */
final class UndertowRedeployTest extends RedeployContract {
  @Override
  protected ApplicationServer container() {
    return new UndertowServer();
  }
}
