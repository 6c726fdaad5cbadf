package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.server.Application;
import dev.confab.chat.benchmarks.server.ContainerKind;
import dev.confab.chat.benchmarks.server.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** What every scenario with servers in processes of their own can be told about them. */
final class Servers {
  @Option(
      names = "--containers",
      split = ",",
      defaultValue = "tomcat,jetty,undertow,tyrus",
      converter = ContainerConverter.class,
      description = "Default: ${DEFAULT-VALUE}")
  private List<ContainerKind> containers = List.of(ContainerKind.values());

  @Option(
      names = "--contenders",
      split = ",",
      converter = ApplicationConverter.class,
      description = "confab, joined, single, batched. Default: confab and the bare loop that fits")
  private @Nullable List<Application> contenders;

  @Option(
      names = "--server-jvm",
      split = " ",
      defaultValue = "-Xms2g -Xmx2g",
      description = "Options of the servers' JVM. Default: ${DEFAULT-VALUE}")
  private List<String> jvm = List.of("-Xms2g", "-Xmx2g");

  @Option(
      names = "--store",
      converter = Options.KindConverter.class,
      description = "A database for Confab's log. Default: in memory")
  private @Nullable DatabaseKind store;

  @Option(
      names = "--together",
      description = "Lets servers and load share all cores; then figures mean little.")
  private boolean together;

  List<ContainerKind> containers() {
    return containers;
  }

  /** Those that were asked for; if none were, Confab and these. */
  List<Application> contenders(Application... bases) {
    List<Application> chosen = contenders;
    if (chosen == null) {
      chosen = new ArrayList<>(List.of(Application.CONFAB));
      chosen.addAll(List.of(bases));
    }
    return chosen;
  }

  /** What a table is called: with the store, unless that is in memory. */
  String named(String name) {
    DatabaseKind kind = store;
    return kind == null ? name : name + " " + kind.name().toLowerCase(Locale.ROOT);
  }

  /** What the log is kept in, for the conditions below a table. */
  String describeStore() {
    DatabaseKind kind = store;
    return "log in " + (kind == null ? "memory" : kind.title());
  }

  Cores cores() {
    return together ? Cores.together() : Cores.apart();
  }

  /** Where Confab keeps its log; its own for each server, to be closed after it. */
  ServerStore store(Path directory) throws IOException, SQLException {
    DatabaseKind kind = store;
    return kind == null ? ServerStore.inMemory() : ServerStore.in(kind, directory);
  }

  ServerProcess start(
      Cores cores, ContainerKind container, Application application, ServerStore where)
      throws IOException, SQLException {
    return ServerProcess.start(
        cores,
        jvm,
        container,
        application,
        application == Application.CONFAB ? where.arguments() : List.of());
  }

  ServerProcess start(Cores cores, Peer peer) throws IOException {
    return ServerProcess.start(cores, jvm, peer);
  }

  ServerProcess startBlast(Cores cores, int members) throws IOException {
    return ServerProcess.startBlast(cores, jvm, members);
  }

  static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1_000));
  }

  /** Takes names in any case. */
  static final class ContainerConverter implements ITypeConverter<ContainerKind> {
    @Override
    public ContainerKind convert(String value) {
      return ContainerKind.valueOf(value.toUpperCase(Locale.ROOT));
    }
  }

  /** Takes names in any case. */
  static final class ApplicationConverter implements ITypeConverter<Application> {
    @Override
    public Application convert(String value) {
      return Application.valueOf(value.toUpperCase(Locale.ROOT));
    }
  }
}
