package dev.confab.chat.benchmarks.server;

/** What people use today, by the name it has on the command line. */
public enum Peer {
  /** CometD 8 over Jetty's own WebSockets. */
  COMETD("CometD", "/org/cometd/ /org/eclipse/jetty/"),
  /** Spring's STOMP broker in memory, on Tomcat, told to keep messages in order, which it does not do by itself. */
  SPRING("Spring STOMP", "/org/springframework/ /io/micrometer/ /org/apache/tomcat/"),
  /** The Socket.IO server for Java, on Netty. */
  NETTY_SOCKETIO("netty-socketio", "/com/corundumstudio/ /io/netty/"),
  /** Socket.IO 4, on Node. */
  SOCKETIO("Socket.IO", ""),
  /** The module {@code ws}, on Node: nothing but WebSockets, and a loop over all of them. */
  WS("Node ws", "");

  private final String title;
  private final String owns;

  Peer(String title, String owns) {
    this.title = title;
    this.owns = owns;
  }

  /** What it is called in a table. */
  public String title() {
    return title;
  }

  /** Whether it is a program for Node instead of one for the JVM. */
  public boolean runsOnNode() {
    return owns.isEmpty();
  }

  /** What is left of this class path without what it does not use. */
  public String classPath(String whole) {
    return ContainerKind.classPath(whole, owns);
  }

  String owns() {
    return owns;
  }
}
