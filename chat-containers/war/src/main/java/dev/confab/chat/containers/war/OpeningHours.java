package dev.confab.chat.containers.war;

import jakarta.enterprise.context.ApplicationScoped;

/** When the club is open; what an application has many of. A bean, where there is CDI. */
@ApplicationScoped
public class OpeningHours {
  /** For containers. */
  public OpeningHours() {}

  /** In words. */
  public String today() {
    return "from nine to five";
  }
}
