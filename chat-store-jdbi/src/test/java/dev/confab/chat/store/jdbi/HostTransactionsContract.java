package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.all;
import static dev.confab.chat.store.jdbi.Said.id;
import static dev.confab.chat.store.jdbi.Said.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a host is promised that records messages in transactions of its own, with a real database and a real chat. The
 * database has a table {@code host_order} of the host's, and refuses the data {@code "poison"}.
 */
@Timeout(120)
abstract class HostTransactionsContract {
  /** So long that nothing in a test can be its doing. */
  private static final Duration NEVER = Duration.ofDays(1);

  /** So long do senders wait for a channel where a test waits for their refusal. */
  private static final Duration IMPATIENT = Duration.ofMillis(700);

  /** So long do they wait where none is to be refused, however busy the machine is. */
  private static final Duration PATIENT = Duration.ofSeconds(30);

  private static final Duration SOON = Duration.ofSeconds(20);

  private final ExecutorService others = Executors.newCachedThreadPool();
  private final List<AutoCloseable> opened = new ArrayList<>();

  /** A new store in the database of this class, which waits so long for what others hold. */
  abstract JdbiMessageStore store(Duration patience);

  /** A connection to that database, with a transaction begun as it has to be. */
  abstract Connection begin() throws SQLException;

  /** A connection to another database of this kind, as {@link #begin} makes them. */
  abstract Connection beginElsewhere() throws SQLException;

  /** A connection to a database of another kind. */
  Connection beginForeign() throws SQLException {
    return Sources.begun(H2Files.fresh());
  }

  /** Ends the connection as if the host had died. */
  abstract void kill(Connection connection) throws SQLException;

  void commit(Connection connection) throws SQLException {
    connection.commit();
  }

  void rollback(Connection connection) throws SQLException {
    connection.rollback();
  }

  /** Begins another transaction on a connection whose first has ended; most drivers do that by themselves. */
  void beginAgain(Connection connection) throws SQLException {}

  /** True if who writes holds the whole log. */
  boolean oneWriter() {
    return false;
  }

