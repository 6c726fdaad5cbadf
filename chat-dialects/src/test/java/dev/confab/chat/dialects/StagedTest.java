package dev.confab.chat.dialects;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;

/** Tests that play scripts on one stage, which each of them leaves empty. A class opens its stage before all. */
abstract class StagedTest {
  static Stage stage;

  Script script = new Script(stage);

  @AfterAll
  static void close() {
    stage.close();
  }

  @AfterEach
  void leave() {
    script.close();
  }

  /** A page of workerman-chat's that has logged in; the hole of its name is its client's id. */
  final void workerman(String name, String shownName, int room) {
    script.play("""
        %1$s connects /workerman
        %1$s → {"type":"login","client_name":"%2$s","room_id":%3$d}
        %1$s ⇐ {"type":"login","client_id":"<%1$s>"}
        """.formatted(name, shownName, room));
  }
}
