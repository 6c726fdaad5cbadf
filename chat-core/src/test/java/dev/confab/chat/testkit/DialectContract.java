package dev.confab.chat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RequestId;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The rules of {@link Dialect}. Extend it, and say how the dialect's clients write and what they are shown. */
public abstract class DialectContract {
  private static final int RANDOM_FRAMES = 2_000;

  private static final List<String> TEXTS = List.of(
      "hello,world!",
      "two\nlines\r\nand \u2028 \u2029 more",
      "\u0000\u001f\u007f\\\"</script>",
      "\ud83d\ude00 äöü");

  /** Texts that nobody checks, such as the words of an interceptor, may even be none. */
  private static final String NO_TEXT = "\udc00 \ud800\n";

  private static final String SECRET = "open-sesame-Qx2bTn7Lw0A";

  private static final ConnectionId CONNECTION = new ConnectionId("c8Jk2mPq0Rt5Vw9Z");

  private static final Handshake HANDSHAKE = Handshake.of("/chat", Optional.empty());

  private static final List<Instant> TIMES =
      List.of(Instant.ofEpochMilli(1_700_000_000_000L), Instant.EPOCH, Instant.MIN, Instant.MAX);

  /** The dialect; called once for each test. */
  protected abstract Dialect dialect();

  /** A frame of one request that bears this id, if requests have any, as a client writes it: {@code {"op":"ping","id":7}}. */
  protected abstract String request(int id);

  /** False if requests of this protocol have no ids. */
  protected boolean hasIds() {
    return true;
  }

  /** More that a client may send: at best one frame of each kind the protocol knows. */
  protected List<String> frames() {
    return List.of();
  }

  /** The frames in which a client shows this secret; none if its protocol has none. */
  protected List<String> showing(String secret) {
    return List.of();
  }

  /** Such a frame cut short, so that it can not be read, but not so short that nothing was asked. */
  protected String unreadable() {
    return request(7).substring(0, request(7).length() - 1);
  }

  /** One frame of several objects; only called where frames are joined. */
  protected String joined(List<String> objects) {
    return String.join("\n", objects);
  }

  /** True if clients are shown this event. */
  protected abstract boolean shows(Event event);

  private Conversation conversation() {
    return conversation(dialect());
  }

  private static Conversation conversation(Dialect dialect) {
    return dialect.open(new Dialect.Opening(CONNECTION, HANDSHAKE));
  }

  @Test
  @Rule("DIALECT-1")
  void what_is_asked_is_told_with_its_id() {
    assertThat(conversation().decode(request(7))).singleElement().satisfies(decoded -> {
      assertThat(decoded).isNotInstanceOf(Decoded.Malformed.class);
      assertThat(decoded.id())
          .isEqualTo(hasIds() ? Optional.of(new RequestId("7")) : Optional.empty());
    });
  }

  @Test
  @Rule("DIALECT-1")
  void what_can_not_be_read_is_malformed() {
    List<String> frames = new ArrayList<>(List.of(
        unreadable(),
        "\u0000",
        "\ud800",
        "<html>",
        "{\"\ud800",
        "[".repeat(70_000),
        "{\"a\":".repeat(14_000),
        "\"".repeat(70_001),
        "9".repeat(70_000),
        "{\"op\":\"" + "x".repeat(70_000)));
    for (String frame : frames) {
      assertThat(conversation().decode(frame))
          .as("a frame that begins with %.40s", frame)
          .singleElement()
          .isInstanceOf(Decoded.Malformed.class);
    }
  }

  @Test
  @Rule("DIALECT-1")
  void no_frame_makes_decoding_throw() {
    long seed = Long.getLong("confab.seed", new SplittableRandom().nextLong());
    SplittableRandom random = new SplittableRandom(seed);
    Conversation conversation = conversation();
    String signs = "{}[]\",:\\ 0123456789-+.eEu\n\r\t\u0000\ud800\udc00é";
    for (int i = 0; i < RANDOM_FRAMES; i++) {
      StringBuilder frame = new StringBuilder(random.nextBoolean() ? request(i) : "");
      for (int sign = random.nextInt(12); sign >= 0; sign--) {
        frame.insert(
            random.nextInt(frame.length() + 1), signs.charAt(random.nextInt(signs.length())));
      }
      assertThatCode(() -> conversation.decode(frame.toString()))
          .as("seed %d: %s", seed, frame)
          .doesNotThrowAnyException();
    }
  }

