package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.UserId;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The calls that the pages show with curl and PHP, sent as they stand there. */
final class DocumentedCallsTest {
  private static final Pattern CURL = Pattern.compile("curl -H \"X-API-Key: \\$KEY\""
      + "(?: -X (?<method>[A-Z]+))?(?: -d '(?<body>[^']*)')? \"?\\$API(?<path>[^\"]+)\"?");
  private static final Pattern PHP = Pattern.compile("(?s)```php\n(.*?)```");
  private static final ObjectMapper JSON = new ObjectMapper();

  private TestServer server;
  private String connection;

  @BeforeEach
  void start() throws Exception {
    server = new TestServer();
    server.client("17");
    connection =
        server.chat().users().sessions(UserId.of("17")).get(0).connection().value();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "docs/server-api.md, 16",
    "docs/migrating/gatewayworker.md, 4",
    "docs/migrating/laravel-swoole.md, 3"
  })
  void calls_of_the_pages_are_taken_and_answered_with_the_fields_shown(String page, int atLeast)
      throws IOException {
    List<String> lines = Files.readAllLines(root().resolve(page));
    int sent = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (!line.startsWith("curl -H \"X-API-Key")) {
        continue;
      }
      Matcher call = CURL.matcher(line);
      assertThat(call.matches()).as(line).isTrue();
      String body = Optional.ofNullable(call.group("body")).orElse("");
      String method =
          Optional.ofNullable(call.group("method")).orElse(body.isEmpty() ? "GET" : "POST");
      HttpResponse<String> answer =
          server.send(method, call.group("path").replace("$C", connection), body);
      assertThat(answer.statusCode()).as(line + " " + answer.body()).isBetween(200, 204);
      // A batch answers 200 however its messages fared.
      assertThat(answer.body()).as(line).doesNotContain("\"error\"");
      if (lines.get(i + 1).startsWith("# {")) {
        assertThat(names(answer.body()))
            .as(line)
            .isEqualTo(names(lines.get(i + 1).substring(2)));
      }
      sent++;
    }
    assertThat(sent).isGreaterThanOrEqualTo(atLeast);
  }

  private static List<String> names(String json) throws IOException {
    List<String> names = new ArrayList<>();
    JsonNode read = JSON.readTree(json);
    read.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @ParameterizedTest
  @CsvSource({
    "docs/migrating/gatewayworker.md, room_101",
    "docs/migrating/laravel-swoole.md, room_1"
  })
  void php_of_the_pages_says_and_asks(String page, String room, @TempDir Path folder)
      throws Exception {
    Assumptions.assumeTrue(php(), "needs PHP 8 or later");
    Matcher code = PHP.matcher(Files.readString(root().resolve(page)));
    assertThat(code.find()).isTrue();
    Path program = Files.writeString(
        folder.resolve("calls.php"),
        "<?php $_POST = ['client_id' => '" + connection + "'];\n"
            + code.group(1).replace("http://127.0.0.1:6789", server.http("").toString())
            + "echo json_encode($online);\n");
    ProcessBuilder run = new ProcessBuilder("php", program.toString()).redirectErrorStream(true);
    run.environment().put("CONFAB_KEY", TestServer.ALL.secret());
    Process php = run.start();
    assertThat(new String(php.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("true");
    assertThat(php.waitFor()).isZero();
    assertThat(
            server.chat().history(ChannelName.of(room), Long.MAX_VALUE / 16, 10).entries())
        .singleElement()
        .asString()
        .contains("Hello");
  }

  private static boolean php() throws InterruptedException {
    try {
      Process asked =
          new ProcessBuilder("php", "--version").redirectErrorStream(true).start();
      String version = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return asked.waitFor() == 0 && version.matches("(?s)PHP ([89]|\\d\\d)\\..*");
    } catch (IOException absent) {
      return false;
    }
  }

  private static Path root() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(here.resolve("chat-core"))) {
      here = here.getParent();
    }
    return here;
  }
}
