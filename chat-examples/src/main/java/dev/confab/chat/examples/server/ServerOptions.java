package dev.confab.chat.examples.server;

import dev.confab.chat.transport.jsr356.EndpointOptions;
import dev.confab.chat.transport.jsr356.Origins;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the command line says. Checked by {@link #check} before anything else is asked. */
@Command(
    name = "chat-server",
    mixinStandardHelpOptions = false,
    sortOptions = false,
    usageHelpAutoWidth = true,
    customSynopsis = "java -jar chat-server.jar [options]",
    description = "A chat server with a page to chat with.%n",
    footer = {
      "",
      "The password of the database is better given by the environment variable "
          + ServerOptions.PASSWORD_VARIABLE
          + ", because everybody on this machine can read the options of a process.",
      "",
      "Who may log in is in the table users of the same database (name; password, a bcrypt hash), which the first start makes."
          + " JdbiUsers of chat-store-jdbi adds users to it.",
      "",
      "Stop it with Ctrl-C or SIGTERM. Exit codes: 130 or 143 when stopped so, 2 for wrong options, 1 if it could not start."
    })
final class ServerOptions {
  static final String PASSWORD_VARIABLE = "CONFAB_DB_PASSWORD";

  private final Map<String, String> environment;

  @Spec
  private @Nullable CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8080",
      description = "Where to listen; 0 takes a free port. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description =
          "The address to listen on; 0.0.0.0 for all. Default: ${DEFAULT-VALUE}, only this machine.")
  private String host = "";

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where the SQLite file is kept; made if missing. Default: ./chat-data.")
  private @Nullable Path data;

  @Option(
      names = "--db",
      paramLabel = "URL",
      description = "A PostgreSQL database instead: jdbc:postgresql://HOST/NAME.")
  private @Nullable String database;

  @Option(names = "--db-user", paramLabel = "NAME", description = "Its user.")
  private @Nullable String databaseUser;

  @Option(
      names = "--db-password",
      paramLabel = "PASSWORD",
      description = "Its password, see below.")
  private @Nullable String databasePassword;

  @Option(
      names = "--demo-users",
      description = "Makes user1, user2 and user3 with the password 123456. For trying only.")
  private boolean demoUsers;

  @Option(
      names = "--origin",
      paramLabel = "ORIGIN",
      description = "A page that may connect, as https://chat.example.com; may be repeated."
          + " Needed behind a proxy that changes the host. Default: only this server's own page.")
  private @Nullable List<String> origins;

  @Option(names = "--help", usageHelp = true, description = "Shows this.")
  private boolean help;

  /** To be filled by picocli. */
  ServerOptions(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * Refuses what can not be meant.
   *
   * @throws ParameterException with a sentence for people
   */
  void check() {
    require(port >= 0 && port <= 65_535, "--port must be 0 to 65535, got " + port + ".");
    require(
        database == null || data == null,
        "--data and --db can not go together: choose one database.");
    require(
        database != null || (databaseUser == null && databasePassword == null),
        "--db-user and --db-password need --db.");
    // Not repeated in the sentence: such URLs may hold a password.
    require(
        database == null || isPostgresql(database),
        "--db must be a URL of PostgreSQL, as in jdbc:postgresql://localhost/chat.");
    require(isHost(host), "--host must be an address or name of this machine, got " + host + ".");
    try {
      endpointOptions();
    } catch (IllegalArgumentException wrong) {
      throw refuse("--origin: " + wrong.getMessage() + ".");
    }
  }

  private void require(boolean right, String otherwise) {
    if (!right) {
      throw refuse(otherwise);
    }
  }

  private ParameterException refuse(String sentence) {
    if (spec == null) {
      throw new IllegalStateException("options must be read by picocli first");
    }
    return new ParameterException(spec.commandLine(), sentence);
  }

  private static boolean isPostgresql(String url) {
    try {
      return url.startsWith("jdbc:postgresql:") && DriverManager.getDriver(url) != null;
    } catch (SQLException noDriver) {
      return false;
    }
  }

  private static boolean isHost(String name) {
    try {
      return !name.isBlank() && InetAddress.getByName(name) != null;
    } catch (UnknownHostException unknown) {
      return false;
    }
  }

  boolean help() {
    return help;
  }

  String host() {
    return host;
  }

  int port() {
    return port;
  }

  boolean demoUsers() {
    return demoUsers;
  }

  /** The directory of the SQLite file; not used if there is a {@link #database}. */
  Path data() {
    return data == null ? Path.of("chat-data") : data;
  }

  /** The URL of the PostgreSQL database; empty for SQLite. */
  Optional<String> database() {
    return Optional.ofNullable(database);
  }

  Optional<String> databaseUser() {
    return Optional.ofNullable(databaseUser);
  }

  /** The option before the environment. */
  Optional<String> databasePassword() {
    return Optional.ofNullable(databasePassword)
        .or(() -> Optional.ofNullable(environment.get(PASSWORD_VARIABLE)));
  }

  /** Who may connect. */
  EndpointOptions endpointOptions() {
    Origins admitted =
        origins == null ? Origins.same() : Origins.only(origins.toArray(String[]::new));
    return EndpointOptions.builder().origins(admitted).build();
  }
}
