package dev.confab.chat.containers.servers;

import dev.confab.chat.containers.war.ClubContract;
import dev.confab.chat.containers.war.ClubServer;

class TomEeClubTest extends ClubContract {
  @Override
  protected ClubServer server() {
    return new TomEe(ServerProcess.CLUB);
  }
}
