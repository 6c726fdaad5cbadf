package dev.confab.chat.testkit;

import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Head;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import dev.confab.chat.spi.OutcomeUnknownException;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Stores that are wrong in one way each, as stores are wrong in life, and {@link Right}, which is right in spite of every
 * trouble.
 */
final class MessageStoreOffenders {
  private MessageStoreOffenders() {}

  /** A store that can show everything; offenders change it. One object a test, so what they remember is of that test. */
  abstract static class OnTroubledLog extends MessageStoreContract {
    static final int TOTAL_BYTES = 4 << 20;

    private final InMemoryMessageStore log =
        InMemoryMessageStore.builder().totalBytes(TOTAL_BYTES).build();
    private final TroubledLog troubled = new TroubledLog(log);

    /** The store that is shown in the place of this one. */
    abstract MessageStore changed(MessageStore right);

    @Override
    protected final Set<Ability> abilities() {
      return EnumSet.allOf(Ability.class);
    }

    @Override
    protected final MessageStore open() {
      return changed(troubled.open());
    }

    @Override
    protected UntilClosed hold(ChannelName channel) {
      return troubled.hold(channel);
    }

    @Override
    protected void trim(ChannelName channel, long upTo) {
      log.trim(channel, upTo);
    }

    @Override
    protected final MessageStore openLosing(Loss loss) {
      return changed(troubled.openLosing(loss));
    }

    @Override
    protected final UntilClosed takeAway() {
      return troubled.takeAway();
    }

    @Override
    protected final Draft poison(ChannelName channel) {
      return Draft.message(
          channel,
          new EntryId("tooLargeToRecord"),
          Optional.empty(),
          Optional.empty(),
          Json.string("x".repeat(TOTAL_BYTES / 2)));
    }

    @Override
    protected boolean exists(ChannelName channel) {
      return log.heads(List.of(channel)).get(channel).seq() > 0;
    }
  }

