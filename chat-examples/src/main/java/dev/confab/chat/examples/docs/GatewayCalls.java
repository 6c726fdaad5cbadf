package dev.confab.chat.examples.docs;

import dev.confab.chat.Chat;
import dev.confab.chat.SignalCount;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.CloseReason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a back end asked of GatewayWorker, asked of a chat. */
public final class GatewayCalls {
  private GatewayCalls() {}

  /** Binds a connection and lets it join, as a web application does with the client id it was posted. */
  // docs:begin bind
  public static void bind(Chat chat, String clientId, String uid, String nickname, String group) {
    ConnectionId connection = new ConnectionId(clientId);
    chat.connections().login(connection, Identity.of(uid, nickname)); // bindUid
    chat.connections().subscribe(connection, ChannelName.of("room_" + group)); // joinGroup
    chat.connections()
        .mergeAttributes( // updateSession
            connection, Map.of("joined", Json.object(Map.of(group, Json.parse("true")))));
  }
  // docs:end bind

  /** Tells people. */
  public static int send(Chat chat, ConnectionId client, UserId uid, Json message) {
    // docs:begin send
    ChannelName group = ChannelName.of("room_101");
    chat.publish(group, message); // sendToGroup, recorded: who is away reads it later
    chat.publish(uid, message); // sendToUid, recorded

    // The same as signals: to who is here now, and kept nowhere.
    chat.signal(Recipients.everybody(), message); // sendToAll
    chat.signal(Recipients.everybody().except(client), message); // sendToAll, exclude
    chat.signal(Recipients.connection(client), message); // sendToClient
    chat.signal(Recipients.users(List.of(uid, UserId.of("17"))), message); // sendToUid
    SignalCount reached = chat.signal(
        Recipients.channels(List.of(group, ChannelName.of("room_102"))).except(client), message);
    // docs:end send
    return reached.given();
  }

  /** Asks who is there. */
  public static int ask(Chat chat, ConnectionId client, UserId uid, ChannelName group) {
    // docs:begin ask
    chat.users().isOnline(uid); // isUidOnline
    Set<UserId> here = chat.users().online(List.of(uid, UserId.of("17"))); // isUidsOnline
    chat.users().sessions(uid); // getClientIdByUid, with sessions
    chat.connections().find(client); // getUidByClientId, getSession
    chat.connections().count(); // getAllClientIdCount
    chat.channels().find(group).users(); // getUidCountByGroup

    Optional<String> next = Optional.empty();
    do { // getClientSessionsByGroup, a thousand at a time
      var page = chat.channels().connections(group, next, 1_000);
      page.items().forEach(session -> session.attributes());
      next = page.next();
    } while (next.isPresent());
    // docs:end ask
    return here.size();
  }

  /** Sends people away. */
  public static int end(Chat chat, ConnectionId client, UserId uid, ChannelName group) {
    // docs:begin end
    chat.channels().dissolve(group); // ungroup
    chat.disconnect( // closeClient, with a last message
        Recipients.connection(client), CloseReason.KICKED, Json.string("See you tomorrow."));
    int devices = chat.disconnect(Recipients.user(uid), CloseReason.REVOKED); // closeUid
    chat.cut(Recipients.channel(group), CloseReason.BANNED); // destoryClient, for a whole group
    // docs:end end
    return devices;
  }
}
