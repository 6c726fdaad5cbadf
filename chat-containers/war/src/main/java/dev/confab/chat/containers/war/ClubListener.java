package dev.confab.chat.containers.war;

import dev.confab.chat.transport.jsr356.ChatEndpoint;
import jakarta.inject.Inject;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;
import jakarta.websocket.server.ServerContainer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Installs the chats when the application starts, and closes them when it stops. */
// docs:begin war-listener
@WebListener
public class ClubListener implements ServletContextListener {
  private static final Logger LOGGER = System.getLogger(ClubListener.class.getName());

  // Absent where the container has no CDI.
  @Inject
  private @Nullable Members members;

  @Inject
  private @Nullable OpeningHours hours;

  private @Nullable ClubChats chats;
  private final List<ChatEndpoint> endpoints = new ArrayList<>();

  /** For containers. */
  public ClubListener() {}

  @Override
  public void contextInitialized(ServletContextEvent event) {
    var container =
        (ServerContainer) event.getServletContext().getAttribute(ServerContainer.class.getName());
    var opened = new ClubChats(
        members == null ? new Members() : members,
        hours == null ? new OpeningHours() : hours,
        database());
    chats = opened;
    SideDoor.leadsTo(opened.members());
    endpoints.add(ChatEndpoint.install(container, "/chat", opened.members()));
    // The container asks for the login, see web.xml.
    endpoints.add(ChatEndpoint.install(container, "/staff", opened.staff()));
  }

  /** The DataSource of web.xml, where the container has one. */
  @SuppressWarnings("BanJNDI") // The name is our own.
  private static Optional<DataSource> database() {
    try {
      return Optional.of(InitialContext.doLookup("java:app/jdbc/chat"));
    } catch (NamingException none) {
      LOGGER.log(Level.WARNING, "no DataSource java:app/jdbc/chat: messages are kept in memory");
      return Optional.empty();
    }
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    if (chats != null) {
      chats.close();
    }
    endpoints.forEach(ChatEndpoint::close);
    SideDoor.close();
    forgetDrivers();
  }

  /** The JVM keeps a driver that came with the application, and with it all of the application's classes. */
  private static void forgetDrivers() {
    ClassLoader own = ClubListener.class.getClassLoader();
    DriverManager.drivers()
        .filter(driver -> driver.getClass().getClassLoader() == own)
        .forEach(driver -> {
          try {
            DriverManager.deregisterDriver(driver);
          } catch (SQLException kept) {
            LOGGER.log(Level.WARNING, "a driver is kept", kept);
          }
        });
  }
}
// docs:end war-listener
