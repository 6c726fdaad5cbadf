package dev.confab.chat.containers.war;

class TomcatClubTest extends ClubContract {
  @Override
  protected ClubServer server() {
    return new TomcatClub(TomcatClub.WAR);
  }
}
