package dev.confab.chat.internal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.journal.ScriptedStore.Fault;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.testkit.CapturedLog;
import dev.confab.chat.testkit.QueueExecutor;
import dev.confab.chat.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Hundreds of runs in which everything happens at random, each of them repeatable by its seed. */
final class JournalModelTest {
  /** More of them with {@code -Dconfab.surefire.argLine=-Dconfab.seeds=20000}. */
  private static final int SEEDS = Integer.getInteger("confab.seeds", 600);

  @Test
  void whatever_happens_every_item_has_one_true_outcome_and_its_order() {
    long[] recorded = {0};
    Set<ErrorCode> refusals = new HashSet<>();
    long[] lookups = {0};
    long[] held = {0};
    long[] duplicates = {0};
    try (CapturedLog log = new CapturedLog(Journal.class)) {
      for (int seed = 0; seed < SEEDS; seed++) {
        Run run = new Run(seed);
        try {
          run.live();
          run.end();
          run.check();
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
        recorded[0] += run.recorded();
        run.sent.forEach(each -> each.code.ifPresent(refusals::add));
        lookups[0] += run.journal.counters().lookups();
        held[0] += run.journal.counters().held();
        duplicates[0] += run.journal.counters().duplicates();
      }
      assertThat(log.records())
          .as("what is said only when the hub or a sender fails, or the store breaks its rules")
          .noneMatch(line -> line.getMessage().startsWith("Whoever")
              || line.getMessage().startsWith("The store recorded"));
    }
    // The runs went where the dangers are.
    assertThat(recorded[0]).isGreaterThan(SEEDS * 20L);
    assertThat(lookups[0]).isGreaterThan(SEEDS);
    assertThat(held[0]).isGreaterThan(SEEDS);
    assertThat(duplicates[0]).isGreaterThan(SEEDS / 2);
    assertThat(refusals)
        .containsExactlyInAnyOrder(
            ErrorCode.OVERLOADED,
            ErrorCode.STORE_UNAVAILABLE,
            ErrorCode.OUTCOME_UNKNOWN,
            ErrorCode.INTERNAL);
  }

  /** Something that was given to the journal. */
  private static final class Sent implements Journal.Redacted {
    final EntryId id;
    final ChannelName channel;
    final Optional<Item> item;
    final Run run;
    int told;
    Optional<Receipt> receipt = Optional.empty();
    Optional<ErrorCode> code = Optional.empty();

    Sent(EntryId id, ChannelName channel, Optional<Item> item, Run run) {
      this.id = id;
      this.channel = channel;
      this.item = item;
      this.run = run;
    }

    @Override
    public Optional<Outlet> recorded(Receipt given) {
      told++;
      receipt = Optional.of(given);
      if (!given.duplicate() && !run.toldToHub.contains(given.channel() + "/" + given.seq())) {
        run.complaints.add("a sender was told before the hub");
      }
      if (!given.duplicate() && given.channel().isRoom()) {
        Long before = run.lastTold.put(given.channel(), given.seq());
        if (before != null && before >= given.seq()) {
          run.complaints.add("senders of a room were told out of order");
        }
      }
      return Optional.empty();
    }

    @Override
    public void refused(Refusal refusal) {
      told++;
      code = Optional.of(refusal.code());
    }

    @Override
    public void absent() {
      told++;
    }
  }

  private static final class Run {
    final Random random;
    final boolean endsWithShutdown;
    final VirtualTime time = new VirtualTime();
    final QueueExecutor main = new QueueExecutor("main");
    final QueueExecutor waiting = new QueueExecutor("waiting");
    final ScriptedStore store = new ScriptedStore();
    final Limits limits =
        Limits.builder().batchItems(5).batchBytes(3_000).journalDrafts(40).build();
    final Journal journal;
    final List<Sent> sent = new ArrayList<>();
    final Set<String> toldToHub = new HashSet<>();
    final Map<ChannelName, Long> lastTold = new HashMap<>();
    final List<String> complaints = new ArrayList<>();
    final List<UserRef> users = List.of(user("ann"), user("bob"), user("cid"));
    final List<ChannelName> rooms =
        List.of(ChannelName.of("room_hill"), ChannelName.of("room_lake"), ChannelName.BROADCAST);
    int drained;
    int asleep;

    Run(int seed) {
      random = new Random(seed);
      endsWithShutdown = seed % 8 == 7;
      journal = new Journal(store, this::committed, time, main, waiting, main, limits);
    }

    void live() {
      for (int step = 0; step < 250; step++) {
        step();
        assertThat(waiting.waiting()).as("waiting at once").isLessThanOrEqualTo(2);
        assertThat(main.waiting()).as("tasks of the main line").isLessThanOrEqualTo(3);
      }
    }

    private void step() {
      int dice = random.nextInt(100);
      if (dice < 35) {
        send();
      } else if (dice < 38) {
        redact();
      } else if (dice < 62) {
        main.runOne();
      } else if (dice < 74) {
        waiting.runAny(random);
      } else if (dice < 82) {
        time.advance(Duration.ofMillis(random.nextInt(random.nextInt(10) == 0 ? 6_000 : 200)));
      } else if (dice < 86) {
        ChannelName channel = anyChannel();
        if (!store.held.remove(channel)) {
          store.held.add(channel);
        }
      } else if (dice < 88) {
        store.held.clear();
      } else if (dice < 92) {
        Fault[] all = Fault.values();
        Fault fault = all[random.nextInt(all.length)];
        int times = random.nextInt(20) == 0 ? 15 : 1;
        IntStream.range(0, times).forEach(i -> store.faults.add(fault));
      } else if (dice < 94) {
        store.endLingering(random.nextBoolean());
      } else if (dice < 96) {
        store.writeElsewhere(message(anyChannel(), Optional.empty(), Optional.empty()));
      } else if (dice < 97) {
        time.jump(Duration.ofSeconds(random.nextInt(100) - 50));
      } else {
        QueueExecutor.runAll(main, waiting);
      }
    }

    void end() {
      journal.close();
      journal.whenDrained(() -> drained++);
      if (endsWithShutdown) {
        main.shutdown();
        waiting.shutdown();
      } else {
        store.held.clear();
        store.faults.clear();
      }
      for (int i = 0; i < 200 && drained == 0; i++) {
        QueueExecutor.runAll(main, waiting);
        store.endLingering(random.nextBoolean());
        time.advance(Duration.ofMillis(500));
      }
    }

    void check() {
      assertThat(drained).as("drained").isEqualTo(1);
      assertThat(complaints).isEmpty();
      assertThat(asleep).as("channels whose followers were not woken").isZero();
      assertThat(time.alarms()).isZero();
      assertThat(main.waiting() + waiting.waiting()).isZero();
      JournalCounters counters = journal.counters();
      assertThat(counters.drafts() + counters.bytes() + counters.lanes()).isZero();

      Map<EntryId, List<Entry>> messages = new HashMap<>();
      Map<EntryId, List<Entry>> copies = new HashMap<>();
      for (ChannelName channel : allChannels()) {
        long seq = 0;
        for (Entry entry : store.entries(channel)) {
          assertThat(entry.seq()).isEqualTo(++seq);
          (entry.kind() == EntryKind.COPY ? copies : messages)
              .computeIfAbsent(entry.id(), id -> new ArrayList<>())
              .add(entry);
        }
      }
      for (Sent each : sent) {
        checkOutcome(each, messages.getOrDefault(each.id, List.of()), copies);
      }
      checkOrder();
      for (Append append : store.appends) {
        assertThat(append.items().size()).isLessThanOrEqualTo(limits.batchItems());
        long bytes = append.items().stream().mapToLong(Item::weight).sum();
        assertThat(append.items().size() == 1 || bytes <= limits.batchBytes()).isTrue();
      }
    }

    private void checkOutcome(Sent each, List<Entry> standing, Map<EntryId, List<Entry>> copies) {
      assertThat(each.told).as("times told").isEqualTo(1);
      boolean recordedNow = each.receipt.isPresent() && !each.receipt.get().duplicate();
      if (recordedNow) {
        assertThat(standing).singleElement().satisfies(entry -> {
          assertThat(entry.seq()).isEqualTo(each.receipt.get().seq());
          assertThat(entry.at()).isEqualTo(each.receipt.get().at());
        });
        assertThat(copies.getOrDefault(each.id, List.of()))
            .hasSize(each.item.flatMap(Item::copy).isPresent() ? 1 : 0)
            .allSatisfy(copy -> assertThat(toldToHub).contains(copy.channel() + "/" + copy.seq()));
      } else if (each.code.equals(Optional.of(ErrorCode.OUTCOME_UNKNOWN))) {
        assertThat(standing.size()).isLessThanOrEqualTo(1);
      } else {
        assertThat(standing).as("what was refused with " + each.code).isEmpty();
      }
      if (each.receipt.isPresent() && each.receipt.get().duplicate()) {
        Entry first = store.entries(each.channel).get((int) each.receipt.get().seq() - 1);
        assertThat(first.key()).isEqualTo(each.item.orElseThrow().draft().key());
        assertThat(first.id()).isEqualTo(each.receipt.get().id());
      }
    }

    /** What one sender sent to one channel stands there in the order it was sent; copies so for each recipient. */
    private void checkOrder() {
      Map<String, List<EntryId>> sentOrder = new HashMap<>();
      Map<String, List<EntryId>> logOrder = new HashMap<>();
      Map<String, Set<EntryId>> standing = new HashMap<>();
      for (ChannelName channel : allChannels()) {
        for (Entry entry : store.entries(channel)) {
          if (entry.from().isPresent()) {
            String line = line(channel, entry.from().get(), entry.kind(), entry.about());
            logOrder.computeIfAbsent(line, name -> new ArrayList<>()).add(entry.id());
            standing.computeIfAbsent(line, name -> new HashSet<>()).add(entry.id());
          }
        }
      }
      for (Sent each : sent) {
        List<Draft> drafts = new ArrayList<>();
        each.item.ifPresent(item -> {
          drafts.add(item.draft());
          item.copy().ifPresent(drafts::add);
        });
        for (Draft draft : drafts) {
          if (draft.from().isPresent()) {
            String line = line(draft.channel(), draft.from().get(), draft.kind(), draft.about());
            if (standing.getOrDefault(line, Set.of()).contains(draft.id())) {
              sentOrder.computeIfAbsent(line, name -> new ArrayList<>()).add(draft.id());
            }
          }
        }
      }
      assertThat(logOrder).isEqualTo(sentOrder);
    }

    long recorded() {
      return sent.stream().filter(each -> each.receipt.isPresent()).count();
    }

    private Journal.Waking committed(Cursor previous, List<Entry> entries) {
      Entry first = entries.get(0);
      List<Entry> log = store.entries(first.channel());
      if (previous.seq() + 1 == first.seq()) {
        Cursor before =
            first.seq() == 1 ? Cursor.START : log.get((int) first.seq() - 2).cursor();
        if (!before.equals(previous)) {
          complaints.add("the place before an entry is another");
        }
      } else if (previous.seq() >= first.seq()) {
        complaints.add("the place before lies behind");
      }
      long seq = first.seq();
      for (Entry entry : entries) {
        if (entry.seq() != seq++ || !log.get((int) entry.seq() - 1).equals(entry)) {
          complaints.add("the hub was told what is not in the log");
        }
        if (!toldToHub.add(entry.channel() + "/" + entry.seq())) {
          complaints.add("the hub was told twice");
        }
      }
      asleep++;
      return quiet -> asleep--;
    }

    private void send() {
      Optional<UserRef> from = random.nextInt(8) == 0 ? Optional.empty() : Optional.of(anyUser());
      Optional<SendKey> key = random.nextInt(3) == 0
          ? Optional.of(SendKey.of("k" + random.nextInt(6)))
          : Optional.empty();
      ChannelName channel = anyChannel();
      Draft draft = message(channel, from, key);
      Optional<Draft> copy = channel
          .owner()
          .filter(owner -> from.isPresent() && !from.get().id().equals(owner))
          .map(owner -> draft.copyFor(from.orElseThrow(), owner));
      if (random.nextInt(60) == 0) {
        store.poisoned.add(draft.id());
      }
      Item item = new Item(draft, copy);
      Sent one = new Sent(draft.id(), channel, Optional.of(item), this);
      sent.add(one);
      journal.append(item, one);
    }

    private void redact() {
      ChannelName channel = anyChannel();
      EntryId id = EntryId.random(random);
      Sent one = new Sent(id, channel, Optional.empty(), this);
      sent.add(one);
      long seq = 1L + random.nextInt(store.entries(channel).size() + 1);
      journal.redact(channel, seq, id, one);
    }

    private Draft message(ChannelName channel, Optional<UserRef> from, Optional<SendKey> key) {
      Json data = Json.string("x".repeat(random.nextInt(random.nextInt(20) == 0 ? 4_000 : 50)));
      return Draft.message(channel, EntryId.random(random), from, key, data);
    }

    private ChannelName anyChannel() {
      List<ChannelName> all = allChannels();
      return all.get(random.nextInt(all.size()));
    }

    private List<ChannelName> allChannels() {
      List<ChannelName> all = new ArrayList<>(rooms);
      users.forEach(each -> all.add(ChannelName.user(each.id())));
      return all;
    }

    private UserRef anyUser() {
      return users.get(random.nextInt(users.size()));
    }

    private static UserRef user(String name) {
      return new UserRef(UserId.of(name), name);
    }

    private static String line(ChannelName channel, UserRef from, EntryKind kind, String about) {
      return channel + " " + from.id() + " " + kind + " " + about;
    }
  }
}
