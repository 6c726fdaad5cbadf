package dev.confab.chat.internal.dialect;

import static dev.confab.chat.internal.dialect.Requests.CHAT_V1;
import static dev.confab.chat.internal.dialect.Requests.PLAIN;
import static dev.confab.chat.internal.dialect.Requests.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.Reply;
import dev.confab.chat.protocol.RequestId;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.protocol.TrimmedRange;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Every event and reply, letter by letter. */
final class EncodingTest {
  private static final ChannelName ROOM = ChannelName.of("room_101");
  private static final EntryId ID = new EntryId("Zk3f9Qx2bTn7Lw0A");
  private static final UserRef TOM = new UserRef(new UserId("1"), "tom");
  private static final UserRef ANN = new UserRef(new UserId("2"), "Ann \"A\" <b>");
  private static final Instant AT = Instant.ofEpochMilli(1_700_000_000_000L);
  private static final Json HELLO = Json.string("hello,world!");

  private static final Entry MESSAGE = entry(EntryKind.MESSAGE, "", Optional.of(TOM));
  private static final String MESSAGE_TEXT =
      json("{'event':'subscribe','channel':'room_101','seq':42,"
          + "'id':'Zk3f9Qx2bTn7Lw0A','from':{'id':'1','name':'tom'},'at':1700000000000,'key':'c1-77',"
          + "'data':'hello,world!'}");

  private static Entry entry(EntryKind kind, String about, Optional<UserRef> from) {
    Optional<SendKey> key = from.map(user -> SendKey.of("c1-77"));
    return new Entry(ROOM, 42, ID, kind, 40, about, from, key, AT, HELLO);
  }

  private static void assertBothSay(Event event, String text) {
    assertThat(PLAIN.encode(event)).contains(json(text));
    assertThat(CHAT_V1.encode(event)).contains(json(text));
  }

  private static void assertOnlyChatV1Says(Event event, String text) {
    assertThat(PLAIN.encode(event)).isEmpty();
    assertThat(CHAT_V1.encode(event)).contains(json(text));
  }

  private static void assertReply(Result result, String text) {
    Reply reply = new Reply(Optional.of("op"), Optional.of(new RequestId("7")), result);
    assertThat(Requests.answer(CHAT_V1, reply)).isEqualTo(json(text));
    assertThat(Requests.answer(PLAIN, reply)).isEqualTo(json(text));
  }

  private static void assertData(Result result, String data) {
    assertReply(result, "{'op':'op','success':true,'id':7,'data':" + data + "}");
  }

  @Test
  void message_is_told_as_the_protocol_page_shows() {
    assertThat(PLAIN.encode(new Event.Recorded(MESSAGE))).contains(MESSAGE_TEXT);
    assertThat(CHAT_V1.encode(new Event.Recorded(MESSAGE))).contains(MESSAGE_TEXT);
  }

  @Test
  void message_of_the_host_has_no_sender() {
    assertBothSay(
        new Event.Recorded(entry(EntryKind.MESSAGE, "", Optional.empty())),
        "{'event':'subscribe','channel':'room_101','seq':42,'id':'Zk3f9Qx2bTn7Lw0A',"
            + "'at':1700000000000,'data':'hello,world!'}");
  }

  @Test
  void names_are_escaped_as_json_and_in_no_other_way() {
    assertBothSay(
        new Event.Joined(ChannelName.of("a\"b\\<i>"), ANN, AT),
        "{'event':'join','channel':'a\\'b\\\\<i>','user':{'id':'2','name':'Ann \\'A\\' <b>'}}");
  }

  @Test
  void copy_names_its_recipient() {
    assertOnlyChatV1Says(
        new Event.Recorded(entry(EntryKind.COPY, "10001", Optional.of(TOM))),
        "{'event':'subscribe','channel':'room_101','seq':42,'id':'Zk3f9Qx2bTn7Lw0A',"
            + "'from':{'id':'1','name':'tom'},'to':{'id':'10001'},'at':1700000000000,"
            + "'key':'c1-77','data':'hello,world!'}");
  }

