package dev.confab.chat.examples.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.confab.chat.Chat;
import dev.confab.chat.ChatBuilder;
import dev.confab.chat.ChatCounters;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import jakarta.websocket.DeploymentException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** A chat behind a real socket, Tyrus on Grizzly at a free port. */
final class Venue implements AutoCloseable {
  private final ServerContainer container = ServerContainerFactory.createServerContainer();
  private final Chat chat;
  private final ChatEndpoint endpoint;
  private boolean closed;

  private Venue(Chat chat) {
    this.chat = chat;
    this.endpoint = ChatEndpoint.install(container, "/chat", chat.acceptor());
    try {
      container.start("/", 0);
    } catch (DeploymentException failure) {
      throw new IllegalStateException(failure);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Opens with the users of {@link Users}, an in-memory store, and whatever the settings change. */
  static Venue open(Consumer<ChatBuilder> settings) {
    ChatBuilder builder = Chat.builder().authenticator(Users.authenticator());
    settings.accept(builder);
    return new Venue(builder.build());
  }

  static Venue open() {
    return open(builder -> {});
  }

  Chat chat() {
    return chat;
  }

  URI uri() {
    return URI.create("ws://127.0.0.1:" + ((TyrusServerContainer) container).getPort() + "/chat");
  }

  Visitor plain(String user) {
    return Visitor.plain(uri()).login(user);
  }

  Visitor v1(String user) {
    Visitor visitor = Visitor.v1(uri());
    visitor.event("welcome");
    return visitor.login(user);
  }

  /** Waits until the chat has noticed that nobody is there. */
  void awaitEmpty() {
    await()
        .atMost(Visitor.PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> chat.counters().connections() == 0);
  }

  /** Closes, and fails if anything is left. */
  @Override
  public void close() {
    stop();
  }

  /** Closes while visitors are there to see it. */
  void stop() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      chat.close(Duration.ofSeconds(6));
      ChatCounters counters = chat.counters();
      assertThat(counters.connections()).as("connections").isZero();
      assertThat(counters.users()).as("users").isZero();
      assertThat(counters.followersLive()).as("live followers").isZero();
      assertThat(counters.followersCatchingUp()).as("followers catching up").isZero();
      assertThat(counters.bytesInFlight()).as("bytes in flight").isZero();
      assertThat(counters.journalDrafts()).as("drafts").isZero();
      assertThat(counters.pageBytes()).as("bytes of pages").isZero();
    } finally {
      endpoint.close();
      container.stop();
    }
    assertThat(endpoint.openConnections())
        .as("open connections of the transport")
        .isZero();
  }
}