  @Test
  @Rule("DIALECT-1")
  void every_object_gives_one_result_in_order() {
    Dialect dialect = dialect();
    Conversation conversation = conversation(dialect);
    if (!dialect.manners().joinsFrames()) {
      for (int i = 0; i < 100; i++) {
        assertThat(conversation.decode(i % 3 == 1 ? unreadable() : request(i))).hasSize(1);
      }
      return;
    }
    List<String> objects = IntStream.range(0, 100)
        .mapToObj(i -> i % 3 == 1 ? unreadable() : request(i))
        .toList();
    List<Decoded> decoded = conversation.decode(joined(objects));
    assertThat(decoded).hasSize(100);
    for (int i = 0; i < 100; i++) {
      if (i % 3 == 1) {
        assertThat(decoded.get(i)).isInstanceOf(Decoded.Malformed.class);
      } else {
        assertThat(decoded.get(i)).isNotInstanceOf(Decoded.Malformed.class);
        if (hasIds()) {
          assertThat(decoded.get(i).id()).contains(new RequestId(String.valueOf(i)));
        }
      }
    }
  }

  @Test
  @Rule("DIALECT-2")
  void same_value_gives_the_same_text() {
    Dialect dialect = dialect();
    List<String> first = encoded(dialect);
    assertThat(encoded(dialect)).isEqualTo(first);
    assertThat(encoded(dialect())).isEqualTo(first);
  }

  @Test
  @Rule("DIALECT-2")
  void same_value_gives_the_same_text_on_any_thread() {
    Dialect dialect = dialect();
    Set<List<String>> texts = IntStream.range(0, 64)
        .parallel()
        .mapToObj(i -> encoded(dialect))
        .collect(Collectors.toSet());
    assertThat(texts).hasSize(1);
  }

  @Test
  @Rule("DIALECT-3")
  void text_has_no_line_break_where_frames_are_joined() {
    Dialect dialect = dialect();
    if (dialect.manners().joinsFrames()) {
      assertThat(encoded(dialect)).allSatisfy(text -> assertThat(text).doesNotContain("\n", "\r"));
    }
  }

  @Test
  @Rule("DIALECT-4")
  void event_is_encoded_if_and_only_if_it_is_shown() {
    Dialect dialect = dialect();
    for (Event event : events()) {
      Optional<String> text = dialect.encode(event);
      assertThat(text.isPresent()).as("%s", event).isEqualTo(shows(event));
      text.ifPresent(shown -> assertThat(shown).isNotBlank());
    }
  }

  @Test
  @Rule("DIALECT-5")
  void every_result_of_everything_that_is_asked_can_be_answered() {
    Conversation conversation = conversation();
    List<Decoded> asked = asked(conversation);
    for (Result result : results()) {
      for (Decoded each : asked) {
        assertThatCode(() -> answer(conversation, each, result))
            .as("%s answered with %s", each, result)
            .doesNotThrowAnyException();
      }
    }
  }

  @Test
  @Rule("DIALECT-5")
  void what_another_conversation_asked_can_be_answered() {
    Dialect dialect = dialect();
    List<Decoded> asked = new ArrayList<>(asked(conversation(dialect)));
    asked.add(new Decoded.Request(
        "elsewhere", Optional.empty(), new Command.Custom("elsewhere", List.of(Json.NULL))));
    asked.add(new Decoded.Request(
        "said",
        Optional.empty(),
        new Command.Send(ChannelName.of("elsewhere"), Json.NULL, Optional.empty())));
    Conversation other = conversation(dialect);
    for (Result result : results()) {
      for (Decoded each : asked) {
        assertThatCode(() -> answer(other, each, result))
            .as("%s answered with %s", each, result)
            .doesNotThrowAnyException();
      }
    }
  }

  @Test
  @Rule("DIALECT-5")
  void answers_can_be_made_while_frames_are_decoded() {
    Conversation conversation = conversation();
    List<Decoded> asked = asked(conversation);
    List<Result> results = results();
    assertThatCode(() -> IntStream.range(0, 2_000).parallel().forEach(i -> {
          if (i % 500 == 0) {
            synchronized (asked) {
              asked(conversation);
            }
          }
          answer(conversation, asked.get(i % asked.size()), results.get(i % results.size()));
        }))
        .doesNotThrowAnyException();
  }

  @Test
  @Rule("DIALECT-5")
  void any_opening_request_begins_a_conversation() {
    Map<String, List<String>> query = new LinkedHashMap<>();
    for (String text : List.of("", "x".repeat(5_000), NO_TEXT, "0", " ")) {
      for (String name : List.of("token", "name", "room_id", "uid", text)) {
        query.put(name, List.of(text));
      }
      Handshake strange = new Handshake(
          "/", Optional.empty(), Optional.empty(), Optional.empty(), query, Map.of(), Map.of());
      assertThatCode(() -> dialect()
              .open(new Dialect.Opening(CONNECTION, strange))
              .opened()
              .forEach(first -> {}))
          .as("%s", query)
          .doesNotThrowAnyException();
    }
  }

