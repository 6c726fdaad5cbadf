package dev.confab.chat.examples.server;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChatException;
import dev.confab.chat.transport.jsr356.ChatEndpoint;

/** What a chat server is made of, put together. This is all an application has to do. */
final class Assembly implements AutoCloseable {
  private static final String CHAT_PATH = "/chat";

  private final Database database;
  private final Chat chat;
  private final ChatEndpoint endpoint;
  private final WebServer web;

  private final boolean noUsers;

  private Assembly(
      Database database, boolean noUsers, Chat chat, ChatEndpoint endpoint, WebServer web) {
    this.database = database;
    this.noUsers = noUsers;
    this.chat = chat;
    this.endpoint = endpoint;
    this.web = web;
  }

  /**
   * Starts all of it; what was started is closed again if a later part can not be.
   *
   * @throws StartException if the database or the port can not be had
   */
  static Assembly start(ServerOptions options) {
    Database database = Database.open(options);
    boolean noUsers;
    try {
      if (options.demoUsers()) {
        DemoUsers.add(database.users());
      }
      noUsers = database.hasNoUsers();
    } catch (ChatException failure) {
      closeUnused(database);
      throw new StartException("The demo users can not be made: " + failure.getMessage(), failure);
    } catch (StartException failure) {
      closeUnused(database);
      throw failure;
    }
    Chat chat = Chat.builder()
        .authenticator(database.authenticator())
        .store(database.messages())
        .build();
    WebServer web = new WebServer(options.host(), options.port(), new PageHandler(CHAT_PATH));
    ChatEndpoint endpoint =
        ChatEndpoint.install(web.sockets(), CHAT_PATH, chat, options.endpointOptions());
    Assembly server = new Assembly(database, noUsers, chat, endpoint, web);
    try {
      web.start();
    } catch (RuntimeException failure) {
      server.close();
      throw failure;
    }
    return server;
  }

  private static void closeUnused(Database database) {
    database.messages().close();
    database.close();
  }

  /** Whether there was nobody who could log in when it started. */
  boolean hasNoUsers() {
    return noUsers;
  }

  /** Where its page is. */
  String url() {
    return web.url();
  }

  /** Says goodbye to the clients and gives back everything; takes up to about 15 s if they do not read. */
  @Override
  public void close() {
    chat.close();
    endpoint.close();
    web.close();
    database.close();
  }
}
