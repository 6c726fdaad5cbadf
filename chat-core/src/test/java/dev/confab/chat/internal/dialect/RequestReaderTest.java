package dev.confab.chat.internal.dialect;

import static dev.confab.chat.internal.dialect.Requests.assertRefused;
import static dev.confab.chat.internal.dialect.Requests.command;
import static dev.confab.chat.internal.dialect.Requests.decode;
import static dev.confab.chat.internal.dialect.Requests.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Command.History.Place;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RequestId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestReaderTest {
  private static final ChannelName ROOM = ChannelName.of("room_101");
  private static final Json HELLO = Json.string("hello");
  private static final Cursor CURSOR = Cursor.of(42, new EntryId("Zk3f9Qx2bTn7Lw0A"));

  @Test
  void ops_without_arguments_are_read() {
    assertThat(command("{'op':'ping'}")).isEqualTo(new Command.Ping());
    assertThat(command("{'op':'pong'}")).isEqualTo(new Command.Pong());
    assertThat(command("{'op':'logout','args':[]}")).isEqualTo(new Command.Logout());
    assertThat(command("{'op':'logout','args':[{}]}")).isEqualTo(new Command.Logout());
  }

  @Test
  void credentials_are_a_password_or_a_token_in_either_place() {
    assertThat(command("{'op':'auth','args':['tom','secret']}"))
        .isEqualTo(new Command.Authenticate(new Credentials.Password("tom", "secret")));
    assertThat(command("{'op':'auth','args':[{'token':'t'}]}"))
        .isEqualTo(new Command.Authenticate(new Credentials.Token("t")));
    assertThat(command("{'token':'t','op':'auth'}"))
        .isEqualTo(new Command.Authenticate(new Credentials.Token("t")));
  }

  @Test
  void no_refusal_of_credentials_repeats_them() {
    for (String frame : List.of(
        "{'op':'auth','args':['tom',123456]}",
        "{'op':'auth','args':['tom','123456','x']}",
        "{'op':'auth','args':[{'token':[123456]}]}",
        "{'op':'auth','token':123456}")) {
      assertThat(decode(json(frame))).isInstanceOf(Decoded.Malformed.class);
      assertThat(decode(json(frame)).toString()).doesNotContain("123456");
    }
  }

  @Test
  void subscribe_takes_channels_and_options() {
    assertThat(command("{'op':'subscribe','args':['room_101']}"))
        .isEqualTo(new Command.Subscribe(List.of(ROOM), Map.of(), OptionalLong.empty(), false));
    assertThat(
            command("{'op':'subscribe','args':['room_101','@user',{'history':0,'presence':true}]}"))
        .isEqualTo(
            new Command.Subscribe(List.of(ROOM, Command.OWN), Map.of(), OptionalLong.of(0), true));
    assertThat(command("{'op':'subscribe','args':['room_101','a',7,"
            + "{'since':{'room_101':'42.Zk3f9Qx2bTn7Lw0A','7':0}}]}"))
        .isEqualTo(new Command.Subscribe(
            List.of(ROOM, ChannelName.of("a"), ChannelName.of("7")),
            Map.of(ROOM, CURSOR, ChannelName.of("7"), Cursor.START),
            OptionalLong.empty(),
            false));
  }

  @Test
  void channel_that_is_named_twice_counts_once() {
    assertThat(command("{'op':'subscribe','args':['b','a','b']}"))
        .isEqualTo(new Command.Subscribe(
            List.of(ChannelName.of("b"), ChannelName.of("a")),
            Map.of(),
            OptionalLong.empty(),
            false));
    assertThat(command("{'op':'unsubscribe','args':['room_101','room_101',{}]}"))
        .isEqualTo(new Command.Unsubscribe(List.of(ROOM)));
  }

  @Test
  void sends_take_a_channel_data_and_a_key() {
    Command.Send send = new Command.Send(ROOM, HELLO, Optional.empty());
    assertThat(command("{'op':'sendtoroom','args':['room_101','hello']}")).isEqualTo(send);
    assertThat(command("{'op':'publish','args':['room_101','hello',{}]}")).isEqualTo(send);
    assertThat(command("{'op':'publish','args':['room_101','hello',{'key':'c1-77'}]}"))
        .isEqualTo(new Command.Send(ROOM, HELLO, Optional.of(SendKey.of("c1-77"))));
    assertThat(command("{'op':'sendbroadcast','args':['hello',{'key':'k'}]}"))
        .isEqualTo(new Command.Send(ChannelName.BROADCAST, HELLO, Optional.of(SendKey.of("k"))));
    assertThat(command("{'op':'signal','args':['room_101','hello']}"))
        .isEqualTo(new Command.Signal(ROOM, HELLO));
  }

  @Test
  void data_is_the_argument_in_its_place_also_when_it_is_an_object() {
    assertThat(command("{'op':'publish','args':['room_101',{'key':'c1-77'}]}"))
        .isEqualTo(new Command.Send(ROOM, Json.parse("{\"key\":\"c1-77\"}"), Optional.empty()));
    assertThat(command("{'op':'sendbroadcast','args':[{'kind':1}]}"))
        .isEqualTo(
            new Command.Send(ChannelName.BROADCAST, Json.parse("{\"kind\":1}"), Optional.empty()));
    assertThat(command("{'op':'publish','args':['room_101',null]}"))
        .isEqualTo(new Command.Send(ROOM, Json.NULL, Optional.empty()));
  }

  @ParameterizedTest
  @CsvSource({
    "'10001', user_10001",
    "user_10001, user_10001",
    "room_1, user_room_1",
    "@user, @user",
    "käthe, user_käthe"
  })
  void recipient_is_an_id_unless_it_is_a_user_channel_already(String recipient, String channel) {
    assertThat(command("{'op':'sendtouser','args':['" + recipient + "','hello']}"))
        .isEqualTo(new Command.Send(ChannelName.of(channel), HELLO, Optional.empty()));
  }

  @Test
  void ids_are_taken_from_integers_by_their_digits() {
    assertThat(command("{'op':'sendtouser','args':[10001,'hello']}"))
        .isEqualTo(new Command.Send(ChannelName.of("user_10001"), HELLO, Optional.empty()));
    assertThat(command("{'op':'unsubscribe','args':[123456789012345678901234567890]}"))
        .isEqualTo(
            new Command.Unsubscribe(List.of(ChannelName.of("123456789012345678901234567890"))));
    assertThat(command("{'op':'presence','args':['room_101',{'after':17}]}"))
        .isEqualTo(new Command.Presence(ROOM, Optional.of("17"), 100));
    for (String number : List.of("-1", "1.0", "1e3", "-0", "true", "null", "[1]")) {
      assertRefused(
          json("{'op':'unsubscribe','args':[" + number + "]}"),
          "unsubscribe",
          "-",
          ErrorCode.BAD_ARGS,
          "channel");
    }
  }

  @Test
  void history_is_asked_by_number_by_cursor_or_for_the_newest() {
    assertThat(command("{'op':'history','args':['room_101']}"))
        .isEqualTo(new Command.History(ROOM, new Place.Newest(), 50));
    assertThat(command("{'op':'history','args':['room_101',{'before':42,'limit':100}]}"))
        .isEqualTo(new Command.History(ROOM, new Place.BeforeSeq(42), 100));
    assertThat(command("{'op':'history','args':['room_101',{'after':0,'limit':1}]}"))
        .isEqualTo(new Command.History(ROOM, new Place.AfterSeq(0), 1));
    assertThat(command("{'op':'history','args':['room_101',{'before':'42.Zk3f9Qx2bTn7Lw0A'}]}"))
        .isEqualTo(new Command.History(ROOM, new Place.Before(CURSOR), 50));
    assertThat(command("{'op':'history','args':['room_101',{'after':'0'}]}"))
        .isEqualTo(new Command.History(ROOM, new Place.After(Cursor.START), 50));
  }

  @Test
  void presence_is_asked_a_page_at_a_time() {
    assertThat(command("{'op':'presence','args':['room_101']}"))
        .isEqualTo(new Command.Presence(ROOM, Optional.empty(), 100));
    assertThat(command("{'op':'presence','args':['room_101',{'after':'tom','limit':7}]}"))
        .isEqualTo(new Command.Presence(ROOM, Optional.of("tom"), 7));
  }

  @Test
  void any_other_op_keeps_its_arguments_as_they_came() {
    assertThat(command("{'op':'register','args':[ 'tom', {'kind' : 1.0}, 1e400 ]}"))
        .isEqualTo(new Command.Custom(
            "register",
            List.of(Json.string("tom"), Json.parse("{\"kind\":1.0}"), Json.parse("1e400"))));
    assertThat(command("{'op':'register'}")).isEqualTo(new Command.Custom("register", List.of()));
    assertThat(command("{'op':''}")).isEqualTo(new Command.Custom("", List.of()));
    assertThat(command("{'op':'Subscribe','args':[{'since':1}]}"))
        .isInstanceOf(Command.Custom.class);
  }

  @Test
  void fields_may_stand_in_any_order_and_unknown_ones_are_ignored() {
    Decoded request = decode(
        json(
            "{ 'v':{'op':'x','args':[]}, 'args' : ['room_101',{'a':[1 , 2]}], 'x':[[]], 'id':7, 'op':'publish' }"));
    assertThat(request)
        .isEqualTo(new Decoded.Request(
            "publish",
            Optional.of(new RequestId("7")),
            new Command.Send(ROOM, Json.parse("{\"a\":[1,2]}"), Optional.empty())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "7",
        "-7",
        "0",
        "'a'",
        "''",
        "'1.5'",
        "'\\u0000\\n'",
        "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
      })
  void id_is_echoed_in_the_form_it_came(String id) {
    assertThat(decode(json("{'op':'ping','id':" + id + "}")).id())
        .contains(new RequestId(json(id)));
  }

  @Test
  void id_of_64_characters_is_taken_and_one_of_65_is_not() {
    String most = "x".repeat(64);
    assertThat(decode(json("{'op':'ping','id':'" + most + "'}")).id())
        .contains(new RequestId('"' + most + '"'));
    assertRefused(
        json("{'op':'ping','id':'x" + most + "'}"), "ping", "-", ErrorCode.BAD_ARGS, "id");
  }

  @Test
  void id_that_is_null_counts_as_absent() {
    assertThat(decode(json("{'op':'ping','id':null}")))
        .isEqualTo(new Decoded.Request("ping", Optional.empty(), new Command.Ping()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.5", "1e3", "true", "[1]", "{'a':{}}", "'\\ud800'"})
  void id_of_any_other_kind_is_refused(String id) {
    assertRefused(json("{'id':" + id + ",'op':'ping'}"), "ping", "-", ErrorCode.BAD_ARGS, "id");
  }

  @Test
  void id_behind_wrong_arguments_is_found() {
    assertRefused(
        json("{'op':'publish','args':[{'a':1},'x'],'id':7}"),
        "publish",
        "7",
        ErrorCode.BAD_ARGS,
        "channel");
    assertRefused(
        json("{'args':{'a':[1]},'op':'publish','id':'b'}"),
        "publish",
        "\"b\"",
        ErrorCode.BAD_ARGS,
        "args");
  }

  @Test
  void object_without_op_is_answered_with_its_id() {
    assertRefused(json("{'id':7}"), "-", "7", ErrorCode.BAD_FRAME, "-");
    assertRefused(json("{'op':5,'id':7}"), "-", "7", ErrorCode.BAD_FRAME, "-");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "ping | [1] | args",
        "logout | [{'key':'k'}] | key",
        "auth | [] | name",
        "auth | ['tom'] | password",
        "auth | [1,'secret'] | name",
        "auth | ['tom',1] | password",
        "auth | ['tom','secret',{'token':'t'}] | token",
        "auth | [{}] | token",
        "auth | [{'token':1}] | token",
        "auth | [{'token':'t','x':1}] | x",
        "auth | ['tom','secret',1] | args",
        "subscribe | [] | channel",
        "subscribe | [{}] | channel",
        "subscribe | ['a',['b']] | channel",
        "subscribe | ['a',{},'b'] | channel",
        "subscribe | ['a',{'history':101}] | history",
        "subscribe | ['a',{'history':-1}] | history",
        "subscribe | ['a',{'history':1.0}] | history",
        "subscribe | ['a',{'history':'1'}] | history",
        "subscribe | ['a',{'history':99999999999999999999}] | history",
        "subscribe | ['a',{'presence':1}] | presence",
        "subscribe | ['a',{'presence':null}] | presence",
        "subscribe | ['a',{'since':'0'}] | since",
        "subscribe | ['a',{'since':{'b':'0'}}] | since",
        "subscribe | ['a',{'since':{'':'0'}}] | since",
        "subscribe | ['a',{'since':{'a':'x'}}] | since",
        "subscribe | ['a',{'since':{'a':7}}] | since",
        "subscribe | ['a',{'since':{'a':null}}] | since",
        "subscribe | ['a',{'since':{'a':'0'},'history':5}] | history",
        "subscribe | ['a',{'key':'k'}] | key",
        "unsubscribe | [] | channel",
        "unsubscribe | ['a',{'since':{}}] | since",
        "sendtoroom | [] | channel",
        "sendtoroom | ['room_101'] | data",
        "sendtoroom | ['101','x'] | channel",
        "sendtoroom | ['user_1','x'] | channel",
        "sendtoroom | ['room_101','x',{'key':''}] | key",
        "sendtoroom | ['room_101','x',{'key':'a b'}] | key",
        "sendtoroom | ['room_101','x',{'key':7}] | key",
        "sendtoroom | ['room_101','x',{'key':null}] | key",
        "sendtoroom | ['room_101','x','k'] | args",
        "sendtoroom | ['room_101','x',{},{}] | args",
        "sendtouser | ['1'] | data",
        "sendtouser | [[],'x'] | user",
        "sendbroadcast | [] | data",
        "publish | ['a','x',{'kind':1}] | kind",
        "publish | ['a','x',{'about':1}] | about",
        "publish | ['a','x',{'meta':1}] | meta",
        "publish | ['a','x',{'exclude':1}] | exclude",
        "publish | ['a','x',{'as':1}] | as",
        "signal | ['a'] | data",
        "signal | ['a','x',{'key':'k'}] | key",
        "history | [] | channel",
        "history | ['a',{'limit':0}] | limit",
        "history | ['a',{'limit':101}] | limit",
        "history | ['a',{'before':-1}] | before",
        "history | ['a',{'before':1.5}] | before",
        "history | ['a',{'before':'x'}] | before",
        "history | ['a',{'before':99999999999999999999}] | before",
        "history | ['a',{'after':true}] | after",
        "history | ['a',{'before':1,'after':2}] | after",
        "history | ['a',50] | args",
        "presence | ['a',{'limit':101}] | limit",
        "presence | ['a',{'after':[1]}] | after",
        "publish | 'a' | args",
        "publish | null | args",
        "register | {} | args"
      })
  void wrong_arguments_are_refused_by_name(String op, String args, String field) {
    assertRefused(
        json("{'op':'" + op + "','args':" + args + ",'id':1}"), op, "1", ErrorCode.BAD_ARGS, field);
  }

  @Test
  void token_beside_other_credentials_is_refused() {
    assertRefused(
        json("{'op':'auth','token':'t','args':['tom','secret']}"),
        "auth",
        "-",
        ErrorCode.BAD_ARGS,
        "token");
    assertRefused(json("{'op':'auth','token':1}"), "auth", "-", ErrorCode.BAD_ARGS, "token");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "subscribe | [''] | channel",
        "subscribe | ['a','b c'] | channel",
        "subscribe | ['a\\u0000'] | channel",
        "subscribe | ['e\\u0301'] | channel",
        "subscribe | ['\\ud800'] | channel",
        "publish | ['a\\n','x'] | channel",
        "sendtoroom | ['room_ ','x'] | channel",
        "sendtouser | ['user_','x'] | user",
        "sendtouser | ['user_a b','x'] | user",
        "sendtouser | ['','x'] | user",
        "sendtouser | ['a b','x'] | user"
      })
  void name_that_is_none_is_told_as_such(String op, String args, String field) {
    assertRefused(
        json("{'op':'" + op + "','args':" + args + ",'id':1}"),
        op,
        "1",
        ErrorCode.CHANNEL_NAME,
        field);
  }

  @Test
  void channel_names_end_at_128_characters_and_user_ids_at_123() {
    assertThat(command("{'op':'unsubscribe','args':['" + "x".repeat(128) + "']}"))
        .isInstanceOf(Command.Unsubscribe.class);
    assertRefused(
        json("{'op':'unsubscribe','args':['" + "x".repeat(129) + "']}"),
        "unsubscribe",
        "-",
        ErrorCode.CHANNEL_NAME,
        "channel");
    assertThat(command("{'op':'sendtouser','args':['" + "x".repeat(123) + "',1]}"))
        .isInstanceOf(Command.Send.class);
    assertRefused(
        json("{'op':'sendtouser','args':['" + "x".repeat(124) + "',1]}"),
        "sendtouser",
        "-",
        ErrorCode.CHANNEL_NAME,
        "user");
  }
}
