package dev.confab.chat.internal.engine;

import static dev.confab.chat.internal.engine.World.hears;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.Chat;
import dev.confab.chat.ChatBuilder;
import dev.confab.chat.internal.dialect.Dialects;
import dev.confab.chat.internal.engine.World.Client;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.PlainData;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.RequestId;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.AccessPolicy;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Guests;
import dev.confab.chat.testkit.QueueExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a chat does for dialects of others: how they are chosen, chains, answers or none, ends, and their manners. */
final class OtherDialectsTest {
  private static final Dialect.Manners MANNERS = Dialect.Manners.plain();
  private static final ChannelName ROOM = ChannelName.of("room_1");

  private final World.Parts parts = new World.Parts();

  OtherDialectsTest() {
    parts.authenticator = Guests.beside(parts.authenticator);
  }

  /**
   * Frames are words, each a command: {@code guest}, {@code join}, {@code leave}, {@code say}, {@code ping}, {@code op}; those
   * behind {@code +} are a chain. Answers are what was asked and what came of it; there is none to {@code say}.
   */
  private static class Words implements Dialect {
    private final Manners manners;
    private final List<Decoded> first;

    Words(Manners manners, Decoded... first) {
      this.manners = manners;
      this.first = List.of(first);
    }

    @Override
    public Manners manners() {
      return manners;
    }

    @Override
    public Conversation open(Opening opening) {
      return new Conversation() {
        @Override
        public List<Decoded> opened() {
          return first;
        }

        @Override
        public List<Decoded> decode(String frame) {
          if (frame.startsWith("+")) {
            return List.of(new Decoded.Chain(
                Stream.of(frame.substring(1).split(" ")).map(this::request).toList()));
          }
          return Stream.of(frame.split(" "))
              .map(word -> switch (word) {
                case "mine" -> mine();
                case "enter" -> enter();
                case "swap" -> swap();
                default -> request(word);
              })
              .toList();
        }

        /** Into the room; before that in at all, if nobody is. */
        private Decoded enter() {
          return new Decoded.Deferred(
              "join",
              Optional.empty(),
              who -> new Decoded.Chain(
                  who.isPresent()
                      ? List.of(request("join"))
                      : List.of(request("guest"), request("join"))));
        }

        /** The answer to this bears an id, what comes before it none. */
        private Decoded swap() {
          Optional<RequestId> id = Optional.of(new RequestId("7"));
          return new Decoded.Deferred(
              "swap",
              id,
              who -> new Decoded.Chain(
                  List.of(request("leave"), new Decoded.Request("swap", id, join(ROOM)))));
        }

        private Decoded mine() {
          return new Decoded.Deferred(
              "mine",
              Optional.empty(),
              who -> who.<Decoded>map(known -> new Decoded.Request(
                      "user_" + known.id(), Optional.empty(), join(ChannelName.user(known.id()))))
                  .orElseGet(() -> new Decoded.Malformed(
                      Optional.of("mine"),
                      Optional.empty(),
                      Refusal.of(ErrorCode.NOT_AUTHENTICATED))));
        }

        private Decoded.Request request(String word) {
          Command command = switch (word) {
            case "guest" ->
              new Command.Authenticate(
                  new Credentials.Guest(opening.connection(), Optional.of("Gus")));
            case "join" -> join(ROOM);
            case "secret" -> join(ChannelName.of("secret_1"));
            case "leave" -> new Command.Unsubscribe(List.of(ROOM));
            case "say" -> new Command.Send(ROOM, Json.string("hi"), Optional.empty());
            case "ping" -> new Command.Ping();
            case "op" -> new Command.Custom("op", List.of());
            default -> throw new IllegalStateException("a bug in a dialect");
          };
          return new Decoded.Request(word, Optional.empty(), command);
        }

        @Override
        public Answer answer(Decoded asked, Result result) {
          String op = asked.named().orElse("?");
          if (op.equals("op")) {
            throw new IllegalStateException("a bug in a dialect");
          }
          if (result instanceof Result.Refused refused) {
            Answer answer = Answer.of(op + " " + refused.refusal().code().code());
            return op.equals("secret") ? answer.thenClose(CloseReason.of(4401, "go away")) : answer;
          }
          return op.equals("leave") ? Answer.nothing() : Answer.of(op + " ok");
        }
      };
    }