  /** Nothing is wrong with it. */
  static final class Right extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return right;
    }
  }

  // STORE-1

  /** A sequence that the database counts by itself: a number is lost now and then. */
  @Offends("STORE-1")
  static final class LeavesAGap extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          return changed(super.append(append), LeavesAGap::moved);
        }

        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          return changed(super.read(channel, position, entries, bytes), LeavesAGap::moved);
        }
      };
    }

    private static Entry moved(Entry entry) {
      return entry.seq() < 30 ? entry : at(entry, entry.seq() + 1, entry.no());
    }
  }

  /** {@code select max(seq) + 1} without a lock: two appends at once get one number. */
  @Offends("STORE-1")
  static final class GivesANumberTwice extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          return changed(super.append(append), GivesANumberTwice::moved);
        }

        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          return changed(super.read(channel, position, entries, bytes), GivesANumberTwice::moved);
        }
      };
    }

    private static Entry moved(Entry entry) {
      return entry.seq() == 36 ? at(entry, 35, 35) : entry;
    }
  }

  /** Counts every entry for a message. */
  @Offends("STORE-1")
  static final class CountsCopies extends OnTroubledLog {
    private final Map<ChannelName, Set<Long>> copies = new ConcurrentHashMap<>();

    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          return changed(super.append(append), entry -> counted(entry));
        }

        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          return changed(super.read(channel, position, entries, bytes), entry -> counted(entry));
        }
      };
    }

    private Entry counted(Entry entry) {
      Set<Long> seqs =
          copies.computeIfAbsent(entry.channel(), name -> ConcurrentHashMap.newKeySet());
      if (entry.kind() == EntryKind.COPY) {
        seqs.add(entry.seq());
      }
      long before = seqs.stream().filter(seq -> seq <= entry.seq()).count();
      return at(entry, entry.seq(), entry.no() + before);
    }
  }

  // STORE-2

  /** A cache of heads that nobody empties. */
  @Offends("STORE-2")
  static final class RemembersHeads extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        private final Map<ChannelName, Head> cache = new ConcurrentHashMap<>();

        @Override
        public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
          super.heads(channels).forEach(cache::putIfAbsent);
          Map<ChannelName, Head> heads = new HashMap<>();
          channels.forEach(channel -> heads.put(channel, cache.get(channel)));
          return heads;
        }
      };
    }
  }

  /** Reads what a replica has, which is one append behind until it is asked again. */
  @Offends("STORE-2")
  static final class AsksAReplica extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        private final Map<ChannelName, Page> replica = new ConcurrentHashMap<>();

        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          Page page = super.read(channel, position, entries, bytes);
          boolean newest = position.equals(new Position.BeforeSeq(Long.MAX_VALUE)) && entries == 1;
          Page before = newest ? replica.put(channel, page) : null;
          // Only a channel that is looked at again and again shows it.
          return before != null && page.head().seq() == before.head().seq() + 1 ? before : page;
        }
      };
    }
  }

  // STORE-3

  /** Asks the database for known keys, and forgets those of the same append. */
  @Offends("STORE-3")
  static final class OverlooksItsOwnAppend extends OnTroubledLog {
    private final Set<Object> known = ConcurrentHashMap.newKeySet();

    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          Set<Object> inThisOne = new HashSet<>();
          Appended appended = super.append(changed(append, item -> {
            Optional<Object> key = identity(item.draft());
            boolean twice =
                key.isPresent() && !known.contains(key.get()) && !inThisOne.add(key.get());
            return twice ? withoutKey(item) : item;
          }));
          known.addAll(inThisOne);
          return appended;
        }
      };
    }
  }

  /** Looks for keys only in this year's table. */
  @Offends("STORE-3")
  static final class ForgetsOldKeys extends OnTroubledLog {
    private final Map<Object, Instant> first = new ConcurrentHashMap<>();

    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          return super.append(changed(append, item -> {
            Optional<Object> key = identity(item.draft());
            boolean old = key.map(known -> first.computeIfAbsent(known, none -> append.at()))
                .map(at -> at.plus(Duration.ofDays(365)).isBefore(append.at()))
                .orElse(false);
            return old ? withoutKey(item) : item;
          }));
        }
      };
    }
  }

  /** Lets retention take the keys with the messages. */
  @Offends("STORE-3")
  static final class ForgetsTheKeysOfWhatItRemoved extends OnTroubledLog {
    private final Map<Object, Long> seqs = new ConcurrentHashMap<>();
    private final Map<ChannelName, Long> floors = new ConcurrentHashMap<>();

    @Override
    protected void trim(ChannelName channel, long upTo) {
      floors.put(channel, upTo);
      super.trim(channel, upTo);
    }

    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          Appended appended = super.append(changed(append, item -> {
            long floor = floors.getOrDefault(item.draft().channel(), 0L);
            boolean removed = identity(item.draft())
                .map(key -> seqs.getOrDefault(key, Long.MAX_VALUE) <= floor)
                .orElse(false);
            return removed ? withoutKey(item) : item;
          }));
          for (int i = 0; i < append.items().size(); i++) {
            if (appended.outcomes().get(i) instanceof Outcome.Recorded recorded) {
              identity(append.items().get(i).draft())
                  .ifPresent(key -> seqs.put(key, recorded.entry().seq()));
            }
          }
          return appended;
        }
      };
    }
  }

  /** Gives a repeat the time at which it came. */
  @Offends("STORE-3")
  static final class TellsTheTimeOfTheRepeat extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          Appended appended = super.append(append);
          List<Outcome> outcomes = new ArrayList<>();
          for (Outcome outcome : appended.outcomes()) {
            outcomes.add(
                outcome instanceof Outcome.Duplicate duplicate
                    ? retimed(duplicate.receipt(), append.at())
                    : outcome);
          }
          return new Appended(outcomes, appended.previous());
        }
      };
    }

    private static Outcome retimed(Receipt first, Instant at) {
      return new Outcome.Duplicate(new Receipt(first.channel(), first.seq(), first.id(), at, true));
    }
  }

  // STORE-4

  /** One transaction an item, where there should be one for all. */
  @Offends("STORE-4")
  static final class RecordsUpToThePoison extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          try {
            return super.append(append);
          } catch (StoreUnavailableException | OutcomeUnknownException e) {
            throw e;
          } catch (StoreException e) {
            for (Item item : append.items()) {
              super.append(alone(append, item));
            }
            throw e;
          }
        }
      };
    }
  }

  /** Takes every failure for a fault of the items. */
  @Offends("STORE-4")
  static final class BlamesTheItems extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          try {
            return super.append(append);
          } catch (StoreUnavailableException e) {
            throw new StoreException("failed", e);
          }
        }
      };
    }
  }

  // STORE-5

  /** Does not look at what became of the message before it records the copy. */
  @Offends("STORE-5")
  static final class CopiesARepeat extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          Appended appended = super.append(append);
          for (int i = 0; i < append.items().size(); i++) {
            Item item = append.items().get(i);
            if (appended.outcomes().get(i) instanceof Outcome.Duplicate
                && item.copy().isPresent()) {
              super.append(alone(append, Item.of(item.copy().get())));
            }
          }
          return appended;
        }
      };
    }
  }

  /** Records the message although its copy has to wait. */
  @Offends("STORE-5")
  static final class LeavesTheCopyOut extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          Appended appended = super.append(append);
          for (int i = 0; i < append.items().size(); i++) {
            Item item = append.items().get(i);
            if (appended.outcomes().get(i) instanceof Outcome.Held held
                && !held.channel().equals(item.draft().channel())) {
              super.append(alone(append, Item.of(item.draft())));
            }
          }
          return appended;
        }
      };
    }
  }

  // STORE-6

  /** Overwrites the place with each entry of the same append. */
  @Offends("STORE-6")
  static final class TellsThePlaceBeforeTheLast extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          Appended appended = super.append(append);
          Map<ChannelName, Cursor> previous = new HashMap<>();
          Map<ChannelName, Cursor> last = new HashMap<>(appended.previous());
          for (Outcome outcome : appended.outcomes()) {
            if (outcome instanceof Outcome.Recorded recorded) {
              Entry entry = recorded.entry();
              previous.put(entry.channel(), last.put(entry.channel(), entry.cursor()));
              recorded
                  .copy()
                  .ifPresent(copy ->
                      previous.put(copy.channel(), last.put(copy.channel(), copy.cursor())));
            }
          }
          return new Appended(appended.outcomes(), previous);
        }
      };
    }
  }

  /** Tells no place for channels that got copies only. */
  @Offends("STORE-6")
  static final class ForgetsTheChannelsOfCopies extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          Appended appended = super.append(append);
          Map<ChannelName, Cursor> previous = new HashMap<>();
          for (Item item : append.items()) {
            Cursor cursor = appended.previous().get(item.draft().channel());
            if (cursor != null) {
              previous.put(item.draft().channel(), cursor);
            }
          }
          return new Appended(appended.outcomes(), previous);
        }
      };
    }
  }

  // STORE-7

  /** Records again what it does not know to be recorded. */
  @Offends("STORE-7")
  static final class RepeatsBlindly extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          return super.append(new Append(append.items(), append.at(), append.patience(), Map.of()));
        }
      };
    }
  }

  /** Takes whatever stands behind what was seen for its own. */
  @Offends("STORE-7")
  static final class TakesForeignEntriesForItsOwn extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          ChannelName channel = append.items().get(0).draft().channel();
          Cursor seen = append.seen().get(channel);
          if (seen != null && append.items().size() == 1) {
            List<Entry> behind =
                read(channel, new Position.After(seen), 1, Integer.MAX_VALUE).entries();
            if (!behind.isEmpty()) {
              return new Appended(
                  List.of(new Outcome.Recorded(behind.get(0), Optional.empty())), Map.of());
            }
          }
          return super.append(append);
        }
      };
    }
  }

  // STORE-8

  /** One held channel and the whole append waits. */
  @Offends("STORE-8")
  static final class HoldsEverythingBack extends OnTroubledLog {
    private final Set<ChannelName> held = ConcurrentHashMap.newKeySet();

    @Override
    protected UntilClosed hold(ChannelName channel) {
      held.add(channel);
      UntilClosed hold = super.hold(channel);
      return () -> {
        held.remove(channel);
        hold.close();
      };
    }

    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          Optional<ChannelName> one = append.items().stream()
              .map(item -> item.draft().channel())
              .filter(held::contains)
              .findFirst();
          if (one.isPresent() && append.items().size() > 1) {
            Outcome outcome = new Outcome.Held(one.get());
            return new Appended(append.items().stream().map(item -> outcome).toList(), Map.of());
          }
          return super.append(append);
        }
      };
    }
  }

  /** Locks channels in the order they come, so that two appends wait for each other. */
  @Offends("STORE-8")
  static final class LocksInTheOrderOfItems extends OnTroubledLog {
    private final Map<ChannelName, ReentrantLock> locks = new ConcurrentHashMap<>();

    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          Deque<ReentrantLock> taken = new ArrayDeque<>();
          try {
            for (Item item : append.items()) {
              ReentrantLock lock =
                  locks.computeIfAbsent(item.draft().channel(), name -> new ReentrantLock());
              if (!lock.tryLock(2, TimeUnit.SECONDS)) {
                throw new StoreUnavailableException("deadlock");
              }
              taken.push(lock);
              if (append.items().size() < 10) {
                // Long enough for others to take theirs.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
              }
            }
            return super.append(append);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("interrupted", e);
          } finally {
            taken.forEach(ReentrantLock::unlock);
          }
        }
      };
    }
  }

  // STORE-9

  /** Waits for what comes behind a cursor it has never given out. */
  @Offends("STORE-9")
  static final class GoesOnFromAhead extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          Page page = super.read(channel, position, entries, bytes);
          boolean ahead = position instanceof Position.After after
              && after.cursor().seq() > page.head().seq();
          return ahead ? new Page(true, List.of(), false, page.head(), Optional.empty()) : page;
        }
      };
    }
  }

  /** Looks at the number alone when it reads backward. */
  @Offends("STORE-9")
  static final class TakesAnyIdBackward extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          Position taken = position instanceof Position.Before before
              ? new Position.BeforeSeq(before.cursor().seq())
              : position;
          return super.read(channel, taken, entries, bytes);
        }
      };
    }
  }

  // STORE-10

  /** Has no bound but the number of entries. */
  @Offends("STORE-10")
  static final class IgnoresTheBytes extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          return super.read(channel, position, entries, Integer.MAX_VALUE);
        }
      };
    }
  }

  /** Never gets past an entry that is larger than a page. */
  @Offends("STORE-10")
  static final class StopsAtALargeEntry extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          Page page = super.read(channel, position, entries, bytes);
          boolean large =
              page.entries().size() == 1 && page.entries().get(0).data().bytes() > bytes;
          return large ? new Page(true, List.of(), true, page.head(), page.trimmed()) : page;
        }
      };
    }
  }

  /** Takes a full page for a sign that there is more. */
  @Offends("STORE-10")
  static final class GuessesThatThereIsMore extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          Page page = super.read(channel, position, entries, bytes);
          return new Page(
              page.fits(),
              page.entries(),
              page.entries().size() == entries,
              page.head(),
              page.trimmed());
        }
      };
    }
  }

  // STORE-11

  /** Goes on behind what is gone as if nothing had been there. */
  @Offends("STORE-11")
  static final class ConcealsWhatIsGone extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          Page page = super.read(channel, position, entries, bytes);
          return new Page(page.fits(), page.entries(), page.more(), page.head(), Optional.empty());
        }
      };
    }
  }

  /** Keeps the number of the last entry it removed, but not its id. */
  @Offends("STORE-11")
  static final class ForgetsTheFloor extends OnTroubledLog {
    private final Map<ChannelName, Long> floors = new ConcurrentHashMap<>();

    @Override
    protected void trim(ChannelName channel, long upTo) {
      floors.put(channel, upTo);
      super.trim(channel, upTo);
    }

    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          Page page = super.read(channel, position, entries, bytes);
          boolean floor = position instanceof Position.After after
              && after.cursor().seq() == floors.getOrDefault(channel, -1L);
          return floor ? Page.misfit(page.head()) : page;
        }
      };
    }
  }

  // STORE-12

  /** A collation that does not know upper from lower case. */
  @Offends("STORE-12")
  static final class FoldsNames extends OnTroubledLog {
    private final Map<String, ChannelName> first = new ConcurrentHashMap<>();

    private ChannelName folded(ChannelName channel) {
      return first.computeIfAbsent(channel.value().toLowerCase(Locale.ROOT), none -> channel);
    }

    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          return super.append(changed(append, item -> {
            Draft draft = item.draft();
            return new Item(
                new Draft(
                    folded(draft.channel()),
                    draft.id(),
                    draft.kind(),
                    draft.about(),
                    draft.from(),
                    draft.key(),
                    draft.data()),
                item.copy());
          }));
        }

        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          return super.read(folded(channel), position, entries, bytes);
        }
      };
    }
  }

  /** The same for keys. */
  @Offends("STORE-12")
  static final class FoldsKeys extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Appended append(Append append) {
          return super.append(changed(append, item -> {
            Draft draft = item.draft();
            return new Item(
                keyed(
                    draft,
                    draft.key().map(key -> SendKey.of(key.value().toLowerCase(Locale.ROOT)))),
                item.copy());
          }));
        }
      };
    }
  }

  /** An encoding of at most three bytes a character. */
  @Offends("STORE-12")
  static final class LosesEmoji extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return losing(right, "[\\x{10000}-\\x{10ffff}]", "?");
    }
  }

  /** A column type that knows JSON, and what numbers mean. */
  @Offends("STORE-12")
  static final class RewritesNumbers extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return losing(right, "1\\.10", "1.1");
    }
  }

  // STORE-13

  /** Makes a row for every channel that is asked about. */
  @Offends("STORE-13")
  static final class CreatesWhatItReads extends OnTroubledLog {
    private final Set<ChannelName> created = ConcurrentHashMap.newKeySet();

    @Override
    protected boolean exists(ChannelName channel) {
      return created.contains(channel) || super.exists(channel);
    }

    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          created.add(channel);
          return super.read(channel, position, entries, bytes);
        }
      };
    }
  }

  /** Tells heads only of channels it has rows for. */
  @Offends("STORE-13")
  static final class LeavesEmptyHeadsOut extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Map<ChannelName, Head> heads(Collection<ChannelName> channels) {
          Map<ChannelName, Head> heads = new HashMap<>(super.heads(channels));
          heads.values().removeIf(Head.EMPTY::equals);
          return heads;
        }
      };
    }
  }

  // STORE-14

  /** Serves pages it remembers from before. */
  @Offends("STORE-14")
  static final class ServesOldPages extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        private final Map<Object, Entry> cache = new ConcurrentHashMap<>();

        @Override
        public Page read(ChannelName channel, Position position, int entries, int bytes) {
          return changed(
              super.read(channel, position, entries, bytes),
              entry -> cache.computeIfAbsent(List.of(channel, entry.seq()), none -> entry));
        }
      };
    }
  }

  /** Takes data that is null for data that was taken away. */
  @Offends("STORE-14")
  static final class TakesNullForRedacted extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Optional<Appended> redact(ChannelName channel, long seq, EntryId id, Instant at) {
          boolean isNull =
              read(channel, new Position.AfterSeq(0), 100, Integer.MAX_VALUE).entries().stream()
                  .anyMatch(entry -> entry.seq() == seq && entry.data().equals(Json.NULL));
          return isNull ? Optional.empty() : super.redact(channel, seq, id, at);
        }
      };
    }
  }

  /** Records a redaction again, though there is nothing left to take away. */
  @Offends("STORE-14")
  static final class RedactsAgain extends OnTroubledLog {
    @Override
    MessageStore changed(MessageStore right) {
      return new StoreWrapper(right) {
        @Override
        public Optional<Appended> redact(ChannelName channel, long seq, EntryId id, Instant at) {
          Optional<Appended> redacted = super.redact(channel, seq, id, at);
          boolean there =
              read(channel, new Position.AfterSeq(0), 100, Integer.MAX_VALUE).entries().stream()
                  .anyMatch(entry -> entry.seq() == seq);
          if (redacted.isPresent() || !there) {
            return redacted;
          }
          Draft draft = new Draft(
              channel,
              id,
              EntryKind.REDACTION,
              Long.toString(seq),
              Optional.empty(),
              Optional.empty(),
              Json.NULL);
          return Optional.of(super.append(Append.of(List.of(Item.of(draft)), at)));
        }
      };
    }
  }

  private static MessageStore losing(MessageStore right, String what, String instead) {
    return new StoreWrapper(right) {
      @Override
      public Appended append(Append append) {
        return super.append(changed(append, item -> {
          Json data = item.draft().data();
          return data.bytes() > 1 << 20
              ? item
              : new Item(
                  item.draft().withData(Json.recorded(data.text().replaceAll(what, instead))),
                  item.copy());
        }));
      }
    };
  }

  private static Append alone(Append append, Item item) {
    return new Append(List.of(item), append.at(), append.patience(), append.seen());
  }

  private static Optional<Object> identity(Draft draft) {
    return draft
        .key()
        .map(key ->
            List.of(draft.channel(), draft.from().map(user -> user.id()), key, draft.about()));
  }

  private static Item withoutKey(Item item) {
    return new Item(keyed(item.draft(), Optional.empty()), item.copy());
  }

  private static Draft keyed(Draft draft, Optional<SendKey> key) {
    return new Draft(
        draft.channel(), draft.id(), draft.kind(), draft.about(), draft.from(), key, draft.data());
  }

  private static Entry at(Entry entry, long seq, long no) {
    return new Entry(
        entry.channel(),
        seq,
        entry.id(),
        entry.kind(),
        no,
        entry.about(),
        entry.from(),
        entry.key(),
        entry.at(),
        entry.data());
  }
}
