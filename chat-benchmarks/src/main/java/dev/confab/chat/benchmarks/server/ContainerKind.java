package dev.confab.chat.benchmarks.server;

import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The containers that are measured, by the name they have on the command line. */
public enum ContainerKind {
  /** Tomcat 11. */
  TOMCAT("Tomcat", "/org/apache/tomcat/"),
  /** Jetty 12.1. */
  JETTY("Jetty", "/org/eclipse/jetty/ /jakarta/"),
  /** Undertow 2.3. */
  UNDERTOW("Undertow", "/io/undertow/ /org/jboss/ /org/wildfly/ /jakarta/"),
  /** Tyrus on Grizzly. */
  TYRUS("Tyrus", "/org/glassfish/ /jakarta/");

  private final String title;

  /** Folders of a Maven repository, with spaces between. */
  private final String owns;

  ContainerKind(String title, String owns) {
    this.title = title;
    this.owns = owns;
  }

  /** What it is called in a table. */
  public String title() {
    return title;
  }

  /** What is left of this class path without the other containers and the peers: their classes do not mix. */
  public String classPath(String whole) {
    return classPath(whole, owns);
  }

  /** What is left of a class path without what belongs to containers or peers, but for these folders. */
  static String classPath(String whole, String kept) {
    List<String> mine = folders(kept);
    List<String> foreign = Stream.concat(
            Arrays.stream(values()).map(kind -> kind.owns),
            Arrays.stream(Peer.values()).map(Peer::owns))
        .flatMap(owned -> folders(owned).stream())
        .filter(folder -> !mine.contains(folder))
        .toList();
    return Stream.of(whole.split(File.pathSeparator, -1))
        .filter(
            entry -> foreign.stream().noneMatch(entry.replace(File.separatorChar, '/')::contains))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static List<String> folders(String names) {
    return names.isEmpty() ? List.of() : List.of(names.split(" ", -1));
  }

  Container container() {
    return switch (this) {
      case TOMCAT -> new TomcatContainer();
      case JETTY -> new JettyContainer();
      case UNDERTOW -> new UndertowContainer();
      case TYRUS -> new TyrusContainer();
    };
  }
}