    @Override
    public Optional<String> encode(Event event) {
      if (event instanceof Event.Recorded recorded) {
        return Optional.of("event " + recorded.entry().data().text());
      } else if (event instanceof Event.Welcome) {
        return Optional.of("welcome");
      }
      return event instanceof Event.Ping ? Optional.of("ping?") : Optional.empty();
    }
  }

  private static Command join(ChannelName channel) {
    return new Command.Subscribe(List.of(channel), Map.of(), OptionalLong.empty(), false);
  }

  private Client client(Dialect dialect) {
    return client(new World(with(dialect)), "/words");
  }

  private World.Parts with(Dialect dialect) {
    parts.dialects = new Dialects(PlainData.AS_SENT, List.of(), Map.of("/words", dialect));
    return parts;
  }

  private static Client client(World world, String path) {
    return world.connect(Handshake.of(path, Optional.empty()));
  }

  @Test
  void who_offers_no_subprotocol_is_spoken_to_as_the_longest_end_of_the_path_says() {
    Dialect words = new Words(MANNERS);
    Dialect longer = new Words(MANNERS.greeting());
    Dialect named = new Words(MANNERS.chosenBy("words.v1"));
    Dialects dialects = new Dialects(
        PlainData.AS_SENT, List.of(named), Map.of("/words", words, "/many/words", longer));
    assertThat(dialects.of(Handshake.of("/app/words", Optional.empty()))).isSameAs(words);
    assertThat(dialects.of(Handshake.of("/app/many/words", Optional.empty()))).isSameAs(longer);
    assertThat(dialects.of(Handshake.of("/words", Optional.of("words.v1")))).isSameAs(named);
    assertThat(dialects
            .of(Handshake.of("/words", Optional.of("chat.v1")))
            .manners()
            .subprotocol())
        .contains("chat.v1");
    for (String other : List.of("/chat", "/words/", "/wordsworth", "/")) {
      assertThat(dialects.of(Handshake.of(other, Optional.empty())).manners()).isEqualTo(MANNERS);
      assertThat(dialects.of(Handshake.of(other, Optional.empty()))).isNotSameAs(words);
    }
    assertThat(dialects.subprotocols()).containsExactly("chat.v1", "words.v1");
    assertThat(dialects.all()).hasSize(5).doesNotHaveDuplicates();
  }

