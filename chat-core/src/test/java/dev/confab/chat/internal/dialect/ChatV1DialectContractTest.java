package dev.confab.chat.internal.dialect;

import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.testkit.DialectContract;
import java.util.List;

final class ChatV1DialectContractTest extends DialectContract {
  @Override
  protected Dialect dialect() {
    return new ChatV1Dialect();
  }

  @Override
  protected String request(int id) {
    return "{\"op\":\"ping\",\"id\":" + id + "}";
  }

  @Override
  protected List<String> frames() {
    return PlainDialectContractTest.requests();
  }

  @Override
  protected List<String> showing(String secret) {
    return PlainDialectContractTest.logins(secret);
  }

  @Override
  protected boolean shows(Event event) {
    return true;
  }
}
