package dev.confab.chat.containers.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** GlassFish in one jar. It reads commands where others read a keyboard, so it is left waiting for one. */
final class GlassFish extends ServerProcess {
  GlassFish(Path war) {
    super("GlassFish 7.0.25", war);
  }

  @Override
  void furnish() throws IOException {
    write(home().resolve("kim.txt"), "AS_ADMIN_USERPASSWORD=secret-kim\n");
    // A domain has this file; the one jar brings none.
    write(
        home().resolve("login.conf"),
        "fileRealm { com.sun.enterprise.security.auth.login.FileLoginModule required; };\n");
    write(home().resolve("ann.txt"), "AS_ADMIN_USERPASSWORD=another\n");
  }

  @Override
  List<String> command(int atPort) {
    return java(List.of(
        "-Djava.security.auth.login.config=login.conf",
        "-jar",
        SERVERS.resolve("glassfish-embedded-all.jar").toString(),
        "--httpPort=" + atPort,
        "create-file-user --groups staff --passwordfile kim.txt kim",
        "create-file-user --groups guests --passwordfile ann.txt ann",
        "deploy --contextroot=/app " + war()));
  }
}
