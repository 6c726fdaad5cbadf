package dev.confab.chat.containers.servers;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Open Liberty, with a folder of its own beside the distribution. */
final class OpenLiberty extends ServerProcess {
  OpenLiberty(Path war) {
    super("Open Liberty 26.0.0.3", war);
  }

  private Path server() {
    return home().resolve("usr").resolve("servers").resolve("club");
  }

  @Override
  void furnish() throws IOException {
    Files.createDirectories(server().resolve("apps"));
    Files.copy(war(), server().resolve("apps").resolve("app.war"));
    copyDriver(server().resolve("driver"));
    Files.copy(Path.of("src/test/servers/liberty-server.xml"), server().resolve("server.xml"));
    write(server().resolve("jvm.options"), "-Xmx768m\n" + String.join("\n", properties()) + "\n");
  }

  @Override
  void takeAway() throws IOException {
    Files.delete(server().resolve("apps").resolve("app.war"));
  }

  @Override
  void giveAgain() throws IOException {
    Files.copy(war(), server().resolve("apps").resolve("app.war"));
  }

  /** Out of the WAR, if that has one. */
  private void copyDriver(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (FileSystem inside = FileSystems.newFileSystem(war());
        Stream<Path> libraries = Files.list(inside.getPath("WEB-INF", "lib"))) {
      for (Path each : libraries.toList()) {
        String file = each.getFileName().toString();
        if (file.startsWith("h2-")) {
          Files.copy(each, folder.resolve(file));
        }
      }
    }
  }

  @Override
  List<String> command(int atPort) throws IOException {
    write(server().resolve("bootstrap.properties"), "club.port=" + atPort + "\n");
    return List.of(
        "env",
        "WLP_USER_DIR=" + home().resolve("usr"),
        "sh",
        SERVERS.resolve("wlp/bin/server").toString(),
        "run",
        "club");
  }
}