  @AfterEach
  final void closeAll() throws Exception {
    Collections.reverse(opened);
    for (AutoCloseable one : opened) {
      one.close();
    }
    others.shutdown();
    assertThat(others.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
  }

  final <T extends AutoCloseable> T closing(T one) {
    opened.add(one);
    return one;
  }

  /** A chat on a store, and who follows it. */
  final class Site {
    final JdbiMessageStore store;
    final Chat chat;

    Site(Duration watchPeriod, Duration patience) {
      this.store = store(patience);
      this.chat = closing(Chat.builder()
          .authenticator(credentials -> Identity.of("ann", "Ann"))
          .store(store)
          .limits(Limits.builder().watchPeriod(watchPeriod).heldWait(patience).build())
          .build());
    }

    /** What the host hears of a channel from now on. */
    List<Entry> follow(ChannelName channel) {
      List<Entry> heard = new CopyOnWriteArrayList<>();
      closing(chat.follow(channel, Cursor.START, heard::add));
      return heard;
    }

    Draft draft(ChannelName channel, String text) {
      return chat.draft(channel, Json.string(text));
    }
  }

  final Site site() {
    return new Site(NEVER, PATIENT);
  }

  final Site impatientSite() {
    return new Site(NEVER, IMPATIENT);
  }

  final <T> Future<T> meanwhile(Callable<T> work) {
    return others.submit(work);
  }

  final Connection hosts() throws SQLException {
    return closing(begin());
  }

  static void order(Connection connection, String id) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("insert into host_order (id) values (?)")) {
      insert.setString(1, id);
      insert.executeUpdate();
    }
  }

  final boolean ordered(String id) throws SQLException {
    try (Connection connection = begin();
        PreparedStatement query =
            connection.prepareStatement("select id from host_order where id = ?")) {
      query.setString(1, id);
      boolean there = query.executeQuery().next();
      rollback(connection);
      return there;
    }
  }

  static List<String> texts(List<Entry> entries) {
    return entries.stream().map(entry -> entry.data().asString().orElse("?")).toList();
  }

  static void awaitHeard(List<Entry> heard, String... texts) {
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(() -> assertThat(texts(heard)).containsExactly(texts));
  }

  // Together or not at all.

  @Test
  void commit_shows_the_row_and_the_message() throws Exception {
    Site site = site();
    ChannelName room = room();
    String order = id().value();
    Connection connection = hosts();
    order(connection, order);
    Posting posting = site.store.append(connection, List.of(site.draft(room, "ordered")));
    assertThat(all(site.store, room)).isEmpty();
    commit(connection);

    assertThat(ordered(order)).isTrue();
    Entry entry = all(site.store, room).get(0);
    assertThat(entry.data()).isEqualTo(Json.string("ordered"));
    assertThat(entry.from()).isEmpty();
    assertThat(posting.receipts())
        .containsExactly(new Receipt(room, 1, entry.id(), entry.at(), false));
  }

  @Test
  void rollback_shows_neither_and_uses_no_number() throws Exception {
    Site site = site();
    ChannelName room = room();
    site.chat.publish(room, "first");
    String order = id().value();
    Connection connection = hosts();
    order(connection, order);
    site.store.append(connection, List.of(site.draft(room, "never")));
    rollback(connection);

    assertThat(ordered(order)).isFalse();
    assertThat(site.chat.publish(room, "second").seq()).isEqualTo(2);
    assertThat(texts(all(site.store, room))).containsExactly("first", "second");
  }

  @Test
  void handle_of_jdbi_does_as_a_connection_does() throws Exception {
    Site site = site();
    ChannelName room = room();
    List<Entry> heard = site.follow(room);
    String order = id().value();
    try (Connection connection = begin();
        Handle handle = Jdbi.open(connection)) {
      handle.execute("insert into host_order (id) values (?)", order);
      Posting posting = site.store.append(handle, List.of(site.draft(room, "ordered")));
      commit(connection);
      posting.committed();
    }
    awaitHeard(heard, "ordered");
    assertThat(ordered(order)).isTrue();
  }

  @Test
  void transaction_of_the_store_commits_or_rolls_back_with_the_work() throws Exception {
    Site site = site();
    ChannelName room = room();
    List<Entry> heard = site.follow(room);
    String order = id().value();
    String other = id().value();
    Posting posting = site.store.transaction(connection -> {
      order(connection, order);
      return site.store.append(connection, List.of(site.draft(room, "ordered")));
    });
    posting.committed();
    awaitHeard(heard, "ordered");
    assertThat(ordered(order)).isTrue();

    assertThatThrownBy(() -> site.store.transaction(connection -> {
          order(connection, other);
          site.store.append(connection, List.of(site.draft(room, "never")));
          throw new IllegalArgumentException("changed its mind");
        }))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("changed its mind");
    assertThat(ordered(other)).isFalse();
    assertThat(site.chat.publish(room, "next").seq()).isEqualTo(2);
    awaitHeard(heard, "ordered", "next");
  }

  // Telling.

  @Test
  void followers_of_every_channel_are_told_at_once() throws Exception {
    Site site = site();
    List<ChannelName> rooms = List.of(room(), room(), ChannelName.user(UserId.of("tom")));
    List<List<Entry>> heard = rooms.stream().map(site::follow).toList();
    Connection connection = hosts();
    List<Draft> drafts = new ArrayList<>();
    for (ChannelName room : rooms) {
      drafts.add(site.draft(room, "one"));
      drafts.add(site.draft(room, "two"));
    }
    Posting posting = site.store.append(connection, drafts);
    commit(connection);
    posting.committed();

    heard.forEach(each -> awaitHeard(each, "one", "two"));
    assertThat(posting.receipts()).extracting(Receipt::seq).containsExactly(1L, 2L, 1L, 2L, 1L, 2L);
    // Again, and nothing more comes of it.
    posting.committed();
    site.chat.publish(rooms.get(0), "three");
    awaitHeard(heard.get(0), "one", "two", "three");
  }

  @Test
  void what_the_host_forgets_to_tell_the_watch_finds() throws Exception {
    Site site = new Site(Duration.ofMillis(200), PATIENT);
    ChannelName room = room();
    List<Entry> heard = site.follow(room);
    Connection connection = hosts();
    site.store.append(connection, List.of(site.draft(room, "forgotten")));
    commit(connection);
    awaitHeard(heard, "forgotten");
  }

  @Test
  void another_node_finds_it_by_its_watch() throws Exception {
    Site here = site();
    Site there = new Site(Duration.ofMillis(200), PATIENT);
    ChannelName room = room();
    List<Entry> heard = there.follow(room);
    Connection connection = hosts();
    Posting posting = here.store.append(connection, List.of(here.draft(room, "said here")));
    commit(connection);
    posting.committed();
    awaitHeard(heard, "said here");
  }

  @Test
  void connection_that_dies_behind_the_commit_loses_nothing() throws Exception {
    Site site = site();
    ChannelName room = room();
    List<Entry> heard = site.follow(room);
    String order = id().value();
    Connection connection = hosts();
    order(connection, order);
    Posting posting = site.store.append(connection, List.of(site.draft(room, "kept")));
    commit(connection);
    kill(connection);
    posting.committed();
    awaitHeard(heard, "kept");
    assertThat(ordered(order)).isTrue();
  }

  @Test
  void connection_that_dies_before_the_commit_lets_go_of_the_channel() throws Exception {
    Site site = site();
    ChannelName room = room();
    List<Entry> heard = site.follow(room);
    String order = id().value();
    Connection connection = hosts();
    order(connection, order);
    Posting posting = site.store.append(connection, List.of(site.draft(room, "lost")));
    kill(connection);
    posting.committed();
    assertThat(site.chat.publish(room, "kept").seq()).isEqualTo(1);
    awaitHeard(heard, "kept");
    assertThat(ordered(order)).isFalse();
  }

  @Test
  void committed_after_a_rollback_shows_nothing_wrong() throws Exception {
    Site site = site();
    ChannelName room = room();
    List<Entry> heard = site.follow(room);
    Connection connection = hosts();
    Draft draft = site.draft(room, "never");
    Posting posting = site.store.append(connection, List.of(draft));
    rollback(connection);
    posting.committed();
    // It stands where the one would have stood that was rolled back.
    site.chat.publish(room, "first");
    awaitHeard(heard, "first");
    beginAgain(connection);
    Posting again = site.store.append(connection, List.of(draft));
    commit(connection);
    again.committed();
    awaitHeard(heard, "first", "never");
    assertThat(all(site.store, room)).isEqualTo(heard);
  }

  @Test
  void committed_too_early_shows_nothing_and_harms_nothing() throws Exception {
    Site site = new Site(Duration.ofMillis(200), PATIENT);
    ChannelName room = room();
    List<Entry> heard = site.follow(room);
    Connection connection = hosts();
    Posting posting = site.store.append(connection, List.of(site.draft(room, "soon")));
    posting.committed();
    assertThat(site.chat.history(room, Long.MAX_VALUE, 10).entries()).isEmpty();
    assertThat(heard).isEmpty();
    commit(connection);
    awaitHeard(heard, "soon");
  }

  @Test
  void closed_chat_is_told_nothing_and_the_host_not_either() throws Exception {
    Site site = site();
    ChannelName room = room();
    Connection connection = hosts();
    Posting posting = site.store.append(connection, List.of(site.draft(room, "kept")));
    commit(connection);
    site.chat.close();
    posting.committed();
    assertThatThrownBy(() -> site.store.append(connection, List.of(site.draft(room, "late"))))
        .isInstanceOf(StoreUnavailableException.class);
  }

  // Once only.

  @Test
  void key_that_was_recorded_before_is_a_duplicate() throws Exception {
    Site site = site();
    ChannelName room = room();
    SendKey key = SendKey.of("order-1");
    Receipt first = site.chat.publish(room, Json.string("first"), key);
    Connection connection = hosts();
    Posting posting = site.store.append(
        connection,
        List.of(
            site.chat.draft(room, Json.string("again"), key),
            site.chat.draft(room, Json.string("new"), SendKey.of("order-2")),
            site.chat.draft(room, Json.string("new again"), SendKey.of("order-2"))));
    commit(connection);
    posting.committed();
    assertThat(posting.receipts())
        .extracting(Receipt::seq, Receipt::duplicate)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(1L, true),
            org.assertj.core.groups.Tuple.tuple(2L, false),
            org.assertj.core.groups.Tuple.tuple(2L, true));
    assertThat(posting.receipts().get(0).cursor()).isEqualTo(first.cursor());
    assertThat(texts(all(site.store, room))).containsExactly("first", "new");
    // And the chat knows the host's.
    Receipt repeated = site.chat.publish(room, Json.string("repeated"), SendKey.of("order-2"));
    assertThat(repeated.duplicate()).isTrue();
    assertThat(repeated.seq()).isEqualTo(2);
  }

  @Test
  void posting_of_nothing_but_duplicates_writes_nothing() throws Exception {
    Site site = site();
    ChannelName room = room();
    SendKey key = SendKey.of("order-1");
    site.chat.publish(room, Json.string("first"), key);
    Connection connection = hosts();
    Posting posting =
        site.store.append(connection, List.of(site.chat.draft(room, Json.string("again"), key)));
    commit(connection);
    posting.committed();
    assertThat(posting.receipts().get(0).duplicate()).isTrue();
    assertThat(all(site.store, room)).hasSize(1);
  }

  @Test
  void key_the_journal_races_for_is_recorded_once() throws Exception {
    Site site = site();
    ChannelName room = room();
    SendKey key = SendKey.of("raced");
    Connection connection = hosts();
    Posting posting =
        site.store.append(connection, List.of(site.chat.draft(room, Json.string("host"), key)));
    Future<Receipt> racing = meanwhile(() -> site.chat.publish(room, Json.string("journal"), key));
    // It has to wait for what it can not know yet.
    assertThatThrownBy(() -> racing.get(100, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    commit(connection);
    posting.committed();
    assertThat(racing.get(20, TimeUnit.SECONDS).duplicate()).isTrue();
    assertThat(texts(all(site.store, room))).containsExactly("host");
  }

  @Test
  void copy_is_recorded_with_its_message() throws Exception {
    Site site = site();
    ChannelName bobs = ChannelName.user(UserId.of("bob" + id().value()));
    dev.confab.chat.model.UserRef ann =
        new dev.confab.chat.model.UserRef(UserId.of("ann" + id().value()), "Ann");
    Draft message = Draft.message(
        bobs, id(), Optional.of(ann), Optional.of(SendKey.of("dm")), Json.string("hello"));
    Draft copy = message.copyFor(ann, bobs.owner().orElseThrow());
    Connection connection = hosts();
    Posting posting = site.store.append(connection, List.of(message, copy));
    assertThat(site.store.append(connection, List.of(message, copy)).receipts())
        .singleElement()
        .matches(Receipt::duplicate);
    commit(connection);
    assertThat(posting.receipts()).singleElement().matches(receipt -> receipt.seq() == 1);
    assertThat(all(site.store, bobs)).hasSize(1);
    assertThat(all(site.store, ChannelName.user(ann.id())))
        .singleElement()
        .matches(entry -> entry.kind() == EntryKind.COPY && entry.id().equals(message.id()));
    beginAgain(connection);
    assertThatThrownBy(() -> site.store.append(connection, List.of(copy)))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("Expected a message, or the copy of the message right before it");
  }

  // Others.

  @Test
  void long_transaction_delays_its_own_channel_and_no_other() throws Exception {
    Site site = impatientSite();
    ChannelName room = room();
    ChannelName other = room();
    site.chat.publish(other, "warm");
    Connection connection = hosts();
    Posting posting = site.store.append(connection, List.of(site.draft(room, "long")));

    Future<ErrorCode> held = meanwhile(() -> refused(() -> site.chat.publish(room, "held")));
    Future<ErrorCode> aside = meanwhile(() -> refused(() -> site.chat.publish(other, "aside")));
    assertThat(held.get(20, TimeUnit.SECONDS)).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    if (oneWriter()) {
      assertThat(aside.get(20, TimeUnit.SECONDS)).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    } else {
      assertThatThrownBy(() -> aside.get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasMessageContaining("was not refused");
      assertThat(texts(all(site.store, other))).containsExactly("warm", "aside");
    }
    commit(connection);
    posting.committed();
    assertThat(meanwhile(() -> site.chat.publish(room, "behind")).get().seq()).isEqualTo(2);
    assertThat(texts(all(site.store, room))).containsExactly("long", "behind");
  }

  static ErrorCode refused(Runnable asked) {
    RefusedException refusal = catchThrowableOfType(RefusedException.class, asked::run);
    if (refusal == null) {
      throw new AssertionError("was not refused");
    }
    return refusal.refusal().code();
  }

  @Test
  void host_waits_for_a_channel_only_so_long_and_may_go_on() throws Exception {
    Site site = impatientSite();
    ChannelName room = room();
    Connection first = hosts();
    site.store.append(first, List.of(site.draft(room, "first")));
    if (oneWriter()) {
      // There is no second transaction that writes.
      rollback(first);
      return;
    }
    String order = id().value();
    Connection second = hosts();
    order(second, order);
    assertThatThrownBy(() -> site.store.append(second, List.of(site.draft(room, "second"))))
        .isExactlyInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("has held one of [" + room + "]")
        .hasMessageContaining("can be used on");
    commit(first);
    assertThat(site.store
            .append(second, List.of(site.draft(room, "second")))
            .receipts()
            .get(0)
            .seq())
        .isEqualTo(2);
    commit(second);
    assertThat(ordered(order)).isTrue();
  }

  @Test
  void hosts_that_name_channels_in_opposite_order_do_not_get_in_each_others_way() throws Exception {
    Site site = site();
    List<ChannelName> rooms = List.of(room(), room(), room(), room());
    List<ChannelName> backwards = new ArrayList<>(rooms);
    Collections.reverse(backwards);
    Future<?> there = meanwhile(() -> post(site, rooms, 40));
    Future<?> back = meanwhile(() -> post(site, backwards, 40));
    there.get(60, TimeUnit.SECONDS);
    back.get(60, TimeUnit.SECONDS);
    for (ChannelName room : rooms) {
      assertThat(all(site.store, room))
          .extracting(Entry::seq)
          .containsExactlyElementsOf(
              java.util.stream.LongStream.rangeClosed(1, 80).boxed().toList());
    }
  }

  private Object post(Site site, List<ChannelName> rooms, int times) throws SQLException {
    for (int i = 0; i < times; i++) {
      try (Connection connection = begin()) {
        List<Draft> drafts = rooms.stream().map(room -> site.draft(room, "x")).toList();
        Posting posting = site.store.append(connection, drafts);
        commit(connection);
        posting.committed();
      }
    }
    return times;
  }

  @Test
  void hosts_that_append_twice_in_opposite_order_are_told_of_the_deadlock() throws Exception {
    if (oneWriter()) {
      return;
    }
    Site site = site();
    ChannelName one = room();
    ChannelName two = room();
    site.chat.publish(one, "1");
    site.chat.publish(two, "1");
    Connection first = hosts();
    Connection second = hosts();
    site.store.append(first, List.of(site.draft(one, "first")));
    site.store.append(second, List.of(site.draft(two, "second")));
    CompletableFuture<Boolean> firstEnds = new CompletableFuture<>();
    Future<Optional<StoreException>> crossing = meanwhile(() -> {
      Optional<StoreException> failure =
          crossed(() -> site.store.append(first, List.of(site.draft(two, "first"))));
      if (failure.isPresent()) {
        rollback(first);
      }
      firstEnds.complete(true);
      return failure;
    });
    Optional<StoreException> failed =
        crossed(() -> site.store.append(second, List.of(site.draft(one, "second"))));
    if (failed.isPresent()) {
      rollback(second);
    }
    Optional<StoreException> other = crossing.get(60, TimeUnit.SECONDS);
    assertThat(firstEnds).isCompleted();
    assertThat(failed.isPresent() || other.isPresent()).isTrue();
    for (Optional<StoreException> each : List.of(failed, other)) {
      each.ifPresent(failure -> assertThat(failure)
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageMatching("(?s).*(deadlock|has held one of).*"));
    }
    commit(first);
    commit(second);
    int expected = 1 + (failed.isPresent() ? 0 : 1) + (other.isPresent() ? 0 : 1);
    assertThat(all(site.store, one)).hasSize(expected);
    assertThat(all(site.store, two)).hasSize(expected);
  }

  private static Optional<StoreException> crossed(Runnable append) {
    return Optional.ofNullable(catchThrowableOfType(StoreException.class, append::run));
  }

  @Test
  void log_stays_dense_and_in_order_whoever_writes() throws Exception {
    Site site = site();
    ChannelName room = room();
    List<Entry> heard = site.follow(room);
    List<Future<?>> writers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      writers.add(meanwhile(() -> post(site, List.of(room), 30)));
      writers.add(meanwhile(() -> {
        for (int n = 0; n < 30; n++) {
          site.chat.publish(room, "y");
        }
        return true;
      }));
    }
    writers.add(meanwhile(() -> {
      for (int n = 0; n < 15; n++) {
        try (Connection connection = begin()) {
          Posting posting = site.store.append(connection, List.of(site.draft(room, "z")));
          rollback(connection);
          posting.committed();
        }
      }
      return true;
    }));
    for (Future<?> writer : writers) {
      writer.get(60, TimeUnit.SECONDS);
    }
    await().atMost(SOON).untilAsserted(() -> assertThat(heard).hasSize(120));
    assertThat(all(site.store, room)).isEqualTo(heard);
    assertThat(heard)
        .extracting(Entry::seq)
        .containsExactlyElementsOf(
            java.util.stream.LongStream.rangeClosed(1, 120).boxed().toList());
    assertThat(texts(heard)).doesNotContain("z");
  }

  // What is refused.

  @Test
  void poisoned_draft_is_refused_and_the_transaction_goes_on() throws Exception {
    Site site = site();
    ChannelName room = room();
    String order = id().value();
    Connection connection = hosts();
    order(connection, order);
    site.store.append(connection, List.of(site.draft(room, "before")));
    assertThatThrownBy(() -> site.store.append(
            connection, List.of(site.draft(room, "fine"), site.draft(room, "poison"))))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("can be used on");
    assertThat(site.store
            .append(connection, List.of(site.draft(room, "behind")))
            .receipts()
            .get(0)
            .seq())
        .isEqualTo(2);
    commit(connection);
    assertThat(ordered(order)).isTrue();
    assertThat(texts(all(site.store, room))).containsExactly("before", "behind");
  }

  @Test
  void connection_without_transaction_is_refused() throws Exception {
    Site site = site();
    ChannelName room = room();
    Connection connection = hosts();
    rollback(connection);
    connection.setAutoCommit(true);
    assertThatThrownBy(() -> site.store.append(connection, List.of(site.draft(room, "x"))))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("Expected a connection with an open transaction, got one that commits"
            + " each statement");
    connection.close();
    assertThatThrownBy(() -> site.store.append(connection, List.of(site.draft(room, "x"))))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("got one that is closed");
    assertThat(all(site.store, room)).isEmpty();
  }

  @Test
  void connection_to_another_database_is_refused() throws Exception {
    Site site = site();
    ChannelName room = room();
    Connection elsewhere = closing(beginElsewhere());
    assertThatThrownBy(() -> site.store.append(elsewhere, List.of(site.draft(room, "x"))))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("is it another database or schema?");
    Connection foreign = closing(beginForeign());
    assertThatThrownBy(() -> site.store.append(foreign, List.of(site.draft(room, "x"))))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("Expected a connection to the database this store uses, got one to");
  }

  @Test
  void posting_has_a_bound() throws Exception {
    Site site = site();
    ChannelName room = room();
    Connection connection = hosts();
    assertThatThrownBy(() -> site.store.append(connection, List.of()))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("Expected 1 to 500 drafts");
    Draft draft = site.draft(room, "x");
    assertThatThrownBy(() -> site.store.append(connection, Collections.nCopies(501, draft)))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("got 501");
    Draft huge = site.draft(room, "x".repeat(900_000));
    assertThatThrownBy(() -> site.store.append(connection, Collections.nCopies(5, huge)))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("bytes together");
    List<Entry> heard = site.follow(room);
    List<Draft> most = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      most.add(site.draft(room, "line " + i));
    }
    Posting posting = site.store.append(connection, most);
    commit(connection);
    posting.committed();
    await().atMost(SOON).untilAsserted(() -> assertThat(heard).hasSize(500));
    assertThat(heard).isEqualTo(all(site.store, room));
  }

  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
