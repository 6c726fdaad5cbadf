package dev.confab.chat.containers.redeploy;

import com.fasterxml.jackson.core.JsonFactory;
import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.Chat;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import io.leangen.geantyref.TypeToken;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;

/**
 * What is deployed.
 *
 * @param parts its classes: folders and jars
 * @param listener the class of the listener that starts and stops it
 * @param parameters the init parameters of its context
 */
public record Application(List<Path> parts, String listener, Map<String, String> parameters) {
  /** Where every application is. */
  public static final String PATH = "/app";

  /** The application with a chat, with all it needs beside a container. */
  static Application withChat(Map<String, String> parameters) {
    List<Path> parts = Stream.of(
            RedeployedApplication.class.getName(),
            Chat.class.getName(),
            ChatEndpoint.class.getName(),
            JdbiMessageStore.class.getName(),
            JsonFactory.class.getName(),
            Jdbi.class.getName(),
            TypeToken.class.getName(),
            Logger.class.getName(),
            HikariDataSource.class.getName(),
            "at.favre.lib.crypto.bcrypt.BCrypt",
            "at.favre.lib.bytes.Bytes",
            "org.h2.Driver",
            "org.sqlite.JDBC")
        .map(Application::partOf)
        .distinct()
        .toList();
    return new Application(parts, RedeployedApplication.class.getName(), parameters);
  }

  private static Path partOf(String type) {
    try {
      // Not initialised, so that no driver of the test's own class loader registers itself.
      Class<?> loaded = Class.forName(type, false, Application.class.getClassLoader());
      return Path.of(loaded.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (ClassNotFoundException | URISyntaxException missing) {
      throw new IllegalStateException(missing);
    }
  }
}
