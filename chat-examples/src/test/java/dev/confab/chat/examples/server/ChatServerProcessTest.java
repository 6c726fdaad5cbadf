package dev.confab.chat.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.testkit.RawWebSocket;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server as a process: its options, how it ends, and what it remembers. */
final class ChatServerProcessTest {
  private static final int READ_BEFORE_THE_CUT = 60;

  @TempDir
  private Path directory;

  private ServerProcess demo() {
    return ServerProcess.run(directory, "--port", "0", "--data", "kept", "--demo-users");
  }

  @Test
  void prints_one_line_with_its_url_and_ends_cleanly_when_told_to() {
    try (ServerProcess server = demo()) {
      URI url = server.url();
      assertThat(url.getHost()).isEqualTo("127.0.0.1");
      assertThat(url.getPort()).isPositive();
      try (Guest guest = Guest.enter(server.chat(), "user1")) {
        server.terminate();
        Optional<JsonNode> bye = guest.hear(line -> line.path("event").asText().equals("bye"));
        assertThat(bye)
            .hasValueSatisfying(it -> assertThat(it.path("code").asInt()).isEqualTo(4000));
        assertThat(guest.message()).isEmpty();
        assertThat(guest.closeCode()).hasValue(4000);
      }
      assertThat(server.exitCode()).isEqualTo(143);
      assertThat(server.out()).isEqualTo("Confab is ready at " + url + System.lineSeparator());
      assertThat(server.err()).hasLineCount(1).contains("123456", "for trying only");
    }
  }

  @Test
  void demo_users_are_made_once_and_have_the_first_ids() {
    for (int start = 0; start < 2; start++) {
      try (ServerProcess server = demo()) {
        for (int id = 1; id <= 3; id++) {
          try (Guest guest = Guest.enter(server.chat(), "user" + id)) {
            guest.say("{\"op\":\"subscribe\",\"args\":[\"user_" + id + "\"],\"id\":\"own\"}");
            assertThat(guest.reply("own").path("success").asBoolean()).isTrue();
          }
        }
      }
    }
  }

  @Test
  void help_tells_every_option_and_succeeds() {
    try (ServerProcess server = ServerProcess.run(directory, "--help")) {
      assertThat(server.exitCode()).isZero();
      assertThat(server.out())
          .contains(
              "--port",
              "--host",
              "--data",
              "--db",
              "--db-user",
              "--db-password",
              "--demo-users",
              "--origin")
          .contains("CONFAB_DB_PASSWORD", "table users");
      assertThat(server.err()).isEmpty();
    }
  }

  @Test
  void wrong_options_get_one_sentence_and_exit_code_2() {
    complains("Unknown option --prot. See --help.", "--prot=9");
    complains("--port must be 0 to 65535, got 70000. See --help.", "--port", "70000");
    complains(
        "Invalid value for option '--port': 'abc' is not a number. See --help.", "--port", "abc");
    complains(
        "--db must be a URL of PostgreSQL, as in jdbc:postgresql://localhost/chat. See --help.",
        "--db",
        "jdbc:mysql://localhost/chat?password=geheim");
    complains(
        "--data and --db can not go together: choose one database. See --help.",
        "--data",
        "kept",
        "--db",
        "jdbc:postgresql://localhost/chat");
    complains(
        "--origin: an origin must be a scheme, a host and perhaps a port, as in https://www.example.com, got chat."
            + " See --help.",
        "--origin",
        "chat");
  }

  private void complains(String sentence, String... options) {
    try (ServerProcess server = ServerProcess.run(directory, options)) {
      assertThat(server.exitCode()).isEqualTo(2);
      assertThat(server.err()).isEqualTo(sentence + System.lineSeparator());
      assertThat(server.out()).isEmpty();
    }
  }

  @Test
  void who_starts_without_users_is_told_so() {
    try (ServerProcess server = ServerProcess.run(directory, "--port", "0", "--data", "kept")) {
      server.url();
      assertThat(server.err())
          .isEqualTo("Nobody can log in yet, because the table users is empty. See --help."
              + System.lineSeparator());
    }
  }

  @Test
  void a_directory_or_host_that_can_not_be_is_named_in_one_sentence() throws IOException {
    Files.createFile(directory.resolve("afile"));
    canNotStart(
        "The directory afile can not be made: afile is a file", "--port", "0", "--data", "afile");
    canNotStart(
        "The directory " + Path.of("afile", "below") + " can not be made: afile is a file",
        "--port",
        "0",
        "--data",
        Path.of("afile", "below").toString());
    canNotStart(
        "The PostgreSQL database can not be used: unknown host nohost.invalid",
        "--db",
        "jdbc:postgresql://nohost.invalid/chat");
  }

  private void canNotStart(String sentence, String... options) {
    try (ServerProcess server = ServerProcess.run(directory, options)) {
      assertThat(server.exitCode()).isEqualTo(1);
      assertThat(server.err()).isEqualTo(sentence + System.lineSeparator());
      assertThat(server.out()).isEmpty();
    }
  }