  @Test
  void two_dialects_that_would_be_chosen_alike_are_refused() {
    ChatBuilder builder = Chat.builder().dialect("/words", new Words(MANNERS));
    assertThatThrownBy(() -> builder.dialect("/words", new Words(MANNERS)))
        .hasMessage("two dialects have the path /words");
    assertThatThrownBy(() -> builder.dialect("words", new Words(MANNERS)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.dialect(new Words(MANNERS)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dialect(path, dialect)");
    assertThatThrownBy(() -> builder.dialect(new Words(MANNERS.chosenBy("chat.v1"))))
        .hasMessage("two dialects have the subprotocol chat.v1");
    builder.dialect(new Words(MANNERS.chosenBy("words.v1")));
    // As ws://host:7272 asks for; it was refused.
    builder.dialect("/", new Words(MANNERS));
    assertThatThrownBy(() -> builder.dialect(new Words(MANNERS.chosenBy("words.v1"))))
        .hasMessage("two dialects have the subprotocol words.v1");
    assertThatThrownBy(() -> MANNERS.chosenBy("two words"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void links_of_a_chain_are_done_in_order_until_one_is_refused() {
    Client tom = client(new Words(MANNERS));
    // Without login the second is refused, and the third neither done nor answered.
    hears(tom.asks("+leave join say"), "leave not_authenticated");
    hears(tom.asks("+guest join say"), "guest ok", "join ok", "event 'hi'", "say ok");
    hears(tom.asks("+say"), "event 'hi'", "say ok");
    // A ping is answered at the edge; what is answered with nothing holds nothing back.
    hears(tom.asks("leave say ping"), "ping ok", "say ok");
  }

  @Test
  void a_chain_that_broke_leaves_what_comes_behind_it_alone() {
    Client tom = client(new Words(MANNERS));
    tom.says("+leave join say").says("say");
    hears(tom.asks("guest"), "leave not_authenticated", "say not_authenticated", "guest ok");
    hears(tom.asks("+join say"), "join ok", "event 'hi'", "say ok");
  }

  @Test
  void an_answer_may_be_the_last_word() {
    parts.accessByPrefix.put("secret_", denied());
    World world = new World(with(new Words(MANNERS)));
    Client tom = client(world, "/words");
    tom.asks("guest");
    tom.says("secret").says("say");
    world.run();
    hears(tom.heard(), "secret denied");
    assertThat(tom.closedWith()).isEqualTo(4401);
    assertThat(world.engine().journal().counters().recorded()).isZero();
  }

  private static AccessPolicy denied() {
    return (who, what, where) -> {
      throw new RefusedException(ErrorCode.DENIED);
    };
  }

  @Test
  void what_is_asked_in_its_name_comes_before_the_greeting_and_before_its_first_frame() {
    Decoded guest = new Decoded.Request(
        "in", Optional.empty(), new Command.Authenticate(new Credentials.Password("tom", "pw")));
    Decoded join = new Decoded.Request("join", Optional.empty(), join(ROOM));
    World world = new World(with(new Words(
        MANNERS.greeting(),
        new Decoded.Chain(List.of((Decoded.Request) guest, (Decoded.Request) join)))));
    Client tom = client(world, "/words");
    tom.says("ping say");
    world.run();
    hears(tom.heard(), "in ok", "join ok", "welcome", "ping ok", "event 'hi'", "say ok");
    assertThat(world.engine().sessions().users()).isEqualTo(1);
  }

  @Test
  void what_was_asked_in_its_name_and_refused_is_answered_too() {
    World world = new World(with(
        new Words(MANNERS.greeting(), new Decoded.Request("join", Optional.empty(), join(ROOM)))));
    Client tom = client(world, "/words");
    world.run();
    hears(tom.heard(), "join not_authenticated", "welcome");
  }

  @Test
  void binary_frames_are_passed_over_where_the_manners_say_so() {
    World world = new World(with(new Words(MANNERS.ignoringBinary())));
    Client tom = client(world, "/words");
    tom.saysBytes();
    hears(tom.asks("ping"), "ping ok");
    assertThat(tom.closedWith()).isZero();
  }

  @Test
  void a_send_is_acknowledged_before_its_event_where_the_manners_say_so() {
    // With one pump nothing but the order of the queues decides; that it holds on several is the
    // journal's part.
    Client tom = client(new Words(MANNERS.acknowledgingFirst()));
    tom.asks("+guest join");
    hears(tom.asks("say"), "say ok", "event 'hi'");
  }

  @Test
  void who_is_acknowledged_first_and_leaves_in_the_same_breath_is_shown_its_event_too() {
    World world = new World(with(new Words(MANNERS.acknowledgingFirst())));
    for (int member = 0; member < 20; member++) {
      client(world, "/words").asks("+guest join");
    }
    Client tom = client(world, "/words");
    tom.asks("+guest join");
    tom.heard();
    // The answer to the ping lets a pump see to tom before the pass of the room does.
    tom.says("say").says("ping").says("leave");
    QueueExecutor.runAll(world.doors, world.journal);
    world.pumps.runOne();
    QueueExecutor.runAll(world.doors, world.journal);
    world.run();
    hears(tom.heard(), "ping ok", "say ok", "event 'hi'");
    assertThat(world.engine().intake().isIdle()).isTrue();
  }

  @Test
  void a_dialect_that_throws_costs_only_the_connection() {
    World world = new World(with(new Words(MANNERS)));
    Client tom = client(world, "/words");
    Client ann = client(world, "/words");
    tom.says("nonsense");
    world.run();
    assertThat(tom.closedWith()).isEqualTo(4100);
    ann.asks("guest");
    ann.says("op");
    world.run();
    assertThat(ann.closedWith()).isEqualTo(4100);
    hears(client(world, "/words").asks("ping"), "ping ok");
    assertThat(world.engine().intake().isIdle()).isTrue();
  }

  @Test
  void a_conversation_is_told_that_what_it_asked_was_too_much() {
    parts.limits.waitingCommands(1);
    Client tom = client(new Words(MANNERS));
    tom.says("+guest join say");
    hears(tom.asks("ping"), "ping ok", "guest ok", "join overloaded");
  }

  @Test
  void a_conversation_is_told_once_that_it_is_over() {
    AtomicInteger over = new AtomicInteger();
    Dialect words = new Words(MANNERS) {
      @Override
      public Conversation open(Opening opening) {
        Conversation spoken = super.open(opening);
        return new Conversation() {
          @Override
          public List<Decoded> opened() {
            return spoken.opened();
          }

          @Override
          public List<Decoded> decode(String frame) {
            return spoken.decode(frame);
          }

          @Override
          public Answer answer(Decoded asked, Result result) {
            return spoken.answer(asked, result);
          }

          @Override
          public void closed() {
            over.incrementAndGet();
            throw new IllegalStateException("a bug in a dialect");
          }
        };
      }
    };
    World world = new World(with(words));
    Client tom = client(world, "/words");
    hears(tom.asks("guest"), "guest ok");
    assertThat(over).hasValue(0);
    tom.leaves();
    world.run();
    assertThat(over).hasValue(1);
    // What it throws then is nobody's business.
    assertThat(world.engine().intake().isIdle()).isTrue();
    hears(client(world, "/words").asks("guest"), "guest ok");
  }

  @Test
  void heartbeat_keeps_the_dialects_own_times_however_much_is_written() {
    Dialect words = new Words(MANNERS
        .pinging()
        .beating(new Dialect.Heartbeat(Duration.ofSeconds(10), Duration.ofSeconds(30))));
    World world = new World(with(words));
    Client tom = client(world, "/words");
    tom.asks("+guest join");
    Client ann = world.plain("ann");
    List<String> heard = new ArrayList<>();
    for (int second = 0; second < 25; second++) {
      // It is written to all the time: that proves nothing of it.
      ann.asks("{'op':'publish','args':['room_1',1]}");
      world.pass(Duration.ofSeconds(1));
      heard.addAll(tom.heard());
    }
    assertThat(heard.stream().filter("ping?"::equals).count()).isBetween(2L, 3L);
    assertThat(tom.closedWith()).isZero();
    for (int second = 0; second < 10; second++) {
      ann.asks("{'op':'publish','args':['room_1',1]}");
      world.pass(Duration.ofSeconds(1));
    }
    assertThat(tom.closedWith()).isEqualTo(4003);
  }

  @Test
  void plain_client_that_only_reads_in_a_busy_room_is_asked_whether_it_is_there() {
    // It was pinged only when nothing else was written, never said anything therefore, and was sent
    // away after three minutes in the middle of what it read.
    World world = new World(parts);
    Client tom = world.plain("tom");
    tom.asks("{'op':'subscribe','args':['room_1']}");
    Client ann = world.plain("ann");
    int answered = 0;
    for (int second = 0; second < 240; second += 5) {
      ann.asks("{'op':'publish','args':['room_1',1]}");
      world.pass(Duration.ofSeconds(5));
      if (tom.pings() > answered) {
        answered = tom.pings();
        tom.pongs();
      }
    }
    assertThat(tom.closedWith()).isZero();
  }

  @Test
  void guest_has_the_connections_id_and_the_name_it_gave() {
    World world = new World(with(new Words(MANNERS)));
    Client gus = client(world, "/words");
    gus.asks("guest");
    var session = world.engine().sessions().all().iterator().next();
    assertThat(session.identity().orElseThrow().id().value())
        .isEqualTo(session.id().value());
    assertThat(session.identity().orElseThrow().name()).isEqualTo("Gus");
    assertThat(session.identity().orElseThrow().roles()).isEqualTo(Set.of(Guests.ROLE));
  }

  @Test
  void guests_alone_are_let_in_where_nobody_has_an_account() {
    parts.authenticator = Guests.only();
    Client tom = client(new Words(MANNERS));
    hears(tom.asks("guest"), "guest ok");
    World world = new World(parts);
    hears(
        world.plain().asks("{'op':'auth','args':['tom','pw']}"),
        "{'op':'auth','error':'Invalid name or password','code':'bad_credentials'");
  }

  @Test
  void data_of_plain_clients_has_the_form_of_the_first_chat_room_if_that_is_set() {
    parts.dialects = new Dialects(PlainData.UID_AND_MESSAGE, List.of(), Map.of());
    World world = new World(parts);
    Client tom = world.plain("tom");
    Client ann = world.chatV1("ann");
    tom.asks("{'op':'subscribe','args':['room_1']}");
    ann.asks("{'op':'subscribe','args':['room_1']}");
    assertThat(tom.asks("{'op':'sendtoroom','args':['room_1','hello,world!']}").get(0))
        .endsWith(",'data':'uid:tom,message:hello,world!'}");
    assertThat(ann.heard().get(0)).endsWith(",'data':'hello,world!'}");
    assertThat(tom.asks("{'op':'sendtoroom','args':['room_1',{'a':'q'}]}").get(0))
        .endsWith(",'data':'uid:tom,message:{\\'a\\':\\'q\\'}'}");
    assertThat(tom.asks("{'op':'history','args':['room_1',{'limit':2}]}").get(0))
        .contains("'data':'uid:tom,message:hello,world!'}");
  }

  @Test
  void what_depends_on_who_asks_is_decided_when_its_turn_has_come() {
    Client tom = client(new Words(MANNERS));
    // The login before it is not done when the frame is decoded.
    List<String> heard = tom.asks("guest mine say");
    assertThat(heard.get(0)).isEqualTo("guest ok");
    assertThat(heard.get(1)).matches("user_[\\w-]{16} ok");
    hears(client(new Words(MANNERS)).asks("mine"), "mine not_authenticated");
  }

  @Test
  void what_depends_on_who_asks_may_turn_out_to_be_several_commands() {
    Client tom = client(new Words(MANNERS));
    // Answered in its place: behind the send before it, before the one behind it.
    hears(
        tom.asks("say enter say enter say"),
        "say not_authenticated",
        "guest ok",
        "join ok",
        "event 'hi'",
        "say ok",
        "join ok",
        "event 'hi'",
        "say ok");
    // Also if it bears an id and stood in no line.
    hears(
        client(new Words(MANNERS)).asks("say swap say"),
        "say not_authenticated",
        "leave not_authenticated",
        "say not_authenticated");
    parts.accessByPrefix.put("room_", denied());
    World world = new World(with(new Words(MANNERS)));
    hears(client(world, "/words").asks("enter ping"), "ping ok", "guest ok", "join denied");
    assertThat(world.engine().intake().isIdle()).isTrue();
  }

  @Test
  void a_chain_holds_a_send_only_at_its_end() {
    Decoded.Request say = new Decoded.Request(
        "say", Optional.empty(), new Command.Send(ROOM, Json.NULL, Optional.empty()));
    assertThatThrownBy(() -> new Decoded.Chain(List.of(say, say)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Decoded.Chain(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
