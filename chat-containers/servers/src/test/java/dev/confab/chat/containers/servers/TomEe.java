package dev.confab.chat.containers.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** TomEE's web profile, with a folder of its own beside the distribution. */
final class TomEe extends ServerProcess {
  private static final Path DISTRIBUTION = SERVERS.resolve("apache-tomee-webprofile-9.0.0");

  TomEe(Path war) {
    super("TomEE 9.0.0", war);
  }

  @Override
  void furnish() throws IOException {
    Path configuration = home().resolve("conf");
    for (String folder : List.of("conf", "webapps", "logs", "temp", "work")) {
      Files.createDirectories(home().resolve(folder));
    }
    try (Stream<Path> all = Files.list(DISTRIBUTION.resolve("conf"))) {
      for (Path each : all.toList()) {
        Files.copy(each, configuration.resolve(each.getFileName().toString()));
      }
    }
    Path server = configuration.resolve("server.xml");
    write(
        server,
        Files.readString(server)
            .replace("<Server port=\"8005\"", "<Server port=\"-1\"")
            .replace(
                "<Connector port=\"8080\"",
                "<Connector address=\"127.0.0.1\" port=\"${club.port}\""));
    write(configuration.resolve("tomcat-users.xml"), """
        <tomcat-users xmlns="http://tomcat.apache.org/xml">
          <user username="kim" password="secret-kim" roles="staff"/>
          <user username="ann" password="another" roles="guest"/>
        </tomcat-users>
        """);
    // Its script takes no values with spaces in them.
    Files.writeString(
        configuration.resolve("catalina.properties"),
        properties().stream()
            .map(property -> property.substring("-D".length()))
            .collect(Collectors.joining("\n", "\n", "\n")),
        StandardOpenOption.APPEND);
    giveAgain();
  }

  @Override
  void takeAway() throws IOException {
    Files.delete(home().resolve("webapps").resolve("app.war"));
  }

  @Override
  void giveAgain() throws IOException {
    Files.copy(war(), home().resolve("webapps").resolve("app.war"));
  }

  @Override
  List<String> command(int atPort) {
    return List.of(
        "env",
        "CATALINA_BASE=" + home(),
        "CATALINA_TMPDIR=" + home().resolve("tmp"),
        "CATALINA_OPTS=-Xmx768m -Dclub.port=" + atPort,
        "sh",
        DISTRIBUTION.resolve("bin").resolve("catalina.sh").toString(),
        "run");
  }
}