  @Test
  void redaction_names_the_entry_it_is_about() {
    assertOnlyChatV1Says(
        new Event.Recorded(entry(EntryKind.REDACTION, "17", Optional.empty())),
        "{'event':'redacted','channel':'room_101','seq':42,'id':'Zk3f9Qx2bTn7Lw0A',"
            + "'at':1700000000000,'about':17}");
  }

  @Test
  void what_has_no_log_has_no_place() {
    assertBothSay(
        new Event.Unlogged(ROOM, Optional.of(TOM), AT, HELLO),
        "{'event':'subscribe','channel':'room_101','from':{'id':'1','name':'tom'},"
            + "'at':1700000000000,'data':'hello,world!'}");
    assertBothSay(
        new Event.Signalled(ROOM, Optional.of(TOM), 42, HELLO),
        "{'event':'signal','channel':'room_101','from':{'id':'1','name':'tom'},'seq':42,"
            + "'data':'hello,world!'}");
    assertBothSay(
        new Event.Signalled(ROOM, Optional.empty(), 0, Json.NULL),
        "{'event':'signal','channel':'room_101','seq':0,'data':null}");
  }

  @Test
  void presence_is_told_by_user_or_by_count() {
    assertBothSay(
        new Event.Left(ROOM, TOM, AT),
        "{'event':'leave','channel':'room_101','user':{'id':'1','name':'tom'}}");
    assertBothSay(
        new Event.PresenceCount(ROOM, 201),
        "{'event':'presence','channel':'room_101','count':201}");
  }

  @Test
  void state_of_a_log_is_told_to_those_who_understand_it() {
    assertOnlyChatV1Says(
        new Event.Live(ROOM, 42), "{'event':'live','channel':'room_101','seq':42}");
    assertOnlyChatV1Says(
        new Event.Reset(ROOM, new Head(Cursor.of(42, ID), 40)),
        "{'event':'reset','channel':'room_101','head':42,'cursor':'42.Zk3f9Qx2bTn7Lw0A'}");
    assertOnlyChatV1Says(
        new Event.Reset(ROOM, Head.EMPTY),
        "{'event':'reset','channel':'room_101','head':0,'cursor':'0'}");
    assertOnlyChatV1Says(
        new Event.Trimmed(ROOM, new TrimmedRange(1, 9)),
        "{'event':'trimmed','channel':'room_101','from':1,'to':9}");
  }

  @Test
  void state_of_a_connection_is_told_to_those_who_understand_it() {
    assertOnlyChatV1Says(new Event.Ping(), "{'event':'ping'}");
    assertOnlyChatV1Says(new Event.Expiring(AT), "{'event':'expiring','expires_at':1700000000000}");
    assertOnlyChatV1Says(
        new Event.Bye(CloseReason.STOPPING),
        "{'event':'bye','code':4000,'reason':'server stopping','after_ms':3000}");
    assertOnlyChatV1Says(
        new Event.Bye(CloseReason.KICKED), "{'event':'bye','code':4403,'reason':'kicked'}");
  }

  @Test
  void welcome_says_what_holds_here() {
    String start = "{'event':'welcome','version':1,'connection':'c-1','time':1700000000000,"
        + "'heartbeat_ms':25000,'max_frame_bytes':65536,'max_data_bytes':32768,"
        + "'login_within_ms':10000,'features':['history','presence','signal','resume']";
    assertOnlyChatV1Says(welcome(Optional.empty(), Optional.empty()), start + "}");
    assertOnlyChatV1Says(
        welcome(Optional.of(TOM), Optional.of(AT)),
        start + ",'user':{'id':'1','name':'tom'},'expires_at':1700000000000}");
  }

  private static Event welcome(Optional<UserRef> user, Optional<Instant> expiresAt) {
    return new Event.Welcome(
        new ConnectionId("c-1"),
        AT,
        Duration.ofSeconds(25),
        65_536,
        32_768,
        Duration.ofSeconds(10),
        user,
        expiresAt);
  }

