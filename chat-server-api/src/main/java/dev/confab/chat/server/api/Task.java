package dev.confab.chat.server.api;

import java.util.UUID;

/** A record of a queue: what has to be worked on. Guarded by its line. */
final class Task {
  enum Kind {
    HANDSHAKE,
    MESSAGE,
    CLOSE
  }

  final Kind kind;
  final String json;

  /** Its own, whoever is handed it and however often. */
  final String id = UUID.randomUUID().toString();

  int handouts;

  Task(Kind kind, String json) {
    this.kind = kind;
    this.json = json;
  }

  int bytes() {
    return 2 * json.length();
  }
}
