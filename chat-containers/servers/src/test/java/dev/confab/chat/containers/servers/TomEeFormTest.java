package dev.confab.chat.containers.servers;

import dev.confab.chat.containers.war.ClubServer;
import dev.confab.chat.containers.war.FormContract;
import java.nio.file.Path;

class TomEeFormTest extends FormContract {
  @Override
  protected Path war() {
    return ServerProcess.CLUB;
  }

  @Override
  protected ClubServer server(Path withForm) {
    return new TomEe(withForm);
  }
}
