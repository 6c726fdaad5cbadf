package dev.confab.chat.internal.dialect;

import static dev.confab.chat.internal.dialect.Requests.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.Reply;
import dev.confab.chat.protocol.Result;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The frames of the first chat room, as its clients sent and got them. What is read is what they meant; what is written
 * begins as theirs did and only has more fields behind.
 */
final class ChatRoomFixturesTest {
  private static final ChannelName ROOM = ChannelName.of("room_101");
  private static final ChannelName USER = ChannelName.of("user_10001");
  private static final UserRef TOM = new UserRef(new UserId("1"), "tom");
  private static final EntryId ID = new EntryId("Zk3f9Qx2bTn7Lw0A");
  private static final Instant AT = Instant.ofEpochMilli(1_700_000_000_000L);
  private static final Json HELLO = Json.string("hello,world!");

  static Stream<Arguments> requests() {
    return Stream.of(
        Arguments.of("{\"op\":\"ping\"}", new Command.Ping()),
        Arguments.of("{\"op\":\"subscribe\",\"args\":[\"room_101\"]}", subscribe(ROOM)),
        Arguments.of("{\"op\":\"auth\",\"args\":[\"user1\",\"wrong\"]}", login("wrong")),
        Arguments.of("{\"op\":\"auth\",\"args\":[\"user1\",\"123456\"]}", login("123456")),
        Arguments.of("{\"op\":\"subscribe\",\"args\":[\"user_10001\"]}", subscribe(USER)),
        Arguments.of(
            "{\"op\":\"subscribe\",\"args\":[\"broadcast\"]}", subscribe(ChannelName.BROADCAST)),
        Arguments.of(
            "{\"op\":\"sendtoroom\",\"args\":[\"room_101\",\"hello,world!\"]}", send(ROOM, HELLO)),
        Arguments.of(
            "{\"op\":\"sendtouser\",\"args\":[\"user_10001\",\"hello,world!\"]}",
            send(USER, HELLO)),
        Arguments.of(
            "{\"op\":\"sendbroadcast\",\"args\":[\"hello,world!\"]}",
            send(ChannelName.BROADCAST, HELLO)),
        Arguments.of(
            "{\"op\":\"unsubscribe\",\"args\":[\"room_101\"]}",
            new Command.Unsubscribe(List.of(ROOM))),
        Arguments.of(
            "{\"op\":\"sendtoroom\",\"args\":[\"room_101\",\"x\"]}", send(ROOM, Json.string("x"))),
        Arguments.of(
            "{\"op\":\"auth\",\"token\":\"***\"}",
            new Command.Authenticate(new Credentials.Token("***"))));
  }

  static Stream<Arguments> replies() {
    List<Arguments> replies = new ArrayList<>(List.of(
        Arguments.of("{\"op\":\"pong\"}", "ping", new Result.Pong()),
        Arguments.of(
            "{\"op\":\"subscribe\",\"error\":\"No access\"}",
            "subscribe",
            refused(ErrorCode.NOT_AUTHENTICATED)),
        Arguments.of(
            "{\"op\":\"subscribe\",\"error\":\"No access\"}",
            "subscribe",
            refused(ErrorCode.DENIED)),
        Arguments.of(
            "{\"op\":\"auth\",\"error\":\"Invalid name or password\"}",
            "auth",
            refused(ErrorCode.BAD_CREDENTIALS)),
        Arguments.of(
            "{\"op\":\"auth\",\"success\":true}",
            "auth",
            new Result.LoggedIn(TOM, Optional.empty())),
        Arguments.of(
            "{\"op\":\"subscribe\",\"success\":true}",
            "subscribe",
            new Result.Subscribed(new LinkedHashMap<>())),
        Arguments.of("{\"op\":\"unsubscribe\",\"success\":true}", "unsubscribe", new Result.Done()),
        Arguments.of(
            "{\"op\":\"sendtoroom\",\"error\":\"No access\"}",
            "sendtoroom",
            refused(ErrorCode.NOT_AUTHENTICATED))));
    for (String op : List.of("sendtoroom", "sendtouser", "sendbroadcast")) {
      replies.add(Arguments.of(
          "{\"op\":\"" + op + "\",\"success\":true}",
          op,
          new Result.Sent(new Receipt(ROOM, 42, ID, AT, false))));
    }
    return replies.stream();
  }

  static Stream<String> events() {
    return Stream.of("room_101", "user_10001", "broadcast");
  }

  @ParameterizedTest
  @MethodSource("requests")
  void request_of_the_first_clients_is_read_as_they_meant_it(String frame, Command meant) {
    assertThat(Requests.read(PLAIN, frame))
        .singleElement()
        .isInstanceOfSatisfying(Decoded.Request.class, request -> {
          assertThat(request.command()).isEqualTo(meant);
          assertThat(request.id()).isEmpty();
        });
  }

  @ParameterizedTest
  @MethodSource("replies")
  void reply_begins_as_the_first_clients_know_it(String frame, String op, Result result) {
    String reply = Requests.answer(PLAIN, new Reply(Optional.of(op), Optional.empty(), result));
    assertThat(reply).startsWith(frame.substring(0, frame.length() - 1));
    assertThat(Json.parse(reply).text()).isEqualTo(reply);
  }

  @ParameterizedTest
  @MethodSource("events")
  void event_has_all_that_the_first_clients_look_for(String channel) {
    Entry entry = new Entry(
        ChannelName.of(channel),
        42,
        ID,
        EntryKind.MESSAGE,
        42,
        "",
        Optional.of(TOM),
        Optional.empty(),
        AT,
        HELLO);
    assertThat(PLAIN.encode(new Event.Recorded(entry)).orElseThrow())
        .startsWith("{\"event\":\"subscribe\",\"channel\":\"" + channel + "\",")
        .endsWith(",\"data\":\"hello,world!\"}");
  }

  @ParameterizedTest
  @MethodSource("notRequests")
  void what_is_no_request_is_answered_as_it_was(String frame) {
    Decoded decoded = Requests.read(PLAIN, frame).get(0);
    assertThat(decoded)
        .isInstanceOfSatisfying(
            Decoded.Malformed.class,
            malformed -> assertThat(Requests.answer(
                    PLAIN,
                    new Reply(
                        malformed.named(),
                        malformed.id(),
                        new Result.Refused(malformed.refusal()))))
                .startsWith("{\"error\":\"Json format error\",\"code\":\"bad_frame\""));
  }

  static Stream<String> notRequests() {
    return Stream.of("{}", "", "hello", "[]");
  }

  private static Command subscribe(ChannelName channel) {
    return new Command.Subscribe(List.of(channel), Map.of(), OptionalLong.empty(), false);
  }

  private static Command login(String password) {
    return new Command.Authenticate(new Credentials.Password("user1", password));
  }

  private static Command send(ChannelName channel, Json data) {
    return new Command.Send(channel, data, Optional.empty());
  }

  private static Result refused(ErrorCode code) {
    return new Result.Refused(Refusal.of(code));
  }
}
