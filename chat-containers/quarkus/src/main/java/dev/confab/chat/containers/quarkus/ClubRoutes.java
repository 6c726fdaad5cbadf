package dev.confab.chat.containers.quarkus;

import dev.confab.chat.Chat;
import dev.confab.chat.containers.war.ClubChats;
import dev.confab.chat.containers.war.Members;
import dev.confab.chat.containers.war.OpeningHours;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;

/** The club: two chats, its own members, the login and the beans of Quarkus. */
// docs:begin quarkus-routes
@ApplicationScoped
public class ClubRoutes {
  private final Members members;
  private final OpeningHours hours;
  private final List<ChatEndpoint> endpoints = new ArrayList<>();
  private @Nullable ClubChats chats;

  /** With what Quarkus has. */
  @Inject
  public ClubRoutes(Members members, OpeningHours hours) {
    this.members = members;
    this.hours = hours;
  }

  void open(@Observes Router router) {
    var opened = new ClubChats(members, hours, Optional.of(database()));
    chats = opened;
    route(router, "/club/chat", opened.members());
    route(router, "/club/side-door", opened.members());
    // Quarkus asks for the login, see application.properties.
    route(router, "/club/staff", opened.staff());
  }

  /** An application that has a DataSource of Quarkus takes that. */
  private static DataSource database() {
    var database = new JdbcDataSource();
    database.setURL("jdbc:h2:./club-data/chat");
    return database;
  }

  private void route(Router router, String path, Chat chat) {
    var endpoint = ChatEndpoint.create(path, chat, EndpointOptions.defaults());
    endpoints.add(endpoint);
    router.get(path).handler(request -> Upgrade.toWebSocket(request, endpoint.config()));
  }

  void close(@Observes ShutdownEvent stopping) {
    if (chats != null) {
      chats.close();
    }
    endpoints.forEach(ChatEndpoint::close);
  }
}
// docs:end quarkus-routes