  @Test
  void success_without_more_to_say_has_no_data() {
    assertReply(new Result.Done(), "{'op':'op','success':true,'id':7}");
    assertReply(new Result.Pong(), "{'op':'pong','id':7}");
    Reply ping = new Reply(Optional.of("ping"), Optional.empty(), new Result.Pong());
    assertThat(Requests.answer(PLAIN, ping)).isEqualTo(json("{'op':'pong'}"));
  }

  @Test
  void id_is_echoed_in_the_form_it_came() {
    RequestId id = new RequestId("\"a\\u0000\"");
    assertThat(Requests.answer(
            PLAIN, new Reply(Optional.of("x\""), Optional.of(id), new Result.Done())))
        .isEqualTo(json("{'op':'x\\'','success':true,'id':'a\\u0000'}"));
  }

  @Test
  void refusal_says_all_it_knows() {
    assertReply(
        new Result.Refused(Refusal.of(ErrorCode.STORE_UNAVAILABLE)),
        "{'op':'op','error':'Storage unavailable, nothing was recorded','code':'store_unavailable',"
            + "'id':7,'retry':'same'}");
    assertReply(
        new Result.Refused(Refusal.badArgs("since", "no")
            .after(Duration.ofMillis(1_500))
            .about(ROOM)
            .traced("t-1")),
        "{'op':'op','error':'no','code':'bad_args','id':7,'retry':'no','after_ms':1500,"
            + "'channel':'room_101','field':'since','trace':'t-1'}");
    assertReply(
        new Result.Refused(Refusal.of(ErrorCode.RATE_LIMITED)),
        "{'op':'op','error':'Too many messages','code':'rate_limited','id':7,'retry':'later'}");
    assertReply(
        new Result.Refused(Refusal.of(ErrorCode.NOT_AUTHENTICATED)),
        "{'op':'op','error':'No access','code':'not_authenticated','id':7,'retry':'auth'}");
  }

  @Test
  void words_that_are_no_text_are_mended() {
    assertReply(
        new Result.Refused(Refusal.of(ErrorCode.REJECTED, "a\ud800b\udc00\ud83d\ude00\n")),
        "{'op':'op','error':'a\ufffdb\ufffd\ud83d\ude00\\n','code':'rejected','id':7,'retry':'no'}");
  }

  @Test
  void login_says_who_and_until_when() {
    assertData(new Result.LoggedIn(TOM, Optional.empty()), "{'user':{'id':'1','name':'tom'}}");
    assertData(
        new Result.LoggedIn(TOM, Optional.of(AT)),
        "{'user':{'id':'1','name':'tom'},'expires_at':1700000000000}");
    // "Never", as some applications write it, lies beyond the milliseconds of a long.
    assertData(
        new Result.LoggedIn(TOM, Optional.of(Instant.MAX)),
        "{'user':{'id':'1','name':'tom'},'expires_at':9223372036854775807}");
  }

  @Test
  void send_says_where_it_stands() {
    assertData(
        new Result.Sent(new Receipt(ROOM, 42, ID, AT, false)),
        "{'seq':42,'cursor':'42.Zk3f9Qx2bTn7Lw0A','id':'Zk3f9Qx2bTn7Lw0A','at':1700000000000}");
    assertData(
        new Result.Sent(new Receipt(ROOM, 42, ID, AT, true)),
        "{'seq':42,'cursor':'42.Zk3f9Qx2bTn7Lw0A','id':'Zk3f9Qx2bTn7Lw0A','at':1700000000000,"
            + "'duplicate':true}");
    assertData(new Result.SentUnlogged(AT), "{'log':false,'at':1700000000000}");
  }

