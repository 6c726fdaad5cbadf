package dev.confab.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.ChatListener.Happening;
import dev.confab.chat.testkit.LoopbackTransport;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.TransportClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is there, as the host sees it, and how it tells them, moves them about and sends them away. */
final class HostViewsTest {
  private static final ChannelName ROOM = ChannelName.of("room_1");
  private static final ChannelName OTHER = ChannelName.of("room_2");
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final UserId TOM = UserId.of("tom");
  private static final UserId ANN = UserId.of("ann");

  private final ConcurrentLinkedQueue<Happening> happenings = new ConcurrentLinkedQueue<>();
  private Chat chat = builder().build();
  private LoopbackTransport transport = new LoopbackTransport(chat.acceptor());

  private ChatBuilder builder() {
    return Chat.builder()
        .authenticator(credentials -> {
          String name = ((Credentials.Password) credentials).name();
          return Identity.of(name, name);
        })
        // Nobody is sent away in a storm for being logged out a while.
        .limits(Limits.builder()
            .loginWithin(Duration.ofHours(1))
            .heartbeat(Duration.ofHours(1))
            .build())
        .listener(happenings::add);
  }

  private void use(ChatBuilder builder) {
    close();
    happenings.clear();
    chat = builder.build();
    transport = new LoopbackTransport(chat.acceptor());
  }

  @AfterEach
  void close() {
    transport.close();
    chat.close(Duration.ofSeconds(3));
    // A transport may say later that a connection has ended.
    soon(() -> chat.connections().count(), 0);
    soon(() -> chat.users().count(), 0);
    soon(() -> chat.channels().count(), 0);
  }

  private record Guest(TransportClient client, ConnectionId id, Deque<String> lines) {
    /** The next text, heartbeats aside; several may come in one frame, a line each. */
    String hears(String beginning) {
      String line;
      do {
        if (lines.isEmpty()) {
          Received.Text frame = (Received.Text) client.read(SOON);
          lines.addAll(List.of(frame.text().split("\n")));
        }
        line = lines.removeFirst();
      } while (line.equals("{\"event\":\"ping\"}"));
      assertThat(line).startsWith(beginning);
      return line;
    }

    String asks(String request, String beginning) {
      client.sendText(request.replace('\'', '"'));
      return hears(beginning);
    }

    /** All that was sent to it before has come by the time it hears this. */
    void hearsNothing() {
      asks("{'op':'ping'}", "{\"op\":\"pong\"");
    }
  }

  private Guest stranger() {
    TransportClient client = transport.connect("/chat", List.of("chat.v1"));
    String welcome = ((Received.Text) client.read(SOON)).text();
    String id =
        Json.parse(welcome).members().orElseThrow().get("connection").asString().orElseThrow();
    return new Guest(client, new ConnectionId(id), new ArrayDeque<>());
  }

  private Guest guest(String name) {
    Guest guest = stranger();
    guest.asks("{'op':'auth','args':['" + name + "','pw']}", "{\"op\":\"auth\",\"success\":true");
    return guest;
  }

  private Guest guest(String name, ChannelName... channels) {
    Guest guest = guest(name);
    for (ChannelName channel : channels) {
      assertThat(chat.connections().subscribe(guest.id(), channel)).isTrue();
    }
    return guest;
  }

  private static Json json(String quoted) {
    return Json.parse(quoted.replace('\'', '"'));
  }

  private static ErrorCode code(ThrowingCallable refused) {
    Throwable thrown = org.assertj.core.api.Assertions.catchThrowable(refused);
    assertThat(thrown).isInstanceOf(RefusedException.class);
    return ((RefusedException) thrown).refusal().code();
  }

