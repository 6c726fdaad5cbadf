package dev.confab.chat.containers.servers;

import dev.confab.chat.containers.war.ClubServer;
import dev.confab.chat.containers.war.FormContract;
import java.nio.file.Path;

class PayaraMicroFormTest extends FormContract {
  @Override
  protected Path war() {
    return ServerProcess.CLUB;
  }

  @Override
  protected ClubServer server(Path withForm) {
    return new PayaraMicro(withForm);
  }

  @Override
  protected boolean answersStrangers() {
    // Its FORM login reads the body of the request first, and that of an upgrade has no end.
    return false;
  }
}