  @Test
  void subscription_says_where_each_channel_stands() {
    Map<ChannelName, Result.Subscription> channels = new LinkedHashMap<>();
    Cursor cursor = Cursor.of(42, ID);
    channels.put(
        ROOM,
        new Result.Subscription(
            42,
            cursor,
            true,
            Optional.empty(),
            true,
            OptionalLong.empty(),
            false,
            Optional.empty(),
            Optional.empty()));
    channels.put(
        ChannelName.of("b"),
        new Result.Subscription(
            42,
            cursor,
            true,
            Optional.of(List.of(MESSAGE, MESSAGE)),
            true,
            OptionalLong.of(5),
            true,
            Optional.of(new TrimmedRange(3, 4)),
            Optional.of(
                new Result.PresencePage(2, List.of(new Result.PresentUser(TOM, 3)), true))));
    channels.put(
        ChannelName.of("c"),
        new Result.Subscription(
            0,
            Cursor.START,
            false,
            Optional.empty(),
            false,
            OptionalLong.empty(),
            false,
            Optional.empty(),
            Optional.empty()));
    assertData(
        new Result.Subscribed(channels),
        "{'channels':{'room_101':{'head':42,'cursor':'42.Zk3f9Qx2bTn7Lw0A','log':true},"
            + "'b':{'head':42,'cursor':'42.Zk3f9Qx2bTn7Lw0A','log':true,'messages':["
            + MESSAGE_TEXT + "," + MESSAGE_TEXT + "],'more':true,'missed':5,'reset':true,"
            + "'trimmed':{'from':3,'to':4},'presence':{'count':2,'users':[{'id':'1','name':'tom',"
            + "'connections':3}],'more':true}},'c':{'log':false}}}");
  }

  @Test
  void history_has_the_text_of_the_events() {
    assertData(
        new Result.HistoryPage(ROOM, List.of(MESSAGE), true, false),
        "{'channel':'room_101','messages':[" + MESSAGE_TEXT + "],'more':true}");
    assertData(
        new Result.HistoryPage(ROOM, List.of(), false, true),
        "{'channel':'room_101','messages':[],'more':false,'reset':true}");
  }

  @Test
  void history_shows_each_client_what_its_stream_would() {
    Entry copy = entry(EntryKind.COPY, "10001", Optional.of(TOM));
    Reply reply = new Reply(
        Optional.of("history"),
        Optional.empty(),
        new Result.HistoryPage(ROOM, List.of(copy, MESSAGE, copy), false, false));
    String copyText = CHAT_V1.encode(new Event.Recorded(copy)).orElseThrow();
    assertThat(Requests.answer(CHAT_V1, reply))
        .contains("[" + copyText + "," + MESSAGE_TEXT + "," + copyText + "]");
    assertThat(Requests.answer(PLAIN, reply)).contains("[" + MESSAGE_TEXT + "]");
  }

  @Test
  void presence_is_told_a_row_a_user() {
    assertData(
        new Result.Present(new Result.PresencePage(
            7, List.of(new Result.PresentUser(TOM, 1), new Result.PresentUser(ANN, 2)), false)),
        "{'count':7,'users':[{'id':'1','name':'tom','connections':1},"
            + "{'id':'2','name':'Ann \\'A\\' <b>','connections':2}],'more':false}");
  }

  @Test
  void answer_of_an_op_of_the_application_is_its_data() {
    assertData(new Result.Custom(Json.parse("[ 1, {\"a\": 1e400} ]")), "[1,{'a':1e400}]");
  }

  @Test
  void manners_are_those_of_the_protocol() {
    assertThat(PLAIN.manners().subprotocol()).isEmpty();
    assertThat(PLAIN.manners().joinsFrames()).isFalse();
    assertThat(PLAIN.manners().greets()).isFalse();
    assertThat(PLAIN.manners().pings()).isFalse();
    assertThat(PLAIN.manners().canBeReset()).isFalse();
    assertThat(CHAT_V1.manners().subprotocol()).contains("chat.v1");
    assertThat(CHAT_V1.manners().joinsFrames()).isTrue();
    assertThat(CHAT_V1.manners().greets()).isTrue();
    assertThat(CHAT_V1.manners().pings()).isTrue();
    assertThat(CHAT_V1.manners().canBeReset()).isTrue();
  }
}
