package dev.confab.chat.containers.war;

import java.nio.file.Path;

class TomcatFormTest extends FormContract {
  @Override
  protected Path war() {
    return TomcatClub.WAR;
  }

  @Override
  protected ClubServer server(Path withForm) {
    return new TomcatClub(withForm);
  }
}
