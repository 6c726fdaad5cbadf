package dev.confab.chat.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two people in two browser windows, at the page of the real server. Which browser: see {@link Browsers}. */
final class ChatPageTest extends BrowserTest {
  private static final String TEXTS =
      "[...document.querySelectorAll('#messages > li:not(.note):not(.pending) p')].map((it) => it.textContent)";

  @TempDir
  private Path data;

  private ServerProcess server(String port) {
    return ServerProcess.run(data, "--port", port, "--data", "kept", "--demo-users");
  }

  private static Browser.Window login(ServerProcess server, String name) {
    Browser.Window window = browser.open(server.url());
    window.type("#name", name);
    window.type("#password", "123456");
    window.enter();
    window.awaitTrue("!document.getElementById('chat').hidden");
    window.awaitTrue("document.getElementById('title').textContent === '#lobby'");
    return window;
  }

  private static void open(Browser.Window window, String where, String title) {
    window.type("#where", where);
    window.enter();
    window.awaitTrue("document.getElementById('title').textContent === '" + title + "'");
  }

  private static void say(Browser.Window window, String text) {
    window.type("#text", text);
    window.enter();
  }

  private static void reads(Browser.Window window, List<String> texts) {
    reads(window, TEXTS, texts);
  }

  @Test
  void a_wrong_password_is_said_and_nothing_is_shown() {
    try (ServerProcess server = server("0")) {
      Browser.Window window = browser.open(server.url());
      window.type("#name", "user1");
      window.type("#password", "wrong");
      window.enter();
      window.awaitTrue(
          "document.getElementById('login-status').textContent === 'Invalid name or password'");
      assertThat(window.value("document.getElementById('chat').hidden").asBoolean())
          .isTrue();
    }
  }

  @Test
  void two_people_talk_in_a_room_and_in_private() {
    try (ServerProcess server = server("0")) {
      Browser.Window first = login(server, "user1");
      open(first, "tea", "#tea");
      say(first, "Is anybody here?");
      reads(first, List.of("Is anybody here?"));

      // What was said before is there for who comes later.
      Browser.Window second = login(server, "user2");
      open(second, "tea", "#tea");
      reads(second, List.of("Is anybody here?"));
      first.awaitTrue("document.getElementById('present-count').textContent === '2 here now'");
      say(second, "<b>markup</b> & <img src=x onerror=alert(1)>");
      say(first, "Grüße, 你好 👋");
      List<String> said = List.of(
          "Is anybody here?", "<b>markup</b> & <img src=x onerror=alert(1)>", "Grüße, 你好 👋");
      reads(first, said);
      reads(second, said);
      assertThat(first
              .value("document.querySelectorAll('#messages p *, #messages img').length")
              .asInt())
          .isZero();

      open(first, "@2", "@user2");
      say(first, "Between us");
      reads(first, List.of("Between us"));
      second.awaitTrue(
          "document.querySelector('#views > li[data-id=user_1]')?.className === 'unread'");
      second.click("#views > li[data-id=user_1] > button");
      reads(second, List.of("Between us"));
      say(second, "Fine");
      reads(first, List.of("Between us", "Fine"));
      second.click("#views > li[data-id=room_tea] > button");
      reads(second, said);
      assertThat(browser.complaints()).isEmpty();
    }
  }

  @Test
  void what_is_typed_opens_what_the_lists_show_under_that_name() {
    try (ServerProcess server = server("0")) {
      Browser.Window first = login(server, "user1");
      open(first, "@user2", "#lobby");
      says(first, "@user2 was not seen here yet. Was a room meant? Or an id, as in @2?");
      open(first, "@2", "@user_2");
      says(first, "@2 was not seen here yet");

      Browser.Window second = login(server, "user2");
      open(first, "#lobby", "#lobby");
      says(first, "");
      first.awaitTrue("document.getElementById('present-count').textContent === '2 here now'");
      open(first, "@user2", "@user2");
      says(first, "");
      say(first, "By name");
      second.awaitTrue("document.querySelector('#views > [data-id=user_1]') !== null");
      open(second, "@user1", "@user1");
      reads(second, List.of("By name"));

      open(second, "broadcast", "broadcast");
      open(second, "a\tb", "#lobby");
      assertThat(second.value("document.getElementById('status').textContent").asText())
          .startsWith("#a\tb: ");
      open(second, "tea", "#tea");
      open(second, "#tea", "#tea");
      assertThat(strings(second.value(
              "[...document.querySelectorAll('#views > li')].map((it) => it.dataset.id)")))
          .containsExactlyInAnyOrder("room_lobby", "broadcast", "user_1", "room_tea");

      // Who logs in anew has read what they answered, or wrote without an answer.
      Browser.Window again = login(server, "user1");
      again.awaitTrue("document.querySelector('#views > [data-id=user_2]')?.className === ''");
    }
  }

  private static void says(Browser.Window window, String status) {
    window.awaitTrue("document.getElementById('status').textContent === '" + status + "'");
  }

  @Test
  void nothing_is_lost_or_doubled_when_the_server_is_killed_and_started_again() {
    List<String> said = new ArrayList<>();
    int port;
    Browser.Window first;
    Browser.Window second;
    try (ServerProcess server = server("0")) {
      port = server.url().getPort();
      first = login(server, "user1");
      second = login(server, "user2");
      for (Browser.Window window : List.of(first, second)) {
        say(window, "before " + said.size());
        said.add("before " + said.size());
        reads(window, said);
      }
      reads(first, said);
    }
    for (Browser.Window window : List.of(first, second)) {
      window.awaitTrue("document.getElementById('status').textContent.startsWith('Not connected')");
    }
    say(first, "while it was away");
    first.awaitTrue("document.querySelectorAll('#messages > li.pending').length === 1");
    said.add("while it was away");

    try (ServerProcess again = server(String.valueOf(port))) {
      again.url();
      for (Browser.Window window : List.of(first, second)) {
        reads(window, said);
        window.awaitTrue("document.getElementById('status').textContent === ''");
      }
      say(second, "after");
      said.add("after");
      for (Browser.Window window : List.of(first, second)) {
        reads(window, said);
        assertThat(
                strings(
                    window.value(
                        "[...document.querySelectorAll('#messages > li:not(.note)')].map((it) => it.dataset.id)")))
            .containsExactly("1", "2", "3", "4");
      }
    }
  }
}
