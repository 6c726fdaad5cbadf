package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.spi.MessageStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A SQLite file that is made again what it was. */
class SqliteRollbackTest extends RollbackContract {
  @Override
  Restorable database() {
    return new Copied(SqliteFiles.fresh());
  }

  @Test
  void an_older_file_under_a_server_that_was_stopped_is_noticed_by_who_comes_back()
      throws IOException {
    Path file = SqliteFiles.fresh();
    Path copy = file.resolveSibling("backup.db");
    String common;
    String lost;
    try (ChatNode node = new ChatNode(JdbiMessageStore.sqlite(file), Duration.ofDays(1));
        ChatClient client = node.v1()) {
      common = client.say("room_1", "common", "k1").path("cursor").asText();
    }
    Files.copy(file, copy);
    try (ChatNode node = new ChatNode(JdbiMessageStore.sqlite(file), Duration.ofDays(1));
        ChatClient client = node.v1()) {
      lost = client.say("room_1", "lost", "k2").path("cursor").asText();
    }
    Files.copy(copy, file, StandardCopyOption.REPLACE_EXISTING);
    try (ChatNode node = new ChatNode(JdbiMessageStore.sqlite(file), Duration.ofDays(1));
        ChatClient sender = node.v1();
        ChatClient reset = node.v1();
        ChatClient back = node.v1()) {
      assertThat(sender.say("room_1", "new", "k3").path("seq").asInt()).isEqualTo(2);
      JsonNode reply = reset.resume("room_1", lost);
      assertThat(reply.path("reset").asBoolean()).as("%s", reply).isTrue();
      assertThat(reset.event().path("event").asText()).isEqualTo("live");
      assertThat(back.resume("room_1", common).has("reset")).isFalse();
      back.message(2, "new");
    }
  }

  /** Copies are made, and come back, through the database's own way to copy one that is in use. */
  private record Copied(Path file) implements Restorable {
    @Override
    public MessageStore store() {
      return JdbiMessageStore.sqlite(file);
    }

    private Path copy(String name) {
      return file.resolveSibling(name + ".db");
    }

    @Override
    public void keep(String name) {
      SqliteFiles.run(file, "backup to '" + copy(name) + "'");
    }

    @Override
    public void restore(String name) {
      SqliteFiles.run(file, "restore from '" + copy(name) + "'");
    }

    @Override
    public void close() {}
  }
}