  private static <T> void soon(Supplier<T> value, T expected) {
    Awaitility.await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(value.get()).isEqualTo(expected));
  }

  /** All pages of a list, asked for so many at a time. */
  private static <T> List<T> all(int limit, Function<Optional<String>, Listing<T>> page) {
    List<T> all = new ArrayList<>();
    Optional<String> next = Optional.empty();
    do {
      Listing<T> listing = page.apply(next);
      assertThat(listing.items().size()).isLessThanOrEqualTo(limit);
      all.addAll(listing.items());
      next = listing.next();
    } while (next.isPresent());
    return all;
  }

  // Telling.

  @Test
  void everybody_is_told_but_those_left_out() {
    Guest tom = guest("tom");
    Guest toms = guest("tom");
    Guest ann = guest("ann");
    Guest nobody = stranger();

    assertThat(chat.signal(Recipients.everybody(), json("1"))).isEqualTo(new SignalCount(4, 0, 0));
    for (Guest each : List.of(tom, toms, ann, nobody)) {
      assertThat(each.hears("{\"event\":\"signal\",\"channel\":\"broadcast\"")).endsWith(":1}");
    }
    assertThat(chat.signal(
            Recipients.everybody().except(tom.id()).exceptUsers(Set.of(ANN)), json("2")))
        .isEqualTo(new SignalCount(2, 0, 0));
    assertThat(toms.hears("{\"event\":\"signal\"")).endsWith(":2}");
    assertThat(nobody.hears("{\"event\":\"signal\"")).endsWith(":2}");
    tom.hearsNothing();
    ann.hearsNothing();
  }

  @Test
  void users_are_told_on_every_connection_and_those_who_are_not_here_are_counted() {
    Guest tom = guest("tom");
    Guest toms = guest("tom", ROOM);
    Guest ann = guest("ann");

    Recipients to = Recipients.users(List.of(TOM, UserId.of("gone")));
    assertThat(chat.signal(to, json("{'a':1}"))).isEqualTo(new SignalCount(2, 0, 1));
    for (Guest each : List.of(tom, toms)) {
      assertThat(each.hears("{\"event\":\"signal\",\"channel\":\"user_tom\""))
          .endsWith("\"data\":{\"a\":1}}");
    }
    ann.hearsNothing();
    assertThat(chat.signal(to.except(toms.id()).naming(ROOM), json("2")))
        .isEqualTo(new SignalCount(1, 0, 1));
    assertThat(tom.hears("{\"event\":\"signal\",\"channel\":\"room_1\"")).endsWith(":2}");
    toms.hearsNothing();
  }

  @Test
  void an_empty_list_means_nobody() {
    Guest tom = guest("tom");
    for (Recipients nobody : List.of(
        Recipients.connections(List.of()),
        Recipients.users(List.of()),
        Recipients.channels(List.of()))) {
      assertThat(chat.signal(nobody, json("1"))).isEqualTo(new SignalCount(0, 0, 0));
      assertThat(chat.disconnect(nobody, CloseReason.KICKED)).isZero();
    }
    tom.hearsNothing();
  }

  @Test
  void a_member_of_several_channels_is_told_once() {
    // GatewayWorker's sendToGroup delivers it once for each of the groups.
    Guest tom = guest("tom", ROOM, OTHER);
    Guest ann = guest("ann", OTHER);

    assertThat(chat.signal(Recipients.channels(List.of(ROOM, OTHER, ROOM)), json("1")))
        .isEqualTo(new SignalCount(2, 0, 0));
    tom.hears("{\"event\":\"signal\",\"channel\":\"room_1\"");
    tom.hearsNothing();
    ann.hears("{\"event\":\"signal\",\"channel\":\"room_2\"");
    ann.hearsNothing();
    assertThat(chat.signal(
            Recipients.channels(List.of(ROOM, OTHER)).exceptUsers(List.of(TOM)), json("2")))
        .isEqualTo(new SignalCount(1, 0, 0));
    tom.hearsNothing();
  }

  @Test
  void what_can_never_be_handed_over_is_refused_not_dropped() {
    Guest tom = guest("tom", ROOM);
    Json big = Json.string("x".repeat(64 * 1024));
    for (Recipients to :
        List.of(Recipients.everybody(), Recipients.user(TOM), Recipients.channel(ROOM))) {
      assertThat(code(() -> chat.signal(to, big))).isEqualTo(ErrorCode.TOO_LARGE);
      assertThat(code(() -> chat.disconnect(to, CloseReason.KICKED, big)))
          .isEqualTo(ErrorCode.TOO_LARGE);
    }
    tom.hearsNothing();
  }

  // Who they are.

  @Test
  void a_host_logs_a_connection_in_and_out() {
    Guest guest = stranger();
    assertThat(chat.connections().find(guest.id()).orElseThrow().identity()).isEmpty();
    assertThat(code(() -> chat.connections().subscribe(guest.id(), ROOM)))
        .isEqualTo(ErrorCode.NOT_AUTHENTICATED);
    assertThat(chat.connections().login(guest.id(), Identity.of("tom", "Tom"))).isTrue();
    assertThat(chat.users().isOnline(TOM)).isTrue();
    guest.asks("{'op':'subscribe','args':['room_1']}", "{\"op\":\"subscribe\",\"success\":true");
    soon(() -> chat.channels().find(ROOM), new ChannelInfo(ROOM, 1, 1));

    assertThat(chat.connections().logout(guest.id())).isTrue();
    assertThat(chat.connections().logout(guest.id())).isFalse();
    assertThat(chat.users().isOnline(TOM)).isFalse();
    assertThat(chat.channels().find(ROOM)).isEqualTo(new ChannelInfo(ROOM, 0, 0));
    guest.asks(
        "{'op':'subscribe','args':['room_1']}",
        "{\"op\":\"subscribe\",\"error\":\"No access\",\"code\":\"not_authenticated\"");
    soon(() -> told(Happening.LoggedOut.class).size(), 1);
    assertThat(told(Happening.LoggedIn.class)).hasSize(1);
    assertThat(chat.connections().login(new ConnectionId("gone"), Identity.of("a", "a")))
        .isFalse();
    assertThat(chat.connections().logout(new ConnectionId("gone"))).isFalse();
  }

  @Test
  void another_identity_leaves_nothing_of_the_one_before() {
    Guest guest = guest("tom", ROOM);
    chat.connections().replaceAttributes(guest.id(), Map.of("seat", json("4")));
    assertThat(chat.connections().login(guest.id(), Identity.of("ann", "Ann"))).isTrue();

    assertThat(chat.users().online(List.of(ANN, TOM))).containsExactly(ANN);
    assertThat(chat.channels().find(ROOM)).isEqualTo(new ChannelInfo(ROOM, 0, 0));
    chat.publish(ROOM, "for Tom's eyes");
    guest.hearsNothing();
    assertThat(chat.connections().attributes(guest.id()).orElseThrow()).containsKey("seat");
    soon(() -> told(Happening.UserOnline.class).size(), 2);
    assertThat(happenings.stream()
            .filter(each -> each instanceof Happening.UserOnline
                || each instanceof Happening.UserOffline
                || each instanceof Happening.ChannelOccupied
                || each instanceof Happening.ChannelVacated)
            .map(each -> each.getClass().getSimpleName()))
        .contains("UserOnline", "ChannelOccupied", "UserOffline", "ChannelVacated");
  }

  @Test
  void the_same_identity_again_only_refreshes_the_login() {
    Guest guest = guest("tom", ROOM);
    Identity renewed = Identity.of("tom", "Thomas").withRoles(Set.of("admin"));
    assertThat(chat.connections().login(guest.id(), renewed)).isTrue();
    assertThat(chat.connections().find(guest.id()).orElseThrow().identity()).contains(renewed);
    assertThat(chat.channels().find(ROOM)).isEqualTo(new ChannelInfo(ROOM, 1, 1));
    assertThat(told(Happening.UserOffline.class)).isEmpty();
  }

  @Test
  void a_login_that_is_refused_changes_nothing() {
    use(builder().limits(Limits.builder().connectionsPerUser(1).build()));
    Guest tom = guest("tom", ROOM);
    Guest ann = guest("ann");
    assertThat(code(() -> chat.connections().login(tom.id(), Identity.of("ann", "Ann"))))
        .isEqualTo(ErrorCode.TOO_MANY_CONNECTIONS);
    assertThat(code(() -> chat.connections()
            .login(ann.id(), Identity.of("bob", "Bob").expiringAt(Instant.EPOCH))))
        .isEqualTo(ErrorCode.TOKEN_EXPIRED);
    assertThat(chat.users().online(List.of(TOM, ANN, UserId.of("bob")))).containsExactly(TOM, ANN);
    assertThat(chat.channels().find(ROOM)).isEqualTo(new ChannelInfo(ROOM, 1, 1));
  }

  // Channels.

  @Test
  void dissolving_ends_every_subscription_and_keeps_the_log() {
    Guest tom = guest("tom", ROOM, OTHER);
    guest("ann", ROOM);
    assertThat(chat.channels().dissolve(ROOM)).isEqualTo(2);
    assertThat(chat.channels().dissolve(ROOM)).isZero();
    assertThat(chat.channels().count()).isEqualTo(1);
    assertThat(chat.publish(ROOM, "nobody hears").seq()).isEqualTo(1);
    tom.hearsNothing();
    assertThat(chat.connections().channels(tom.id(), Optional.empty(), 10).items())
        .containsExactly(OTHER);
    soon(() -> told(Happening.Unsubscribed.class).size(), 2);
    soon(() -> told(Happening.ChannelVacated.class).size(), 1);
  }

  @Test
  void users_and_channels_come_and_go_once_however_many_connections_they_have() {
    Guest first = guest("tom", ROOM);
    Guest second = guest("tom", ROOM);
    second.client().close(1000, "");
    soon(() -> chat.channels().find(ROOM), new ChannelInfo(ROOM, 1, 1));
    first.client().close(1000, "");
    soon(() -> told(Happening.UserOffline.class).size(), 1);
    assertThat(told(Happening.UserOnline.class)).hasSize(1);
    assertThat(told(Happening.ChannelOccupied.class))
        .containsExactly(new Happening.ChannelOccupied(ROOM));
    soon(() -> told(Happening.ChannelVacated.class), List.of(new Happening.ChannelVacated(ROOM)));
  }

  private <T extends Happening> List<T> told(Class<T> type) {
    return happenings.stream().filter(type::isInstance).map(type::cast).toList();
  }

  // Lists.

  @Test
  void every_list_is_paged_and_names_each_once() {
    Set<String> ids = new TreeSet<>();
    for (int i = 0; i < 23; i++) {
      // Some users have two connections.
      ids.add(guest("u" + i % 15, ROOM, ChannelName.of("room_c" + i)).id().value());
    }
    for (int limit : new int[] {1, 2, 5, 23, 1_000}) {
      assertThat(all(limit, next -> chat.connections().list(next, limit)))
          .extracting(info -> info.connection().value())
          .containsExactlyElementsOf(ids);
      assertThat(all(limit, next -> chat.users().list(next, limit)))
          .hasSize(15)
          .isSortedAccordingTo((a, b) -> a.user().id().compareTo(b.user().id()))
          .isEqualTo(all(limit, next -> chat.channels().users(ROOM, next, limit)));
      assertThat(all(limit, next -> chat.channels().connections(ROOM, next, limit)))
          .extracting(info -> info.connection().value())
          .containsExactlyInAnyOrderElementsOf(ids);
      assertThat(all(limit, next -> chat.channels().list(next, limit)))
          .hasSize(24)
          .isSortedAccordingTo((a, b) -> a.channel().compareTo(b.channel()))
          .contains(new ChannelInfo(ROOM, 23, 15));
    }
    ConnectionId one = new ConnectionId(ids.iterator().next());
    assertThat(all(1, next -> chat.connections().channels(one, next, 1))).hasSize(2);
    assertThat(chat.users().sessions(UserId.of("u0"))).hasSize(2);
    assertThat(chat.channels().count()).isEqualTo(24);
    assertThat(chat.users().count()).isEqualTo(15);
    assertThat(chat.connections().count()).isEqualTo(23);
  }

  @Test
  void a_page_behind_who_has_left_goes_on_where_they_were() {
    for (String name : List.of("a", "b", "c", "d")) {
      guest(name, ROOM);
    }
    Listing<SessionInfo> page = chat.channels().connections(ROOM, Optional.empty(), 2);
    for (SessionInfo info : page.items()) {
      chat.connections().unsubscribe(info.connection(), ROOM);
    }
    assertThat(chat.channels().connections(ROOM, page.next(), 2).items())
        .extracting(info -> info.identity().orElseThrow().name())
        .containsExactly("c", "d");
  }

  @Test
  void a_page_takes_a_thousand_and_nothing_that_is_no_place() {
    for (int limit : new int[] {0, -1, 1_001}) {
      assertThatThrownBy(() -> chat.connections().list(Optional.empty(), limit))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at most 1000");
      assertThatThrownBy(() -> chat.users().list(Optional.empty(), limit))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> chat.channels().list(Optional.empty(), limit))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> chat.channels().users(ROOM, Optional.empty(), limit))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> chat.channels().connections(ROOM, Optional.empty(), limit))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(
              () -> chat.connections().channels(new ConnectionId("x"), Optional.empty(), limit))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> chat.channels().connections(ROOM, Optional.of("x"), 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // What the host keeps with a connection.

  @Test
  void attributes_are_replaced_and_merged_and_go_with_the_connection() {
    Guest guest = stranger();
    Connections connections = chat.connections();
    assertThat(connections.attributes(guest.id())).contains(Map.of());
    assertThat(connections.replaceAttributes(
            guest.id(),
            Map.of("a", json("{'x':1,'y':{'z':[1,2]}}"), "b", json("12345678901234567890.10"))))
        .isTrue();
    assertThat(connections.mergeAttributes(
            guest.id(),
            Map.of("a", json("{'y':{'w':true},'x':null,'n':{'gone':null}}"), "c", json("'new'"))))
        .contains(Map.of(
            "a", json("{'y':{'z':[1,2],'w':true},'n':{}}"),
            "b", json("12345678901234567890.10"),
            "c", json("'new'")));
    assertThat(connections.mergeAttributes(guest.id(), Map.of("a", Json.NULL, "c", Json.NULL)))
        .contains(Map.of("b", json("12345678901234567890.10")));
    assertThat(connections.find(guest.id()).orElseThrow().attributes()).containsOnlyKeys("b");
    guest.client().close(1000, "");
    soon(() -> connections.attributes(guest.id()), Optional.<Map<String, Json>>empty());
    assertThat(connections.replaceAttributes(guest.id(), Map.of())).isFalse();
    assertThat(connections.mergeAttributes(guest.id(), Map.of())).isEmpty();
  }

  @Test
  void attributes_are_bounded_and_too_many_change_nothing() {
    use(builder().limits(Limits.builder().attributeBytes(40).build()));
    ConnectionId id = stranger().id();
    Map<String, Json> some = Map.of("a", Json.string("x".repeat(30)));
    assertThat(chat.connections().replaceAttributes(id, some)).isTrue();
    assertThat(code(() -> chat.connections().mergeAttributes(id, Map.of("b", json("12")))))
        .isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(code(() ->
            chat.connections().replaceAttributes(id, Map.of("a", Json.string("x".repeat(40))))))
        .isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(chat.connections().attributes(id)).contains(some);
  }

  @Test
  void merges_of_many_threads_lose_nothing() throws Exception {
    ConnectionId id = stranger().id();
    inParallel(4, thread -> {
      for (int i = 0; i < 50; i++) {
        chat.connections()
            .mergeAttributes(id, Map.of("seen", json("{'t" + thread + "i" + i + "':1}")));
      }
    });
    assertThat(chat.connections()
            .attributes(id)
            .orElseThrow()
            .get("seen")
            .members()
            .orElseThrow())
        .hasSize(200);
  }

  // Sending away.

  @Test
  void the_last_word_is_written_before_the_end() {
    Guest tom = guest("tom", ROOM);
    Guest ann = guest("ann", ROOM, OTHER);
    Guest bob = guest("bob");
    assertThat(chat.disconnect(
            Recipients.channels(List.of(ROOM, OTHER)), CloseReason.KICKED, json("{'why':'late'}")))
        .isEqualTo(2);
    for (Guest each : List.of(tom, ann)) {
      assertThat(each.hears("{\"event\":\"signal\",\"channel\":\"room_1\""))
          .endsWith("\"data\":{\"why\":\"late\"}}");
      each.hears("{\"event\":\"bye\",\"code\":4403");
      assertThat(each.client().read(SOON)).isEqualTo(new Received.Closed(4403, "kicked"));
    }
    soon(() -> chat.channels().count(), 0);
    assertThat(chat.disconnect(
            Recipients.connection(bob.id()), CloseReason.NORMAL, json("'good night'")))
        .isEqualTo(1);
    bob.hears("{\"event\":\"signal\",\"channel\":\"broadcast\"");
    bob.hears("{\"event\":\"bye\",\"code\":1000");
    assertThat(bob.client().read(SOON)).isInstanceOf(Received.Closed.class);
  }

  @Test
  void who_is_cut_is_told_nothing_more() {
    Guest tom = guest("tom", ROOM);
    Guest ann = guest("ann");
    assertThat(chat.cut(Recipients.everybody().exceptUsers(List.of(ANN)), CloseReason.BANNED))
        .isEqualTo(1);
    assertThat(tom.client().read(SOON)).isEqualTo(new Received.Closed(4404, "banned"));
    ann.hearsNothing();
    soon(() -> chat.cut(Recipients.user(TOM), CloseReason.BANNED), 0);
  }

  // How many are online.

  @Test
  void online_counts_reach_listeners_and_a_channel() {
    ChannelName online = ChannelName.of("room_online");
    use(builder().onlineCounts(online));
    Guest tom = guest("tom", online);
    guest("ann");
    guest("ann");
    Awaitility.await()
        .atMost(SOON)
        .until(
            () -> told(Happening.OnlineCounted.class).contains(new Happening.OnlineCounted(3, 2)));
    String heard = "";
    while (!heard.endsWith("\"data\":{\"connections\":3,\"users\":2}}")) {
      heard = tom.hears("{\"event\":\"signal\",\"channel\":\"room_online\"");
    }
  }

  // Storms.

  private interface Task {
    void run(int thread) throws Exception;
  }

  private static void inParallel(int threads, Task task) throws InterruptedException {
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch done = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      int thread = i;
      Thread runner = new Thread(() -> {
        try {
          task.run(thread);
        } catch (Exception | Error e) {
          failures.add(e);
        } finally {
          done.countDown();
        }
      });
      runner.setDaemon(true);
      runner.start();
    }
    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(failures).isEmpty();
  }

  @Test
  void storms_of_joins_leaves_and_logins_keep_every_count_exact() throws Exception {
    List<Guest> guests = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      guests.add(guest("u" + i % 8));
    }
    List<ChannelName> rooms = List.of(ROOM, OTHER, ChannelName.of("room_3"));
    inParallel(4, thread -> {
      Random random = new Random(thread);
      for (int i = 0; i < 1_500; i++) {
        ConnectionId id = guests.get(random.nextInt(guests.size())).id();
        ChannelName room = rooms.get(random.nextInt(rooms.size()));
        switch (random.nextInt(12)) {
          case 0 -> chat.connections().logout(id);
          case 1, 2 -> {
            String name = "u" + random.nextInt(8);
            chat.connections().login(id, Identity.of(name, name));
          }
          case 3 -> chat.channels().dissolve(room);
          case 4, 5, 6 -> chat.connections().unsubscribe(id, room);
          default -> {
            try {
              chat.connections().subscribe(id, room);
            } catch (RefusedException e) {
              assertThat(e.refusal().code()).isEqualTo(ErrorCode.NOT_AUTHENTICATED);
            }
          }
        }
      }
    });
    Set<String> users = new TreeSet<>();
    for (ChannelName room : rooms) {
      Set<String> there = new TreeSet<>();
      int connections = 0;
      for (Guest guest : guests) {
        if (chat.connections()
            .channels(guest.id(), Optional.empty(), 10)
            .items()
            .contains(room)) {
          connections++;
          there.add(name(guest));
        }
      }
      assertThat(chat.channels().find(room))
          .isEqualTo(new ChannelInfo(room, connections, there.size()));
      assertThat(all(5, next -> chat.channels().users(room, next, 5)))
          .extracting(user -> user.user().id().value())
          .containsExactlyElementsOf(there);
    }
    guests.forEach(
        guest -> chat.connections().find(guest.id()).orElseThrow().identity().ifPresent(who -> {
          users.add(who.name());
        }));
    assertThat(chat.users().count()).isEqualTo(users.size());
    assertThat(chat.connections().count()).isEqualTo(guests.size());
    rooms.forEach(room -> chat.channels().dissolve(room));
    assertThat(chat.channels().count()).isZero();
    // What was told of each user and channel alternates and ends with what is.
    Awaitility.await().atMost(SOON).untilAsserted(() -> {
      assertThat(told(Happening.ChannelOccupied.class))
          .hasSameSizeAs(told(Happening.ChannelVacated.class));
      assertThat(told(Happening.UserOnline.class).size()
              - told(Happening.UserOffline.class).size())
          .isEqualTo(users.size());
    });
    for (ChannelName room : rooms) {
      boolean occupied = false;
      for (Happening each : happenings) {
        if (each.equals(new Happening.ChannelOccupied(room))) {
          assertThat(occupied).isFalse();
          occupied = true;
        } else if (each.equals(new Happening.ChannelVacated(room))) {
          assertThat(occupied).isTrue();
          occupied = false;
        }
      }
      assertThat(occupied).isFalse();
    }
  }

  private String name(Guest guest) {
    return chat.connections()
        .find(guest.id())
        .orElseThrow()
        .identity()
        .orElseThrow()
        .name();
  }
}
