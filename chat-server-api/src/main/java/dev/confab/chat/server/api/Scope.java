package dev.confab.chat.server.api;

import java.util.Locale;

/** What a key may do. The name in lower case stands in a key's line. */
public enum Scope {
  /** Say something: publish, send, signal. */
  PUBLISH,
  /** Read: history, counts, lists, who is there. */
  READ,
  /** Change what is there: attributes, joins and leaves, dissolving, closing, redacting. */
  MANAGE,
  /** Say who a connection is: login and logout. Who may do this may be anybody. */
  LOGIN,
  /** Take what clients send from a queue. */
  CONSUME;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** What stands in a key's line. */
  public String word() {
    return word;
  }
}
