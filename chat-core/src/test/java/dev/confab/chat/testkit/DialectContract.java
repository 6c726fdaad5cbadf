package dev.confab.chat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

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
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.Reply;
import dev.confab.chat.protocol.RequestId;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.Dialect;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  private static final List<Instant> TIMES =
      List.of(Instant.ofEpochMilli(1_700_000_000_000L), Instant.EPOCH, Instant.MIN, Instant.MAX);

  /** The dialect; called once for each test. */
  protected abstract Dialect dialect();

  /** A frame of one request that bears this id, as a client writes it: {@code {"op":"ping","id":7}}. */
  protected abstract String request(int id);

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

  @Test
  @Rule("DIALECT-1")
  void what_is_asked_is_told_with_its_id() {
    assertThat(dialect().decode(request(7)))
        .singleElement()
        .isInstanceOfSatisfying(
            Decoded.Request.class,
            request -> assertThat(request.id()).contains(new RequestId("7")));
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
      assertThat(dialect().decode(frame))
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
    Dialect dialect = dialect();
    String signs = "{}[]\",:\\ 0123456789-+.eEu\n\r\t\u0000\ud800\udc00é";
    for (int i = 0; i < RANDOM_FRAMES; i++) {
      StringBuilder frame = new StringBuilder(random.nextBoolean() ? request(i) : "");
      for (int sign = random.nextInt(12); sign >= 0; sign--) {
        frame.insert(
            random.nextInt(frame.length() + 1), signs.charAt(random.nextInt(signs.length())));
      }
      assertThatCode(() -> dialect.decode(frame.toString()))
          .as("seed %d: %s", seed, frame)
          .doesNotThrowAnyException();
    }
  }

  @Test
  @Rule("DIALECT-1")
  void every_object_gives_one_result_in_order() {
    Dialect dialect = dialect();
    if (!dialect.manners().joinsFrames()) {
      for (int i = 0; i < 100; i++) {
        assertThat(dialect.decode(i % 3 == 1 ? unreadable() : request(i))).hasSize(1);
      }
      return;
    }
    List<String> objects = IntStream.range(0, 100)
        .mapToObj(i -> i % 3 == 1 ? unreadable() : request(i))
        .toList();
    List<Decoded> decoded = dialect.decode(joined(objects));
    assertThat(decoded).hasSize(100);
    for (int i = 0; i < 100; i++) {
      if (i % 3 == 1) {
        assertThat(decoded.get(i)).isInstanceOf(Decoded.Malformed.class);
      } else {
        assertThat(decoded.get(i).id()).contains(new RequestId(String.valueOf(i)));
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

  /** All that a dialect can be given to encode, the harmless and the other, as text; nothing for what is not shown. */
  private static List<String> encoded(Dialect dialect) {
    List<String> texts = new ArrayList<>();
    for (Event event : events()) {
      dialect.encode(event).ifPresent(texts::add);
    }
    for (Result result : results()) {
      texts.add(dialect.encode(new Reply(Optional.empty(), Optional.empty(), result)));
      texts.add(dialect.encode(
          new Reply(Optional.of("op\n"), Optional.of(new RequestId("\"\\n\"")), result)));
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
    events.add(new Event.Joined(channel, user()));
    events.add(new Event.Left(channel, user()));
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
