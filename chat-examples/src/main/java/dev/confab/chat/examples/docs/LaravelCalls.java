package dev.confab.chat.examples.docs;

import dev.confab.chat.Chat;
import dev.confab.chat.ChatBuilder;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.UserId;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** What routes/websocket.php and the Websocket facade of laravel-swoole did. */
public final class LaravelCalls {
  private LaravelCalls() {}

  /** Handles an event of the pages. */
  public static ChatBuilder routes(ChatBuilder builder) {
    // docs:begin on
    builder.on(
        "greet",
        call -> { // Websocket::on('greet', function ($websocket, $data) …)
          String name = call.identity().map(Identity::name).orElse("stranger");
          return Json.object(Map.of("text", Json.string("Hello, " + name))); // emit to the sender
        });
    // docs:end on
    return builder;
  }

  /** Tells people. */
  public static int emit(Chat chat, ConnectionId sender, Json data) {
    // docs:begin emit
    ChannelName room = ChannelName.of("room_1");
    chat.connections().subscribe(sender, room); // join('room_1')
    chat.signal(Recipients.connection(sender), data); // emit, without to and broadcast
    chat.signal(Recipients.everybody().except(sender), data); // broadcast()->emit
    chat.signal(Recipients.channel(room).except(sender), data); // broadcast()->to('room_1')->emit
    int reached = chat.signal(Recipients.user(UserId.of("17")), data).given(); // toUserId(17)->emit
    chat.connections().unsubscribe(sender, room); // leave('room_1')
    // docs:end emit
    return reached;
  }

  /** Logs in from outside. */
  public static boolean users(Chat chat, ConnectionId connection) {
    // docs:begin users
    chat.connections().login(connection, Identity.of("17", "Ann")); // loginUsingId(17)
    boolean online = chat.users().isOnline(UserId.of("17")); // isUserIdOnline(17)
    chat.connections().logout(connection); // logout()
    // docs:end users
    return online;
  }

  /** Pushes at regular times. */
  public static ScheduledExecutorService timers(Chat chat) {
    // docs:begin timers
    ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    timers.scheduleAtFixedRate( // CronJob, swoole_timer_tick
        () -> chat.signal(ChannelName.BROADCAST, Json.string(Instant.now().toString())),
        1,
        60,
        TimeUnit.SECONDS);
    // docs:end timers
    return timers;
  }
}
