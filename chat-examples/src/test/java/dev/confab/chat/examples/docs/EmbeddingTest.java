package dev.confab.chat.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelName;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program of the README runs, and what is said in it is there again after a restart. */
final class EmbeddingTest {
  private static final Map<String, String> PASSWORDS = Map.of("ann", "secret");

  @Test
  void client_logs_in_says_something_and_finds_it_after_a_restart(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("chat.db");
    try (Running server = new Running(file);
        Client ann = server.connect()) {
      assertThat(ann.asks("{\"op\":\"auth\",\"args\":[\"ann\",\"wrong\"]}"))
          .contains("\"code\":\"bad_credentials\"");
      assertThat(ann.asks("{\"op\":\"auth\",\"args\":[\"ann\",\"secret\"]}"))
          .startsWith("{\"op\":\"auth\",\"success\":true");
      assertThat(ann.asks("{\"op\":\"subscribe\",\"args\":[\"room_101\"]}"))
          .startsWith("{\"op\":\"subscribe\",\"success\":true");
      assertThat(ann.asks("{\"op\":\"sendtoroom\",\"args\":[\"room_101\",\"hello\"]}"))
          .startsWith("{\"event\":\"subscribe\",\"channel\":\"room_101\",\"seq\":1")
          .endsWith("\"data\":\"hello\"}");
      assertThat(ann.hears()).startsWith("{\"op\":\"sendtoroom\",\"success\":true");
      server.chat.publish(ChannelName.of("room_101"), "from the host");
      assertThat(ann.hears()).contains("\"seq\":2").endsWith("\"data\":\"from the host\"}");
    }
    try (Running server = new Running(file);
        Client ann = server.connect()) {
      ann.asks("{\"op\":\"auth\",\"args\":[\"ann\",\"secret\"]}");
      assertThat(ann.asks("{\"op\":\"history\",\"args\":[\"room_101\"]}"))
          .contains("\"data\":\"hello\"}", "\"data\":\"from the host\"}");
    }
  }

  /** As {@link Embedding#main} does, at a free port. */
  private static final class Running implements AutoCloseable {
    final ServerContainer server = ServerContainerFactory.createServerContainer();
    final Chat chat;

    Running(Path file) throws Exception {
      chat = Embedding.install(server, file, PASSWORDS);
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
