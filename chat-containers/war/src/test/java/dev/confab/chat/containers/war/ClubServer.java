package dev.confab.chat.containers.war;

import java.net.URI;

/** A server that runs the club. Started and stopped more than once, at another port each time. */
public interface ClubServer extends AutoCloseable {
  /** Its name and version, for instance {@code GlassFish 7.0.25}. */
  String name();

  /** Whether it has the DataSource of the application, so that messages outlive it. */
  boolean keepsMessages();

  /** Whether it logs in kim of the staff, whose password is secret-kim. */
  boolean logsIn();

  /** Whether it has CDI. */
  boolean hasBeans();

  /** Starts with the application. */
  void start() throws Exception;

  /** Where a path of the application is. */
  URI uri(String path);

  /** Stops in good order while connections are open. */
  void stop() throws Exception;

  /** Stops, also if it could not start or never was. */
  @Override
  void close();
}
