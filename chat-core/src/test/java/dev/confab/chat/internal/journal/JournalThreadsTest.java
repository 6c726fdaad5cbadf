package dev.confab.chat.internal.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.internal.journal.ScriptedStore.Fault;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.internal.time.SystemTime;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.testkit.CapturedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The journal with threads as the engine gives it, under load and faults. */
final class JournalThreadsTest {
  private static final int SENDERS = 6;
  private static final int EACH = 1_500;

  @Test
  void threads_that_send_at_once_each_keep_their_order_through_faults() throws Exception {
    ScriptedStore store = new ScriptedStore();
    ExecutorService main = Executors.newSingleThreadExecutor();
    ExecutorService waiting = Executors.newFixedThreadPool(2);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger overlaps = new AtomicInteger();
    ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    List<ChannelName> rooms =
        List.of(ChannelName.of("room_hill"), ChannelName.of("room_lake"), ChannelName.BROADCAST);
    try (SystemTime time = new SystemTime(Thread::new);
        CapturedLog log = new CapturedLog(Journal.class)) {
      Journal journal = new Journal(
          store,
          (previous, entries) -> {
            if (inside.incrementAndGet() > 1) {
              overlaps.incrementAndGet();
            }
            inside.decrementAndGet();
            return quiet -> {};
          },
          time,
          main,
          waiting,
          main,
          Limits.builder().journalDrafts(2_000).build());
      List<Thread> senders = new ArrayList<>();
      for (int sender = 0; sender < SENDERS; sender++) {
        UserRef user = new UserRef(UserId.of("user" + sender), "User " + sender);
        Random random = new Random(sender);
        // As a connection does: so many without outcome, and no more.
        Semaphore open = new Semaphore(100);
        senders.add(new Thread(() -> {
          for (int i = 0; i < EACH; i++) {
            Draft draft = Draft.message(
                rooms.get(random.nextInt(rooms.size())),
                EntryId.random(random),
                Optional.of(user),
                Optional.empty(),
                Json.string(String.valueOf(i)));
            open.acquireUninterruptibly();
            journal.append(Item.of(draft), new Telling(draft.id(), told, open));
            if (i % 300 == 0) {
              disturb(store, time, random, rooms);
            }
          }
        }));
      }
      senders.forEach(Thread::start);
      for (Thread sender : senders) {
        sender.join();
      }
      synchronized (store) {
        store.held.clear();
        store.faults.clear();
      }
      CountDownLatch drained = new CountDownLatch(1);
      journal.close();
      journal.whenDrained(drained::countDown);
      assertThat(drained.await(60, TimeUnit.SECONDS)).as("drained").isTrue();
      assertThat(journal.counters().drafts()).isZero();
      assertThat(log.records()).noneMatch(line -> line.getMessage().startsWith("Whoever"));
    } finally {
      main.shutdown();
      waiting.shutdown();
    }
    assertThat(main.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    assertThat(waiting.awaitTermination(10, TimeUnit.SECONDS)).isTrue();

    assertThat(overlaps).hasValue(0);
    assertThat(told).hasSize(SENDERS * EACH).doesNotHaveDuplicates();
    int standing = 0;
    for (ChannelName room : rooms) {
      int[] last = new int[SENDERS];
      long seq = 0;
      for (Entry entry : store.entries(room)) {
        assertThat(entry.seq()).isEqualTo(++seq);
        int sender = Integer.parseInt(entry.from().orElseThrow().id().value().substring(4));
        int number = Integer.parseInt(entry.data().asString().orElseThrow());
        assertThat(number).isGreaterThanOrEqualTo(last[sender]);
        last[sender] = number + 1;
        standing++;
      }
    }
    assertThat(standing).isGreaterThan(SENDERS * EACH / 2);
  }

  private static void disturb(
      ScriptedStore store, SystemTime time, Random random, List<ChannelName> rooms) {
    synchronized (store) {
      store.held.clear();
      if (random.nextBoolean()) {
        store.held.add(rooms.get(random.nextInt(rooms.size())));
        time.after(Duration.ofMillis(5), () -> {
          synchronized (store) {
            store.held.clear();
          }
        });
      }
      Fault[] all = {Fault.UNAVAILABLE, Fault.BROKEN, Fault.COMMITTED_UNKNOWN, Fault.LOST_UNKNOWN};
      store.faults.add(all[random.nextInt(all.length)]);
    }
  }

  private record Telling(EntryId id, ConcurrentLinkedQueue<String> told, Semaphore open)
      implements Journal.Settled {
    @Override
    public Optional<Outlet> recorded(Receipt receipt) {
      told.add(id.value());
      open.release();
      return Optional.empty();
    }

    @Override
    public void refused(Refusal refusal) {
      told.add(id.value());
      open.release();
    }
  }
}
