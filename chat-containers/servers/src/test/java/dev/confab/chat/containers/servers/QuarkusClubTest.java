package dev.confab.chat.containers.servers;

import dev.confab.chat.containers.war.ClubContract;
import dev.confab.chat.containers.war.ClubServer;

class QuarkusClubTest extends ClubContract {
  @Override
  protected ClubServer server() {
    return new Quarkus("club");
  }
}
