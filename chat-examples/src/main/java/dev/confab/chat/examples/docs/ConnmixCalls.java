package dev.confab.chat.examples.docs;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.ChatListener.Happening;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a Lua entry file of connmix did, done in Java beside the chat. */
public final class ConnmixCalls {
  private ConnmixCalls() {}

  /** What the application knows. */
  public interface Tokens {
    /** The user of a token; an exception if it is nobody's. */
    Identity userOf(String token);
  }

  /** A chat that does what the hooks did. */
  public static Chat chat(Tokens tokens) {
    Chat[] itself = new Chat[1];
    // docs:begin hooks
    Chat chat = Chat.builder()
        .authenticator(new TokenUsers(tokens::userOf)) // conn:set_context_value("uid", …)
        .on(
            "join",
            call -> { // on_message, for an op of your own
              if (call.args().isEmpty()) {
                throw new RefusedException(ErrorCode.BAD_ARGS, "join needs a room");
              }
              ChannelName room = ChannelName.of("room_"
                  + call.args().get(0).asString().orElse(call.args().get(0).text()));
              itself[0].connections().subscribe(call.connection(), room); // conn:subscribe
              return Json.object(Map.of("status", Json.string("success")));
            })
        .listener(
            happening -> { // on_handshake, on_close
              if (happening instanceof Happening.Disconnected gone) {
                System.getLogger("club")
                    .log(System.Logger.Level.INFO, "{0} left", gone.connection());
              }
            })
        .build();
    // docs:end hooks
    itself[0] = chat;
    return chat;
  }

  /** What a consumer asked of the mesh and of connections. */
  public static int call(Chat chat, ConnectionId client, ChannelName channel, Json data) {
    // docs:begin calls
    int reached = chat.signal(channel, data).given(); // mesh.publish: what it was
    chat.publish(channel, data); // and what it may become: recorded, read later, resumed
    chat.signal(Recipients.connection(client), data); // mesh.send, conn:send
    chat.connections().subscribe(client, channel); // conn.call subscribe
    chat.connections().unsubscribe(client, channel); // conn.call unsubscribe
    chat.connections()
        .mergeAttributes(client, Map.of("level", Json.parse("3"))); // set_context_value
    chat.connections().replaceAttributes(client, Map.of()); // set_context
    chat.connections().attributes(client); // conn:context
    // docs:end calls
    return reached;
  }

  /** What connmix had no call for. */
  public static List<String> more(Chat chat, ChannelName channel) {
    return chat.channels().users(channel, Optional.empty(), 1_000).items().stream()
        .map(user -> user.user().name())
        .toList();
  }
}
