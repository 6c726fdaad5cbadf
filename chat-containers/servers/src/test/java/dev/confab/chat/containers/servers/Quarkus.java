package dev.confab.chat.containers.servers;

import java.util.List;

/** An application of Quarkus. */
final class Quarkus extends ServerProcess {
  private final String application;

  /** {@code kit} or {@code club}. */
  Quarkus(String application) {
    super("Quarkus 3.37.4", QUARKUS, application);
    this.application = application;
  }

  @Override
  String context() {
    return isKit() ? "/app" : "/club";
  }

  @Override
  boolean isKit() {
    return application.equals("kit");
  }

  @Override
  List<String> command(int atPort) {
    return java(List.of(
        "-Dquarkus.http.port=" + atPort,
        "-jar",
        war().resolve("quarkus-run.jar").toString()));
  }
}