  @Test
  void a_taken_port_gets_one_sentence_and_exit_code_1() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerProcess server = ServerProcess.run(
            directory, "--data", "kept", "--port", String.valueOf(taken.getLocalPort()))) {
      assertThat(server.exitCode()).isEqualTo(1);
      assertThat(server.err())
          .hasLineCount(1)
          .startsWith("Port " + taken.getLocalPort() + " of 127.0.0.1 can not be had");
      assertThat(server.out()).isEmpty();
    }
  }

  @Test
  void a_database_that_does_not_answer_gets_one_sentence_without_its_password() throws IOException {
    int nobody;
    try (ServerSocket free = new ServerSocket(0)) {
      nobody = free.getLocalPort();
    }
    try (ServerProcess server = ServerProcess.run(
        directory,
        Map.of(ServerOptions.PASSWORD_VARIABLE, "geheim"),
        "--db",
        "jdbc:postgresql://127.0.0.1:" + nobody + "/chat?connectTimeout=2",
        "--db-user",
        "chat")) {
      assertThat(server.exitCode()).isEqualTo(1);
      assertThat(server.err())
          .hasLineCount(1)
          .startsWith("The PostgreSQL database can not be used: ")
          .contains("127.0.0.1:" + nobody)
          .doesNotContain("geheim");
      assertThat(server.out()).isEmpty();
    }
  }

  @Test
  void postgresql_remembers_from_one_start_to_the_next() throws IOException {
    try (EmbeddedPostgres database = EmbeddedPostgres.builder().start()) {
      for (int start = 0; start < 2; start++) {
        try (ServerProcess server = ServerProcess.run(
                directory,
                Map.of(ServerOptions.PASSWORD_VARIABLE, "postgres"),
                "--port",
                "0",
                "--demo-users",
                "--db",
                "jdbc:postgresql://127.0.0.1:" + database.getPort() + "/postgres",
                "--db-user",
                "postgres");
            Guest guest = Guest.enter(server.chat(), "user1")) {
          guest.publish("room_1", "kept", "key-1");
          JsonNode reply = guest.reply("key-1");
          assertThat(reply.at("/data/seq").asLong()).isEqualTo(1);
          assertThat(reply.at("/data/duplicate").asBoolean()).isEqualTo(start == 1);
        }
      }
    }
  }

  @Test
  void only_listed_origins_may_connect() {
    try (ServerProcess server = ServerProcess.run(
        directory, "--port", "0", "--data", "kept", "--origin", "https://chat.example.com")) {
      Assertions.assertThatThrownBy(() -> RawWebSocket.connect(
              server.chat(), List.of("chat.v1"), Map.of("Origin", server.url().toString())))
          .isInstanceOf(RawWebSocket.HandshakeRefusedException.class)
          .hasMessageContaining("403");
      RawWebSocket.connect(
              server.chat(), List.of("chat.v1"), Map.of("Origin", "https://chat.example.com"))
          .close();
    }
  }

  @Test
  void who_was_cut_off_by_kill_9_misses_nothing_and_nothing_is_recorded_twice() throws Exception {
    List<String> sent = new ArrayList<>();
    Map<String, Long> acknowledged = new HashMap<>();
    List<JsonNode> read = new ArrayList<>();
    try (ServerProcess server = demo();
        Guest reader = Guest.enter(server.chat(), "user2");
        Guest sender = Guest.enter(server.chat(), "user1")) {
      reader.say("{\"op\":\"subscribe\",\"args\":[\"room_1\"],\"id\":\"join\"}");
      reader.reply("join");
      Thread sending = new Thread(() -> sendUntilCut(sender, sent, acknowledged));
      sending.start();
      while (read.size() < READ_BEFORE_THE_CUT) {
        read.add(reader.message().orElseThrow());
      }
      server.kill();
      // What the socket still holds was told, too.
      for (Optional<JsonNode> more = reader.message(); more.isPresent(); more = reader.message()) {
        read.add(more.get());
      }
      sending.join();
    }

    assertThat(acknowledged).isNotEmpty();
    try (ServerProcess again = demo();
        Guest reader = Guest.enter(again.chat(), "user2");
        Guest sender = Guest.enter(again.chat(), "user1")) {
      JsonNode last = read.get(read.size() - 1);
      String cursor = last.path("seq").asText() + "." + last.path("id").asText();
      reader.say("{\"op\":\"subscribe\",\"args\":[\"room_1\",{\"since\":{\"room_1\":\"" + cursor
          + "\"}}],\"id\":\"back\"}");
      assertThat(reader.reply("back").at("/data/channels/room_1/reset").asBoolean())
          .isFalse();
      for (String key : sent) {
        sender.publish("room_1", "text of " + key, key);
        JsonNode reply = sender.reply(key);
        assertThat(reply.path("success").asBoolean()).as(reply.toString()).isTrue();
        if (acknowledged.containsKey(key)) {
          assertThat(reply.at("/data/seq").asLong()).isEqualTo(acknowledged.get(key));
          assertThat(reply.at("/data/duplicate").asBoolean()).isTrue();
        }
      }
      while (read.size() < sent.size()) {
        read.add(reader.message().orElseThrow());
      }
      sender.publish("room_1", "the end", "end");
      assertThat(reader.message().orElseThrow().path("data").asText()).isEqualTo("the end");
    }
    assertThat(read.stream().map(message -> message.path("seq").asLong()))
        .isEqualTo(LongStream.rangeClosed(1, sent.size()).boxed().toList());
    assertThat(read.stream().map(message -> message.path("data").asText()))
        .isEqualTo(sent.stream().map(key -> "text of " + key).toList());
  }

  /** Keeps twenty messages under way. */
  private static void sendUntilCut(
      Guest sender, List<String> sent, Map<String, Long> acknowledged) {
    try {
      while (true) {
        List<String> keys = IntStream.range(sent.size(), sent.size() + 20)
            .mapToObj(number -> "key-" + number)
            .toList();
        for (String key : keys) {
          sent.add(key);
          sender.publish("room_1", "text of " + key, key);
        }
        for (String key : keys) {
          Optional<JsonNode> reply = sender.hear(line -> line.has("op"));
          if (reply.isEmpty()) {
            return;
          }
          assertThat(reply.get().path("id").asText()).isEqualTo(key);
          acknowledged.put(key, reply.get().at("/data/seq").asLong());
        }
      }
    } catch (java.io.UncheckedIOException cut) {
      // The server is gone.
    }
  }
}