  @Test
  @Rule("DIALECT-6")
  void conversation_knows_nothing_of_another() {
    List<String> alone = everything(conversation());
    Dialect shared = dialect();
    Conversation before = conversation(shared);
    everything(before);
    assertThat(everything(conversation(shared))).isEqualTo(alone);
    Conversation meanwhile = conversation(shared);
    everything(conversation(shared));
    assertThat(everything(meanwhile)).isEqualTo(alone);
  }

  @Test
  @Rule("DIALECT-7")
  void secret_that_was_shown_is_told_to_nobody() {
    for (String frame : showing(SECRET)) {
      assertThat(frame).contains(SECRET);
      Conversation conversation = conversation();
      List<Decoded> asked = new ArrayList<>(conversation.decode(frame));
      asked.addAll(links(asked));
      for (Decoded each : asked) {
        assertThat(each.toString()).doesNotContain(SECRET);
        for (Result result : results()) {
          assertThat(told(conversation, each, result)).doesNotContain(SECRET);
        }
      }
    }
  }

  /** What was asked in its name, by every frame there is, and each link of what was asked as one. */
  private List<Decoded> asked(Conversation conversation) {
    List<Decoded> asked = new ArrayList<>(conversation.opened());
    asked.addAll(conversation.decode(request(7)));
    asked.add(
        new Decoded.Malformed(Optional.empty(), Optional.empty(), Refusal.of(ErrorCode.BAD_FRAME)));
    frames().forEach(frame -> asked.addAll(conversation.decode(frame)));
    showing(SECRET).forEach(frame -> asked.addAll(conversation.decode(frame)));
    asked.addAll(links(asked));
    for (Decoded each : List.copyOf(asked)) {
      if (each instanceof Decoded.Deferred deferred) {
        // What it turns out to be is what is answered.
        asked.remove(each);
        asked.add(deferred.when().apply(Optional.empty()));
        asked.add(deferred.when().apply(Optional.of(Identity.of("17", "Ann"))));
      }
    }
    return asked;
  }

  private static List<Decoded> links(List<Decoded> asked) {
    List<Decoded> links = new ArrayList<>();
    for (Decoded each : asked) {
      if (each instanceof Decoded.Chain chain) {
        links.addAll(chain.links());
      }
    }
    return links;
  }

  /** A whole conversation: all that is asked in it, and all the answers. */
  private List<String> everything(Conversation conversation) {
    List<String> everything = new ArrayList<>();
    for (int round = 0; round < 2; round++) {
      for (Decoded each : asked(conversation)) {
        everything.add(each.toString());
        for (Result result : results()) {
          everything.add(told(conversation, each, result));
        }
      }
    }
    return everything;
  }

  /** All of an answer; that none may throw is another rule's. */
  private static String told(Conversation conversation, Decoded asked, Result result) {
    try {
      return answer(conversation, asked, result).toString();
    } catch (RuntimeException thrown) {
      return "";
    }
  }

  /** Chains are answered link by link. */
  private static Conversation.Answer answer(
      Conversation conversation, Decoded asked, Result result) {
    Decoded link = asked instanceof Decoded.Chain chain ? chain.links().get(0) : asked;
    return Objects.requireNonNull(conversation.answer(link, result));
  }

  /** All that a dialect can be given to encode, the harmless and the other, as text; nothing for what is not shown. */
  private static List<String> encoded(Dialect dialect) {
    List<String> texts = new ArrayList<>();
    for (Event event : events()) {
      dialect.encode(event).ifPresent(texts::add);
    }
    Refusal refusal = Refusal.of(ErrorCode.BAD_FRAME);
    for (Result result : results()) {
      for (Decoded asked : List.of(
          new Decoded.Malformed(Optional.empty(), Optional.empty(), refusal),
          new Decoded.Malformed(
              Optional.of("op\n"), Optional.of(new RequestId("\"\\n\"")), refusal))) {
        conversation(dialect).answer(asked, result).text().ifPresent(texts::add);
      }
    }
    return texts;
  }

