package dev.confab.chat.containers.servers;

import java.nio.file.Path;
import java.util.List;

/** An application of Quarkus. */
final class Quarkus extends ServerProcess {
  Quarkus(Path application) {
    super("Quarkus 3.37.4", application);
  }

  @Override
  List<String> command(int atPort) {
    return java(List.of(
        "-Dquarkus.http.port=" + atPort,
        "-jar",
        war().resolve("quarkus-run.jar").toString()));
  }
}
