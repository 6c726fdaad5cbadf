package dev.confab.chat.transport.jsr356.conformance;

import dev.confab.chat.Chat;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.websocket.server.ServerContainer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

// docs:begin listener
/** Installs a chat when the application starts, and closes it when it stops. */
public final class ChatListener implements ServletContextListener {
  private final Chat chat;
  private @Nullable ChatEndpoint endpoint;

  /** For this chat. */
  public ChatListener(Chat chat) {
    this.chat = chat;
  }

  @Override
  public void contextInitialized(ServletContextEvent event) {
    var container =
        (ServerContainer) event.getServletContext().getAttribute(ServerContainer.class.getName());
    endpoint = ChatEndpoint.install(container, "/chat", chat);
  }

  @Override
  public void contextDestroyed(ServletContextEvent event) {
    chat.close(Duration.ofSeconds(10));
    if (endpoint != null) {
      endpoint.close();
    }
  }
}
// docs:end listener
