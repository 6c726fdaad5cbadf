package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.item;
import static dev.confab.chat.store.jdbi.Said.say;

import dev.confab.chat.model.ChannelName;

/**
 * Says {@value #SAID} things in an H2 database, each in a commit of its own, and ends without any goodbye, as a killed process
 * does. Parameters: the database's URL and the channel's name.
 */
final class H2Halt {
  static final int SAID = 50;
  static final int EXIT = 9;

  private H2Halt() {}

  public static void main(String[] arguments) {
    ChannelName room = ChannelName.of(arguments[1]);
    JdbiMessageStore store = JdbiMessageStore.create(H2Files.source(arguments[0]));
    for (int i = 0; i < SAID; i++) {
      say(store, item(room));
    }
    Runtime.getRuntime().halt(EXIT);
  }
}
