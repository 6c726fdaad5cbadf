package dev.confab.chat.transport.jsr356.conformance;

/** Tests of a container that runs in a process of its own. */
public interface ProcessContract {
  /** Its name and version, for instance {@code GlassFish 7.0.25}. */
  String containerName();
}
