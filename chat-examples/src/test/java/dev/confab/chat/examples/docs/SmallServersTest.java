package dev.confab.chat.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.Chat;
import java.net.URI;
import java.util.function.Function;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;
import org.junit.jupiter.api.Test;

/** The programs of the pages about authenticators and ops run, and say to a client what the pages say. */
final class SmallServersTest {
  @Test
  void who_shows_a_token_of_the_application_is_its_user() throws Exception {
    try (Running server = new Running(TokenServer::install);
        Client client = server.connect()) {
      assertThat(client.asks("{\"op\":\"auth\",\"args\":[\"ann\",\"secret\"]}"))
          .contains("\"code\":\"bad_credentials\"");
      assertThat(client.asks("{\"op\":\"auth\",\"args\":[{\"token\":\"forged\"}]}"))
          .contains("\"code\":\"token_invalid\"");
      assertThat(client.asks("{\"op\":\"auth\",\"args\":[{\"token\":\"token-of-ann\"}]}"))
          .contains(
              "\"success\":true",
              "{\"id\":\"17\",\"name\":\"Ann\"}",
              "\"expires_at\":4102444800000");
    }
  }

  @Test
  void ops_of_the_application_are_answered_over_a_socket() throws Exception {
    try (Running server = new Running(OpsServer::install);
        Client client = server.connect()) {
      assertThat(client.asks("{\"op\":\"version\"}")).endsWith("\"data\":\"0.1\"}");
      assertThat(client.asks("{\"op\":\"dice\"}")).contains("\"code\":\"not_authenticated\"");
      assertThat(client.asks("{\"op\":\"auth\",\"args\":[\"ann\",\"secret\"]}"))
          .contains("\"success\":true");
      assertThat(client.asks("{\"op\":\"dice\",\"args\":[1],\"id\":5}"))
          .isEqualTo("{\"op\":\"dice\",\"success\":true,\"id\":5,\"data\":1}");
      assertThat(client.asks("{\"op\":\"dice\",\"args\":[\"x\"],\"id\":6}"))
          .isEqualTo("{\"op\":\"dice\",\"error\":\"sides must be 1 to 9999\",\"code\":\"bad_args\","
              + "\"id\":6,\"retry\":\"no\",\"field\":\"sides\"}");
    }
  }

  /** As the programs do, at a free port. */
  private static final class Running implements AutoCloseable {
    private final ServerContainer server = ServerContainerFactory.createServerContainer();
    private final Chat chat;

    Running(Function<ServerContainer, Chat> program) throws Exception {
      chat = program.apply(server);
      server.start("/", 0);
    }

    Client connect() {
      return new Client(
          URI.create("ws://127.0.0.1:" + ((TyrusServerContainer) server).getPort() + "/chat"));
    }

    @Override
    public void close() {
      chat.close();
      server.stop();
    }
  }
}
