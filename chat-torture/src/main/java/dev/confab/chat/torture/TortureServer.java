package dev.confab.chat.torture;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.Chat;
import dev.confab.chat.ChatCounters;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import jakarta.websocket.DeploymentException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/**
 * A chat in a process of its own, to be broken.
 *
 * <p>It says {@code listening PORT} when it can be used. It is told {@code watch}, and then says {@code appending} the moment it
 * next writes to its store, so that it can be killed around a commit. It closes when its input ends: with 0 if nothing was
 * left, with 1 if something was, which it says.
 */
final class TortureServer {
  /** A store that does not come at the start may still come. */
  private static final Duration START_WITHIN = Duration.ofSeconds(40);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(8);

  private TortureServer() {}

  /**
   * Runs a server.
   *
   * @param arguments where the log is (a JDBC URL, or {@code sqlite:} and a file), and how many bytes of it stay in memory
   */
  public static void main(String[] arguments) throws IOException, DeploymentException {
    WatchedStore store = new WatchedStore(open(arguments[0]), () -> {
      System.out.println("appending");
      System.out.flush();
    });
    int tails = Integer.parseInt(arguments[1]);
    Chat chat = Chat.builder()
        .authenticator(Users.authenticator())
        .store(store)
        .limits(Limits.builder()
            .heartbeat(Crowd.HEARTBEAT)
            .plainSilence(Crowd.SILENCE)
            .tailsBytes(tails)
            .tailBytes(tails)
            .build())
        .build();
    ServerContainer container = ServerContainerFactory.createServerContainer();
    ChatEndpoint endpoint = ChatEndpoint.install(container, "/chat", chat.acceptor());
    container.start("/", 0);
    System.out.println("listening " + ((TyrusServerContainer) container).getPort());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("watch")) {
        store.watch();
      }
    }
    chat.close(CLOSE_WITHIN);
    String left = left(chat.counters());
    endpoint.close();
    container.stop();
    if (endpoint.openConnections() != 0) {
      left += " open connections: " + endpoint.openConnections();
    }
    if (!left.isEmpty()) {
      System.err.println("left:" + left);
    }
    System.exit(left.isEmpty() ? 0 : 1);
  }

  private static String left(ChatCounters counters) {
    return something(" connections: ", counters.connections())
        + something(" users: ", counters.users())
        + something(" live followers: ", counters.followersLive())
        + something(" followers catching up: ", counters.followersCatchingUp())
        + something(" bytes in flight: ", counters.bytesInFlight())
        + something(" drafts: ", counters.journalDrafts())
        + something(" bytes of pages: ", counters.pageBytes());
  }

  private static String something(String what, long count) {
    return count == 0 ? "" : what + count;
  }

  private static MessageStore open(String place) {
    if (place.startsWith("sqlite:")) {
      return JdbiMessageStore.sqlite(Path.of(place.substring("sqlite:".length())));
    }
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(place);
    config.setMaximumPoolSize(12);
    config.setMinimumIdle(2);
    // After an outage the pool asks again no later than after this time; so long the log can not be
    // asked although the database could.
    config.setConnectionTimeout(2_000);
    config.setValidationTimeout(1_000);
    config.setInitializationFailTimeout(START_WITHIN.toMillis());
    // Closed by the end of the process, which comes right after that of the chat.
    return JdbiMessageStore.create(new HikariDataSource(config));
  }
}