  private static List<Event> events() {
    List<Event> events = new ArrayList<>();
    ChannelName channel = ChannelName.of("room_\"1\"");
    for (Instant time : TIMES) {
      for (String text : TEXTS) {
        Json data = Json.string(text);
        for (Optional<UserRef> from : List.of(Optional.<UserRef>empty(), Optional.of(user()))) {
          events.add(new Event.Unlogged(channel, from, time, data));
          events.add(new Event.Signalled(channel, from, 7, data));
          events.add(new Event.Recorded(entry(EntryKind.MESSAGE, "", from, time, data)));
          events.add(new Event.Recorded(entry(EntryKind.COPY, "2", from, time, data)));
          events.add(new Event.Recorded(entry(EntryKind.COPY, NO_TEXT, from, time, data)));
          events.add(new Event.Recorded(entry(EntryKind.REDACTION, "6", from, time, data)));
          events.add(new Event.Recorded(entry(EntryKind.REDACTION, NO_TEXT, from, time, data)));
        }
      }
      events.add(new Event.Expiring(time));
      events.add(welcome(time, Optional.empty()));
      events.add(welcome(time, Optional.of(user())));
    }
    events.add(new Event.Joined(channel, user(), TIMES.get(0)));
    events.add(new Event.Left(channel, user(), Instant.MAX));
    events.add(new Event.PresenceCount(channel, 0));
    events.add(new Event.PresenceCount(channel, Long.MAX_VALUE));
    events.add(new Event.Live(channel, 0));
    events.add(new Event.Live(channel, Long.MAX_VALUE));
    events.add(new Event.Reset(channel, Head.EMPTY));
    events.add(new Event.Reset(channel, new Head(Cursor.of(7, ID), 7)));
    events.add(new Event.Trimmed(channel, new TrimmedRange(1, Long.MAX_VALUE)));
    events.add(new Event.Ping());
    events.add(new Event.Bye(CloseReason.NORMAL));
    events.add(new Event.Bye(
        CloseReason.of(4000, NO_TEXT).comeBackAfter(Duration.ofSeconds(Long.MAX_VALUE))));
    return events;
  }

  private static List<Result> results() {
    ChannelName channel = ChannelName.of("room_\"1\"");
    List<Result> results = new ArrayList<>(List.of(
        new Result.Done(),
        new Result.Pong(),
        new Result.LoggedIn(user(), Optional.empty()),
        new Result.Custom(Json.string("a\nb")),
        new Result.Present(presence()),
        new Result.Refused(new Refusal(
            ErrorCode.REJECTED,
            NO_TEXT,
            Optional.of(Duration.ofSeconds(Long.MAX_VALUE)),
            Optional.of(channel),
            Optional.of(NO_TEXT),
            Optional.of(NO_TEXT)))));
    for (ErrorCode code : ErrorCode.values()) {
      results.add(new Result.Refused(Refusal.of(code)));
    }
    for (Instant time : TIMES) {
      List<Entry> entries = TEXTS.stream()
          .map(text -> entry(EntryKind.MESSAGE, "", Optional.of(user()), time, Json.string(text)))
          .toList();
      results.add(new Result.LoggedIn(user(), Optional.of(time)));
      results.add(new Result.Sent(new Receipt(channel, 7, ID, time, true)));
      results.add(new Result.SentUnlogged(time));
      results.add(new Result.HistoryPage(channel, entries, true, true));
      Map<ChannelName, Result.Subscription> channels = new LinkedHashMap<>();
      channels.put(channel, subscription(true, Optional.of(entries)));
      channels.put(ChannelName.BROADCAST, subscription(false, Optional.empty()));
      results.add(new Result.Subscribed(channels));
    }
    return results;
  }

  private static final EntryId ID = new EntryId("Zk3f9Qx2bTn7Lw0A");

  private static UserRef user() {
    return new UserRef(new UserId("\\1\""), "tom \"\u2028\"");
  }

  private static Entry entry(
      EntryKind kind, String about, Optional<UserRef> from, Instant at, Json data) {
    return new Entry(
        ChannelName.of("room_\"1\""),
        7,
        ID,
        kind,
        7,
        about,
        from,
        from.map(user -> SendKey.of("a.b")),
        at,
        data);
  }

  private static Event welcome(Instant time, Optional<UserRef> user) {
    return new Event.Welcome(
        new ConnectionId("\"c\""),
        time,
        Duration.ofSeconds(Long.MAX_VALUE),
        1,
        Integer.MAX_VALUE,
        Duration.ZERO,
        user,
        user.map(known -> time));
  }

  private static Result.PresencePage presence() {
    return new Result.PresencePage(
        2, List.of(new Result.PresentUser(user(), 1), new Result.PresentUser(user(), 32)), true);
  }

  private static Result.Subscription subscription(boolean full, Optional<List<Entry>> messages) {
    return new Result.Subscription(
        full ? 7 : 0,
        full ? Cursor.of(7, ID) : Cursor.START,
        full,
        messages,
        full,
        full ? OptionalLong.of(3) : OptionalLong.empty(),
        full,
        full ? Optional.of(new TrimmedRange(1, 2)) : Optional.empty(),
        full ? Optional.of(presence()) : Optional.empty());
  }

  /** An event that was added later is missed here, not by the clients. */
  @Test
  @Rule("DIALECT-4")
  void every_kind_of_event_and_result_is_tried() {
    assertThat(events().stream().map(Event::getClass).map(Class.class::cast).toList())
        .containsAll(Arrays.asList(Event.class.getPermittedSubclasses()));
    assertThat(results().stream().map(Result::getClass).map(Class.class::cast).toList())
        .containsAll(Arrays.stream(Result.class.getPermittedSubclasses()).toList());
  }
}
