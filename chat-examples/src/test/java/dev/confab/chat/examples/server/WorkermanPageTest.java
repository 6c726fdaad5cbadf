package dev.confab.chat.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.confab.chat.Chat;
import dev.confab.chat.dialects.WorkermanChat;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Guests;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import dev.confab.chat.transport.jsr356.Origins;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A page that says and shows what workerman-chat's does, in a browser: served from one port, with its socket at the root of
 * another, as there.
 */
final class WorkermanPageTest extends BrowserTest {
  private static final String TEXTS =
      "[...document.querySelectorAll('#dialog p')].map((it) => it.textContent)";

  private Hosted hosted;

  @BeforeEach
  void host() {
    hosted = Hosted.open();
  }

  @AfterEach
  @Override
  void closeWindows() {
    super.closeWindows();
    if (hosted != null) {
      hosted.close();
    }
  }

  /** A chat whose pages stand at a port of their own. */
  private record Hosted(
      Chat chat, TyrusServerContainer container, ChatEndpoint endpoint, HttpServer pages)
      implements AutoCloseable {
    static Hosted open() {
      Chat chat = Chat.builder()
          .authenticator(Guests.only())
          // Guests can not come back, and are not waited for.
          .limits(Limits.builder().presenceGrace(Duration.ofHours(1)).build())
          .dialect(
              "/",
              new WorkermanChat()
                  .beating(new Dialect.Heartbeat(Duration.ofSeconds(1), Duration.ofMinutes(2))))
          .build();
      TyrusServerContainer container =
          (TyrusServerContainer) ServerContainerFactory.createServerContainer();
      try {
        HttpServer pages =
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ChatEndpoint endpoint = ChatEndpoint.install(
            container,
            "/",
            chat,
            EndpointOptions.builder()
                .origins(Origins.only("http://localhost:" + pages.getAddress().getPort()))
                .build());
        container.start("/", 0);
        pages.createContext("/", exchange -> {
          String room = Objects.requireNonNullElse(exchange.getRequestURI().getQuery(), "");
          byte[] page = exchange.getRequestURI().getPath().equals("/")
              ? page(text -> text.replace("{port}", "" + container.getPort())
                  .replace("{room}", room.replace("room_id=", "")))
              : new byte[0];
          exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
          try (exchange) {
            exchange.sendResponseHeaders(
                page.length == 0 ? 204 : 200, page.length == 0 ? -1 : page.length);
            exchange.getResponseBody().write(page);
          }
        });
        pages.start();
        return new Hosted(chat, container, endpoint, pages);
      } catch (Exception failure) {
        throw new IllegalStateException(failure);
      }
    }

    private static byte[] page(UnaryOperator<String> filled) {
      try (InputStream in = WorkermanPageTest.class.getResourceAsStream("workerman-page.html")) {
        String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        return filled.apply(text).getBytes(StandardCharsets.UTF_8);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }

    @Override
    public void close() {
      pages.stop(0);
      chat.close(Duration.ofSeconds(3));
      endpoint.close();
      container.stop();
    }
  }

  private Browser.Window open(String name, int room) {
    browser.answerPrompts(name);
    Browser.Window window = browser.open(URI.create(
        "http://localhost:" + hosted.pages().getAddress().getPort() + "/?room_id=" + room));
    window.awaitTrue("document.querySelector('#userlist li') !== null");
    return window;
  }

  private static void say(Browser.Window window, String text) {
    window.type("#textarea", text);
    window.click("#submit");
  }

  private static void reads(Browser.Window window, String... texts) {
    reads(window, TEXTS, List.of(texts));
  }

  private static List<String> people(Browser.Window window) {
    return strings(window.value(
            "[...document.querySelectorAll('#userlist li')].map((it) => it.textContent)"))
        .stream()
        .sorted()
        .toList();
  }

  private static void choose(Browser.Window window, String name) {
    window.value("(() => { const list = document.getElementById('client_list');"
        + "list.value = [...list.options].find((it) => it.textContent === '" + name + "').value;"
        + "list.dispatchEvent(new Event('change')); return 1; })()");
  }

  @Test
  void people_at_the_page_see_each_other_talk_in_a_room_and_in_private() {
    Browser.Window tom = open("Tom \"<b>\" & Co", 1);
    reads(tom, "Tom \"<b>\" & Co came");
    Browser.Window ann = open("Ann", 1);
    Browser.Window bob = open("Bob", 2);
    reads(tom, "Tom \"<b>\" & Co came", "Ann came");
    reads(ann, "Ann came");
    reads(bob, "Bob came");
    assertThat(people(tom)).isEqualTo(List.of("Ann", "Tom \"<b>\" & Co"));
    assertThat(people(ann)).isEqualTo(people(tom));
    assertThat(people(bob)).isEqualTo(List.of("Bob"));

    say(tom, "Grüße, 你好 👋 <img src=x onerror=alert(1)> \"quoted\" 'so'\nsecond line");
    String shown = "Grüße, 你好 👋 <img src=x onerror=alert(1)> \"quoted\" 'so'\nsecond line";
    reads(tom, "Tom \"<b>\" & Co came", "Ann came", shown);
    reads(ann, "Ann came", shown);
    assertThat(ann.value("document.querySelectorAll('#dialog p > :not(br)').length")
            .asInt())
        .isZero();
    assertThat(ann.value("document.querySelectorAll('#dialog p > br').length").asInt())
        .isEqualTo(1);

    choose(tom, "Ann");
    say(tom, "psst");
    reads(ann, "Ann came", shown, "对你说: psst");
    reads(tom, "Tom \"<b>\" & Co came", "Ann came", shown, "你对Ann说: psst");
    choose(ann, "Tom \"<b>\" & Co");

    hosted.chat().publish(ChannelName.of("room_1"), "from the host");
    reads(ann, "Ann came", shown, "对你说: psst", "from the host");
    hosted.chat().publish(ChannelName.of("room_1"), Json.parse("{\"type\":\"notice\",\"n\":1}"));
    ann.awaitTrue("window.told.some((it) => it.type === 'notice' && it.n === 1)");
    reads(bob, "Bob came");
    assertThat(
            hosted.chat().history(ChannelName.of("room_1"), Long.MAX_VALUE, 10).entries())
        .extracting(Entry::data)
        .startsWith(Json.string(shown));
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void who_closes_the_page_is_gone_at_once_and_who_is_cut_off_is_back_without_being_asked_again() {
    Browser.Window tom = open("Tom", 1);
    Browser.Window ann = open("Ann", 1);
    reads(tom, "Tom came", "Ann came");
    ann.close();
    reads(tom, "Tom came", "Ann came", "Ann went");
    assertThat(people(tom)).isEqualTo(List.of("Tom"));
    assertThat(hosted.chat().disconnect(Recipients.everybody(), CloseReason.KICKED))
        .isEqualTo(1);
    // Whether its former self went before or after it came back depends on who was quicker.
    tom.awaitTrue(TEXTS + ".filter((it) => it === 'Tom came').length === 2");
    tom.awaitTrue("document.querySelectorAll('#userlist li').length === 1");
    say(tom, "still here");
    tom.awaitTrue(TEXTS + ".pop() === 'still here'");
    assertThat(people(tom)).isEqualTo(List.of("Tom"));
    tom.awaitTrue("document.getElementById('client_list').value === 'all'");
  }

  @Test
  void page_answers_whether_it_is_there_and_frames_it_does_not_know_do_it_no_harm() {
    Browser.Window tom = open("Tom", 1);
    tom.awaitTrue("window.pongs >= 2");
    // Not JSON once the page has put it together: the page escapes no backslash.
    say(tom, "a \\ b");
    tom.awaitTrue("window.told.some((it) => it.type === 'error' && it.code === 'bad_frame')");
    say(tom, "fine");
    reads(tom, "Tom came", "fine");
    assertThat(browser.complaints()).isEmpty();
  }
}
