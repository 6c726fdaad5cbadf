package dev.confab.chat.benchmarks.server;

/** What runs in a container, by the name it has on the command line. */
public enum Application {
  /** All of Confab: login, policy, numbers, a log. */
  CONFAB("Confab"),
  /** A bare loop: all that waits for a member is joined into one text frame. */
  JOINED("bare loop, joined frames"),
  /** A bare loop: a frame a message, one send at a time. */
  SINGLE("bare loop, a frame a message"),
  /** A bare loop: a frame a message, batched by the container until it is told to flush. */
  BATCHED("bare loop, a frame a message, flushBatch");

  private final String title;

  Application(String title) {
    this.title = title;
  }

  /** Whether it can be measured there: what is batched is never delivered by Undertow, and Tyrus has no batching. */
  public boolean runsOn(ContainerKind container) {
    return this != BATCHED || container == ContainerKind.TOMCAT || container == ContainerKind.JETTY;
  }

  /** What it is called in a table. */
  public String title() {
    return title;
  }
}
