package dev.confab.chat.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.Chat;
import dev.confab.chat.protocol.PlainData;
import dev.confab.chat.spi.AccessPolicies;
import dev.confab.chat.spi.Guests;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;
import org.junit.jupiter.api.Test;

/** The program of the page about other systems' pages. */
final class PagesTest {
  // docs:begin pages
  /** A chat that speaks with the pages of others, too. */
  static Chat chat(URI callback, Pusher pusher) {
    MessageCentre exchange =
        new MessageCentre().withStreams("depth", "trades").withOwnStreams("balance");
    return Chat.builder()
        .authenticator(pusher.authenticator(
            Guests.beside(HttpTokenAuthenticator.at(callback).build())))
        .access(pusher.access(AccessPolicies.openRooms()))
        .plainData(PlainData.UID_AND_MESSAGE)
        .dialect("/message-center", new MessageCentre().withOpen("video"))
        .dialect("/exchange", exchange)
        .access(MessageCentre.STREAM_PREFIX, exchange.access())
        .dialect("/quick", new QuickStart())
        .dialect("/push", new GatewayPush())
        .dialect("/workerman", new WorkermanChat())
        .dialect("/forward", new UidForwarding())
        .dialect("/swoole", new SwooleChat())
        .dialect("/events", new SwooleEvents())
        .dialect(pusher.path(), pusher) // /app/<key>
        .build();
  }

  /** Each at its path, all in one chat. */
  static List<ChatEndpoint> install(ServerContainer container, Chat chat, Pusher pusher) {
    return List.of(
            "/chat",
            "/message-center",
            "/exchange",
            "/quick",
            "/push",
            "/workerman",
            "/forward",
            "/swoole",
            "/events",
            pusher.path())
        .stream()
        .map(path -> ChatEndpoint.install(container, path, chat))
        .toList();
  }
  // docs:end pages

  @Test
  void every_test_that_the_page_names_is_there() throws Exception {
    String text = page();
    Map<String, Class<?>> known = Stream.of(
            FaultsTest.class,
            FixturesTest.class,
            OneRoomTest.class,
            ContractsTest.class,
            PusherTest.class,
            HttpTokenAuthenticatorTest.class)
        .collect(Collectors.toMap(Class::getSimpleName, type -> type));
    List<String> missing = Pattern.compile("`(\\w+Test)\\.(\\w+)`")
        .matcher(text)
        .results()
        .filter(name -> known.containsKey(name.group(1)))
        .filter(name -> Arrays.stream(known.get(name.group(1)).getDeclaredMethods())
            .noneMatch(method -> method.getName().equals(name.group(2))))
        .map(MatchResult::group)
        .toList();
    assertThat(missing).isEmpty();
    // And each fault's test is on the page.
    assertThat(Arrays.stream(FaultsTest.class.getDeclaredMethods())
            .map(Method::getName)
            .filter(name -> name.matches("(seed|workerman)_.*"))
            .filter(name -> !text.contains("`FaultsTest." + name + "`")))
        .isEmpty();
  }

  @Test
  void every_row_of_their_lists_stands_on_the_page() throws Exception {
    String text = page();
    Set<String> rows = Pattern.compile("(?m)^\\| ([0-9a-z., ]*\\d)")
        .matcher(text)
        .results()
        .flatMap(row -> Stream.of(row.group(1).split(", ")))
        .collect(Collectors.toSet());
    Map.of("000", 15, "004", 14, "001", 12, "workerman", 8, "002", 16, "003", 7)
        .forEach((seed, faults) -> IntStream.rangeClosed(1, faults)
            // 001.9, 10, 12 are one row.
            .filter(fault -> !seed.equals("001") || (fault != 10 && fault != 12))
            .forEach(fault -> assertThat(rows).contains(seed + "." + fault)));
    IntStream.rangeClosed(1, 79).forEach(row -> assertThat(rows).contains("" + row));
  }

  @Test
  void every_setting_stands_on_the_page() throws Exception {
    String text = page();
    for (Class<?> type : List.of(
        MessageCentre.class,
        GatewayPush.class,
        WorkermanChat.class,
        Pusher.class,
        HttpTokenAuthenticator.class,
        HttpTokenAuthenticator.Builder.class)) {
      assertThat(Arrays.stream(type.getDeclaredMethods())
              .filter(method -> Modifier.isPublic(method.getModifiers()))
              .map(Method::getName)
              .filter(
                  name -> !Set.of("manners", "open", "encode", "authenticate", "build", "toString")
                      .contains(name))
              .distinct()
              .filter(name -> !text.contains("." + name + "(")))
          .as(type.getSimpleName())
          .isEmpty();
    }
  }

  private static String page() throws IOException {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("docs/dialects.md"))) {
      folder = folder.getParent();
    }
    return Files.readString(folder.resolve("docs/dialects.md"));
  }

  @Test
  void chat_of_the_page_has_an_endpoint_for_each_dialect() throws Exception {
    TyrusServerContainer container =
        (TyrusServerContainer) ServerContainerFactory.createServerContainer();
    Pusher pusher = new Pusher("4a7d1ed4", Stage.PUSHER_SECRET);
    Chat chat = chat(URI.create("http://127.0.0.1:1/websocket_auth"), pusher);
    List<ChatEndpoint> endpoints = install(container, chat, pusher);
    container.start("/app", 0);
    try {
      assertThat(endpoints).hasSize(10);
      assertThat(chat.acceptor().subprotocols()).containsExactly("chat.v1");
    } finally {
      chat.close(Duration.ofSeconds(3));
      endpoints.forEach(ChatEndpoint::close);
      container.stop();
    }
  }
}
