package dev.confab.chat.containers.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Payara Micro. */
final class PayaraMicro extends ServerProcess {
  PayaraMicro(Path war) {
    super("Payara Micro 6.2025.10", war);
  }

  @Override
  void furnish() throws IOException {
    write(home().resolve("kim.txt"), "AS_ADMIN_USERPASSWORD=secret-kim\n");
    write(home().resolve("ann.txt"), "AS_ADMIN_USERPASSWORD=another\n");
    write(
        home().resolve("users.txt"),
        "create-file-user --groups staff --passwordfile " + home().resolve("kim.txt") + " kim\n"
            + "create-file-user --groups guests --passwordfile " + home().resolve("ann.txt")
            + " ann\n");
  }

  @Override
  List<String> command(int atPort) {
    return java(List.of(
        "-jar",
        SERVERS.resolve("payara-micro.jar").toString(),
        "--nocluster",
        "--port",
        "" + atPort,
        "--postbootcommandfile",
        home().resolve("users.txt").toString(),
        "--deploy",
        war().toString(),
        "--contextroot",
        "/app"));
  }
}
