package dev.confab.chat.containers.servers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** WildFly, with a folder of its own beside the distribution. */
final class WildFly extends ServerProcess {
  private static final Path DISTRIBUTION = SERVERS.resolve("wildfly-39.0.1.Final");

  WildFly(Path war) {
    super("WildFly 39.0.1.Final", war);
  }

  @Override
  void furnish() throws IOException {
    Path base = home().resolve("standalone");
    try (Stream<Path> all = Files.walk(DISTRIBUTION.resolve("standalone"))) {
      for (Path each : all.toList()) {
        Files.copy(
            each,
            base.resolve(DISTRIBUTION.resolve("standalone").relativize(each).toString()));
      }
    }
    Path configuration = base.resolve("configuration");
    write(
        configuration.resolve("application-users.properties"),
        user("kim", "secret-kim") + user("ann", "another"));
    write(configuration.resolve("application-roles.properties"), "kim=staff\nann=guest\n");
    Files.copy(war(), base.resolve("deployments").resolve("app.war"));
  }

  private Path deployment(String file) {
    return home().resolve("standalone").resolve("deployments").resolve(file);
  }

  @Override
  void takeAway() throws IOException {
    Files.delete(deployment("app.war.deployed"));
  }

  @Override
  void giveAgain() throws IOException {
    write(deployment("app.war.dodeploy"), "");
  }

  /** As {@code add-user.sh -a} writes it. */
  private static String user(String name, String password) {
    try {
      byte[] hash = MessageDigest.getInstance("MD5")
          .digest((name + ":ApplicationRealm:" + password).getBytes(StandardCharsets.UTF_8));
      return name + "=" + HexFormat.of().formatHex(hash) + "\n";
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  List<String> command(int atPort) throws IOException {
    List<String> command = new ArrayList<>(
        List.of("sh", DISTRIBUTION.resolve("bin").resolve("standalone.sh").toString()));
    command.addAll(properties());
    command.add("-Djboss.server.base.dir=" + home().resolve("standalone"));
    command.add("-Djboss.bind.address=127.0.0.1");
    command.add("-Djboss.http.port=" + atPort);
    command.add("-Djboss.https.port=" + freePort());
    command.add("-Djboss.management.http.port=" + freePort());
    return command;
  }
}
