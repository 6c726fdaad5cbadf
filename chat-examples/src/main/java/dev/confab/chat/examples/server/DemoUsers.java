package dev.confab.chat.examples.server;

import dev.confab.chat.store.jdbi.JdbiUsers;
import java.util.List;
import java.util.Optional;

/** Three users whose password everybody knows. */
final class DemoUsers {
  private static final List<String> NAMES = List.of("user1", "user2", "user3");
  private static final String PASSWORD = "123456";

  /** Cheap: there is no secret to protect, and the first start should not take a second longer. */
  private static final int COST = 8;

  private DemoUsers() {}

  /** Adds those that are missing, and says what they are good for. In an empty table they get the ids 1, 2 and 3. */
  static void add(JdbiUsers users) {
    for (String name : NAMES) {
      // Looked up first, because a refused insert uses up an id.
      if (users.find(name).isEmpty()) {
        addUnlessThere(users, name);
      }
    }
    System.err.println("The users user1, user2 and user3 with the password " + PASSWORD
        + " are for trying only: anybody can log in as they.");
  }

  private static void addUnlessThere(JdbiUsers users, String name) {
    try {
      users.withCost(COST).add(name, Optional.empty(), PASSWORD);
    } catch (IllegalArgumentException there) {
      // Another server on the same database was faster.
    }
  }
}
