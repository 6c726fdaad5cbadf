package dev.confab.chat.examples.docs;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.AccessPolicies;
import dev.confab.chat.store.jdbi.JdbiAuthenticator;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import dev.confab.chat.transport.jsr356.Origins;
import jakarta.websocket.server.ServerContainer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;

/** The pieces of the page that shows how to embed a chat. */
public final class StartPage {
  private StartPage() {}

  static Chat inMemory(OwnUsers.Accounts accounts) {
    // docs:begin smallest
    Chat chat = Chat.builder().authenticator(new OwnUsers(accounts)).build();
    // docs:end smallest
    return chat;
  }

  static Chat withTable(DataSource pool) {
    // docs:begin users-table
    JdbiAuthenticator users = JdbiAuthenticator.create(pool);
    Chat chat =
        Chat.builder().authenticator(users).store(JdbiMessageStore.create(pool)).build();
    // docs:end users-table
    return chat;
  }

  static JdbiMessageStore file() {
    // docs:begin sqlite
    JdbiMessageStore store = JdbiMessageStore.sqlite(Path.of("chat.db"));
    // docs:end sqlite
    return store;
  }

  static Chat withAccess(OwnUsers.Accounts accounts, JdbiMessageStore store) {
    // docs:begin access
    Chat chat = Chat.builder()
        .authenticator(new OwnUsers(accounts))
        .store(store)
        .access(AccessPolicies.openRooms())
        .access("staff_", new RoleAccess("staff"))
        .channels(ChannelKind.of("room_").withDataBytes(4096).withRate(20, Duration.ofSeconds(10)))
        .channels(ChannelKind.of("cursor_").withoutLog())
        .build();
    // docs:end access
    return chat;
  }

  static ChatEndpoint install(ServerContainer container, Chat chat) {
    // docs:begin install
    EndpointOptions options = EndpointOptions.builder()
        .origins(Origins.only("https://www.example.com"))
        .behindProxy()
        .build();
    ChatEndpoint endpoint = ChatEndpoint.install(container, "/chat", chat, options);
    // docs:end install
    return endpoint;
  }

  static void stop(ChatEndpoint endpoint, Chat chat) {
    // docs:begin stop
    chat.close(Duration.ofSeconds(10));
    endpoint.close();
    // docs:end stop
  }

  static void say(Chat chat, long order) {
    // docs:begin push
    ChannelName room = ChannelName.of("room_101");
    Receipt receipt = chat.publish(room, "Doors open at eight.");
    chat.publish(new UserId("17"), Json.parse("{\"order\":" + order + ",\"state\":\"sent\"}"));

    // Repeated after a crash or a timeout, this is still recorded once.
    chat.publish(room, Json.string("Invoice " + order), new SendKey("invoice-" + order));
    // docs:end push
    use(receipt);
  }

  static void look(Chat chat, ChannelName room) {
    // docs:begin look
    chat.signal(room, Json.parse("{\"typing\":true}")); // this node only, not recorded
    chat.history(room, Long.MAX_VALUE, 50).entries(); // the newest fifty
    chat.channels().users(room, Optional.empty(), 100).items(); // this node only
    chat.disconnect(Recipients.user(new UserId("17")), CloseReason.KICKED); // this node only
    chat.redact(room, 12); // takes the data of entry 12 away, for every later reader
    // docs:end look
  }

  static Chat bounded(OwnUsers.Accounts accounts) {
    // docs:begin limits
    Limits limits = Limits.builder()
        .clientDataBytes(8 * 1024)
        .connectionsPerUser(8)
        .loginWithin(Duration.ofSeconds(5))
        .build();
    Chat chat =
        Chat.builder().authenticator(new OwnUsers(accounts)).limits(limits).build();
    // docs:end limits
    return chat;
  }

  private static void use(Receipt receipt) {
    System.out.println("recorded as number " + receipt.seq());
  }
}
