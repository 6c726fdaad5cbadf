package dev.confab.chat.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.confab.chat.internal.journal.Journal;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.spi.Backplane.Envelope;
import dev.confab.chat.spi.HostTransactions.Stretch;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Item;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One run: engines, devices, a network and a log on one thread and a clock of their own. What happens next is drawn from
 * the seed, and so is what goes wrong. While a store, the application or a listener is called, everything else goes on.
 */
final class Simulation {
  static final ChannelName HOST_FOLLOWS = ChannelName.of("room_a");
  static final List<ChannelName> ROOMS = List.of(HOST_FOLLOWS, ChannelName.of("room_b"));
  static final List<String> USERS = List.of("tom", "ann", "eve");

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** How deep calls of the application and the store may lie in each other. */
  private static final int DEPTH = 3;

  private static final int TRACE = 400;

  private final long seed;
  private final SplittableRandom random;
  private final Planted planted;
  private final Plan plan;
  private final Ledger ledger;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Node> leaving = new ArrayList<>();
  private final List<Device> devices = new ArrayList<>();
  private final List<Link> links = new ArrayList<>();
  private final Set<ChannelName> held = new LinkedHashSet<>();
  private final List<Posting> postings = new ArrayList<>();
  private final List<Claim> claims = new ArrayList<>();
  private final Map<String, Long> counts = new HashMap<>();
  private final Deque<Object[]> trace = new ArrayDeque<>();
  private long traced;
  private @Nullable Violation violation;
  private boolean settling;
  private boolean storeGone;
  private boolean stalls;

  /** True while a node closes that is to have time. */
  private boolean quiet;

  private int depth;
  private int nodesMade;
  private int messagesMade;
  private int barriersKept;
  private int barriersVoid;

  Simulation(long seed, Planted planted) {
    this.seed = seed;
    this.planted = planted;
    // Not the seed itself, nor a multiple of its step: runs of seeds side by side would draw the
    // same
    // things, one place apart.
    random = new SplittableRandom(new SplittableRandom(seed).nextLong());
    plan = Plan.draw(random);
    ledger = new Ledger(this);
    for (int i = 0; i < plan.nodes(); i++) {
      nodes.add(newNode());
    }
    int count = 2 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      String user = USERS.get(random.nextInt(USERS.size()));
      boolean plain = random.nextInt(3) == 0;
      devices.add(new Device(this, user + i + (plain ? "-plain" : ""), user, plain));
    }
  }

  private Node newNode() {
    return new Node(this, "node" + ++nodesMade, plan, random.nextLong());
  }

  /** Lives, comes to rest, and is looked at; throws what was wrong. */
  void run() {
    try {
      for (int step = 0; step < plan.steps(); step++) {
        step();
        if (step % 4 == 0) {
          nodes.forEach(Node::checkBounds);
        }
        stopIfViolated();
      }
      settle();
      end();
    } catch (Violation violated) {
      throw violated;
    } catch (RuntimeException e) {
      throw new Violation(Rule.NO_FAULT_OF_OURS, e.toString() + told(), e);
    }
  }

  // Living.

  private void step() {
    int dice = random.nextInt(100);
    if (dice < 55) {
      work();
    } else if (dice < 70) {
      device().act();
    } else if (dice < 88) {
      network();
    } else if (dice < 94) {
      pass(Duration.ofMillis(random.nextInt(random.nextInt(10) == 0 ? 3_000 : 60)));
    } else {
      disturb();
    }
  }

  private boolean work() {
    List<Worker> ready = new ArrayList<>();
    List<Node> receiving = new ArrayList<>();
    for (Node node : alive()) {
      for (Worker worker : node.workers()) {
        if (worker.canRun(settling ? Long.MAX_VALUE : node.clock().nanos())) {
          ready.add(worker);
        }
      }
      if (node.hasArrivals()) {
        receiving.add(node);
      }
    }
    int choices = ready.size() + receiving.size();
    if (choices == 0) {
      return false;
    }
    int chosen = random.nextInt(choices);
    if (chosen >= ready.size()) {
      receiving.get(chosen - ready.size()).receive();
      return true;
    }
    run(ready.get(chosen));
    return true;
  }

  void run(Worker worker) {
    try {
      worker.run(random);
      if (plants(Planted.TASK_FAILS, 500)) {
        throw new IllegalStateException("planted");
      }
    } catch (RuntimeException | Error e) {
      violated(Rule.NO_FAULT_OF_OURS, "a task of " + worker + " ended with " + e, e);
    }
  }

  private boolean network() {
    List<Link> moving = new ArrayList<>();
    links.removeIf(Link::isDone);
    for (Link link : links) {
      if (link.canMove()) {
        moving.add(link);
      }
    }
    if (moving.isEmpty()) {
      return false;
    }
    Link link = moving.get(random.nextInt(moving.size()));
    for (int moves = 1 + random.nextInt(4); moves > 0 && link.canMove(); moves--) {
      link.move();
    }
    return true;
  }

  private void disturb() {
    if (plan.retention() && random.nextInt(3) == 0) {
      trim();
    }
    switch (random.nextInt(12)) {
      case 0 -> {
        if (plan.holds() && !held.remove(anyChannel())) {
          held.add(anyChannel());
        }
      }
      case 1 -> held.clear();
      case 2 -> {
        if (plan.storeFaults() > 0) {
          storeGone = !storeGone && random.nextBoolean();
          stalls = !storeGone && random.nextInt(3) == 0;
        }
      }
      case 3 -> {
        Node node = anyNode();
        long until = node.clock().nanos() + random.nextLong(1_500_000_000L);
        node.slowest(random.nextInt(6)).sleepUntil(until);
      }
      case 4, 5 -> {
        if (plan.others()) {
          writeElsewhere();
        }
      }
      case 6 -> {
        if (depth == 0 && random.nextInt(4) == 0) {
          if (plan.crashes()) {
            crash();
          }
          if (plan.closes()) {
            close();
          }
        }
      }
      case 7 -> {
        if (plan.rollbacks() && random.nextInt(3) > 0) {
          rollBack();
        }
      }
      case 8, 10 -> {
        if (plan.postings()) {
          post();
        }
      }
      case 9 -> {
        if (plan.redactions()) {
          redact();
        }
      }
      default -> {}
    }
  }

  /** Retention takes what is old, and often what somebody who is behind has not read. */
  private void trim() {
    ChannelName channel = anyChannel();
    long head = ledger.head(channel);
    if (head > 0) {
      long upTo = random.nextBoolean() ? head : 1 + random.nextLong(head);
      trace("  retention removes", channel, "up to", upTo);
      ledger.trim(channel, upTo);
    }
  }

  /** The database fails over to a copy that lacks its newest commits, or is restored. */
  private void rollBack() {
    int states = ledger.states();
    if (states == 0) {
      return;
    }
    int back =
        random.nextInt(4) == 0 ? random.nextInt(states) : random.nextInt(Math.min(states, 6));
    trace("  the log goes back by", 1 + back, "changes");
    postings.clear();
    ledger.rollBack(states - 1 - back);
  }

  /** A transaction of the host, which holds its channels until it ends. */
  private record Posting(List<Item> items, Set<ChannelName> channels) {}

  /** What the host has not said yet. */
  private record Claim(FaultyStore store, List<Stretch> stretches) {}

  private void post() {
    if (!claims.isEmpty() && random.nextBoolean()) {
      Claim claim = claims.remove(random.nextInt(claims.size()));
      trace("  the host says late", claim.stretches());
      count("postings told late");
      claim.store().claimed(claim.stretches());
      return;
    }
    if (postings.isEmpty() || random.nextInt(3) == 0) {
      List<Item> items = new ArrayList<>();
      Set<ChannelName> channels = new LinkedHashSet<>();
      for (int count = 1 + random.nextInt(4); count > 0; count--) {
        ChannelName channel = anyChannel();
        if (heldOf(List.of(channel)) == null) {
          channels.add(channel);
          items.add(hostItem(channel));
        }
      }
      if (!items.isEmpty()) {
        trace("  the host holds", channels);
        postings.add(new Posting(items, channels));
      }
      return;
    }
    Posting posting = postings.remove(random.nextInt(postings.size()));
    Map<ChannelName, Cursor> before = new LinkedHashMap<>();
    posting
        .channels()
        .forEach(channel -> before.put(channel, ledger.at(channel, ledger.head(channel))));
    boolean committed = !storeGone && random.nextInt(4) > 0;
    trace("  the host", committed ? "commits" : "rolls back", posting.channels());
    count(committed ? "postings committed" : "postings rolled back");
    Map<ChannelName, Cursor> last = new LinkedHashMap<>();
    if (committed) {
      ledger.append(Append.of(posting.items(), now()));
      before
          .keySet()
          .forEach(channel -> last.put(channel, ledger.at(channel, ledger.head(channel))));
    } else {
      // What it would have written; it may believe that it did.
      for (Item item : posting.items()) {
        ChannelName channel = item.draft().channel();
        long seq = last.getOrDefault(channel, before.get(channel)).seq() + 1;
        last.put(channel, Cursor.of(seq, item.draft().id()));
      }
    }
    List<Stretch> stretches = new ArrayList<>();
    before.forEach(
        (channel, place) -> stretches.add(new Stretch(channel, place, last.get(channel))));
    FaultyStore told = anyNode().store();
    switch (random.nextInt(3)) {
      case 0 -> {
        trace("  and says so at once");
        count("postings told at once");
        told.claimed(stretches);
      }
      case 1 -> claims.add(new Claim(told, stretches));
      default -> count("postings never told");
    }
  }

  private Instant now() {
    return anyNode().clock().now().truncatedTo(ChronoUnit.MILLIS);
  }

  private Item hostItem(ChannelName channel) {
    return Item.of(Draft.message(
        channel,
        EntryId.random(random),
        Optional.empty(),
        Optional.empty(),
        Json.string("from the host")));
  }

  private void redact() {
    ChannelName channel = anyChannel();
    long head = ledger.head(channel);
    if (head == 0 || heldOf(List.of(channel)) != null) {
      return;
    }
    long seq = random.nextBoolean() ? 1 + random.nextLong(head) : head;
    EntryId id = EntryId.random(random);
    if (random.nextBoolean()) {
      ledger.redact(channel, seq, id, now());
    } else {
      anyNode().engine().journal().redact(channel, seq, id, new Ignored());
    }
  }

  /** A node is closed orderly, in more or less time, and another comes in its place. */
  private void close() {
    Node old = anyNode();
    boolean idle = random.nextBoolean();
    Duration within = idle ? Duration.ofMinutes(5) : Duration.ofMillis(1 + random.nextInt(8_000));
    trace(old.name(), "closes within", within, "at", old.clock().now());
    int at = nodes.indexOf(old);
    leaving.add(old);
    nodes.set(at, newNode());
    depth++;
    quiet = idle;
    old.close(within, idle);
    quiet = false;
    depth--;
    if (!plants(Planted.THREADS_LIVE_ON, 1)) {
      leaving.remove(old);
    }
    trace(old.name(), "has closed");
    counts.merge("orderly closes", 1L, Long::sum);
  }

  /** While a node closes, everything goes on; if it has time, nothing keeps it from what it has to do. */
  void whileClosing(boolean idle) {
    for (int steps = idle ? 20 : 4; steps > 0; steps--) {
      stopIfViolated();
      if (idle || random.nextInt(3) == 0) {
        work();
        network();
      } else {
        step();
      }
    }
    pass(Duration.ofMillis(1 + random.nextInt(idle ? 20 : 300)));
  }

  private void writeElsewhere() {
    ChannelName channel = anyChannel();
    if (heldOf(List.of(channel)) != null) {
      return;
    }
    List<Item> items = new ArrayList<>();
    for (int count = 1 + random.nextInt(5); count > 0; count--) {
      items.add(Item.of(Draft.message(
          channel,
          EntryId.random(random),
          random.nextBoolean()
              ? Optional.empty()
              : Optional.of(new UserRef(UserId.of("zoe"), "zoe")),
          Optional.empty(),
          Json.string("from elsewhere"))));
    }
    ledger.append(Append.of(items, now()));
  }

  /** Somebody who redacts and does not ask what became of it. */
  private static final class Ignored implements Journal.Redacted {
    @Override
    public void absent() {}

    @Override
    public Optional<Outlet> recorded(Receipt receipt) {
      return Optional.empty();
    }

    @Override
    public void refused(Refusal refusal) {}
  }

  private void crash() {
    Node old = anyNode();
    trace(old.name(), "dies");
    old.die();
    counts.merge("kills", 1L, Long::sum);
    nodes.set(nodes.indexOf(old), newNode());
  }

  private void pass(Duration time) {
    for (Node node : alive()) {
      if (!node.hasEnded()) {
        node.clock().advance(time);
      }
    }
  }

  /** Also those that are closing. */
  private List<Node> alive() {
    if (leaving.isEmpty()) {
      return nodes;
    }
    List<Node> all = new ArrayList<>(nodes);
    all.addAll(leaving);
    return all;
  }

  /** The store is asked and takes long: so much else happens meanwhile. */
  void atLeisure() {
    if (depth < DEPTH && !settling && !quiet) {
      depth++;
      for (int steps = 1 + random.nextInt(6); steps > 0; steps--) {
        step();
      }
      depth--;
    }
  }

  boolean storeStalls() {
    return stalls && random.nextInt(4) == 0;
  }

  /** Called where something foreign is called: meanwhile everything else may go on. */
  void meanwhile() {
    if (depth >= DEPTH || random.nextInt(4) > 0) {
      return;
    }
    depth++;
    for (int steps = 1 + random.nextInt(6); steps > 0; steps--) {
      if (settling || quiet) {
        work();
      } else {
        step();
      }
    }
    depth--;
  }

  // Coming to rest.

  private void settle() {
    if (plan.rollbacks() && random.nextBoolean()) {
      rollBackLast();
    }
    trace("faults end");
    settling = true;
    held.clear();
    storeGone = false;
    stalls = false;
    postings.clear();
    String left = "";
    beTold();
    for (int round = 0; round < 400; round++) {
      drain();
      left = restless();
      if (left.isEmpty()) {
        return;
      }
      drain();
      pass(Duration.ofMillis(random.nextInt(1_000)));
    }
    violated(Rule.COMES_TO_REST, left);
    stopIfViolated();
  }

  /** Once more the log goes back, and hardly anything is said afterwards: nobody is helped by what comes next. */
  private void rollBackLast() {
    drainAWhile();
    rollBack();
    for (int count = random.nextInt(3); count > 0; count--) {
      ChannelName channel = anyChannel();
      Item item = hostItem(channel);
      if (random.nextInt(3) > 0) {
        anyNode().engine().journal().append(item, new Ignored());
      } else if (heldOf(List.of(channel)) == null) {
        ledger.append(Append.of(List.of(item), now()));
      }
    }
  }

  /** Most of what is under way comes to its end; then most followers are where their log ends. */
  private void drainAWhile() {
    for (int moves = random.nextInt(400); moves > 0; moves--) {
      if (!(random.nextInt(3) == 0 ? network() || work() : work() || network())) {
        return;
      }
    }
  }

  /** Nobody does anything: who follows a log is told within a few periods of the watch, whatever that is. */
  private void beTold() {
    for (int second = 0; second < 8; second++) {
      drain();
      pass(Duration.ofSeconds(1));
    }
    drain();
    for (Device device : devices) {
      String untold = device.untold();
      if (untold != null) {
        violated(Rule.TOLD_IN_TIME, device + " " + untold);
      }
    }
    for (Node node : nodes) {
      String untold = node.restless();
      if (untold != null) {
        violated(Rule.TOLD_IN_TIME, untold);
      }
    }
    stopIfViolated();
  }

  private String restless() {
    StringBuilder left = new StringBuilder();
    for (Device device : devices) {
      String undone = device.settle();
      if (undone != null) {
        left.append(device).append(' ').append(undone).append("; ");
      }
    }
    for (Node node : nodes) {
      String undone = node.restless();
      if (undone != null) {
        left.append(undone).append("; ");
      }
    }
    return left.toString();
  }

  private void drain() {
    for (int i = 0; i < 200_000; i++) {
      boolean moved = random.nextInt(3) == 0 ? network() || work() : work() || network();
      stopIfViolated();
      if (!moved) {
        return;
      }
    }
    violated(Rule.COMES_TO_REST, "it goes on and on");
    stopIfViolated();
  }

  private void end() {
    checkLog();
    trace("everybody goes");
    devices.forEach(Device::leave);
    nodes.forEach(Node::endFollowing);
    // Longer than any grace, patience or idle time.
    for (int second = 0; second < 45; second++) {
      drain();
      pass(Duration.ofSeconds(1));
    }
    drain();
    for (Node node : nodes) {
      String leaks = node.leaks();
      if (!leaks.isEmpty()) {
        violated(Rule.NOTHING_LEAKS, node.name() + ": " + leaks);
      }
    }
    stopIfViolated();
  }

  private void checkLog() {
    Map<String, List<Entry>> byMark = new HashMap<>();
    Map<EntryId, Entry> originals = new HashMap<>();
    Map<EntryId, Entry> copies = new HashMap<>();
    for (ChannelName channel : ledger.channels()) {
      for (Entry entry : ledger.of(channel)) {
        if (entry.kind() == EntryKind.MESSAGE) {
          String data = entry.data().asString().orElse("");
          String mark = data.substring(0, data.indexOf(' ') + 1);
          byMark.computeIfAbsent(mark, name -> new ArrayList<>()).add(entry);
          boolean direct = channel.owner().isPresent()
              && entry.from().isPresent()
              && !entry.from().get().id().equals(channel.owner().get())
              && data.startsWith("m");
          if (direct) {
            originals.put(entry.id(), entry);
          }
        } else if (entry.kind() == EntryKind.COPY && copies.put(entry.id(), entry) != null) {
          violated(Rule.COPIES_MATCH, "two copies " + entry);
        }
      }
    }
    if (!originals.keySet().equals(copies.keySet())) {
      violated(Rule.COPIES_MATCH, originals + " and " + copies);
    }
    for (Device device : devices) {
      for (Message message : device.messages()) {
        checkMessage(message, byMark.getOrDefault(message.mark(), List.of()));
      }
    }
    stopIfViolated();
  }

  private void checkMessage(Message message, List<Entry> standing) {
    if (standing.size() > 1) {
      violated(Rule.RECORDED_ONCE, message + " stands there as " + standing);
    }
    if (message.acked
        && !ledger.wasLost(message.channel, message.place)
        && (standing.size() != 1
            || standing.get(0).seq() != message.seq
            || !standing.get(0).channel().equals(message.channel)
            || !standing.get(0).id().value().equals(message.id))) {
      violated(Rule.ACKED_IS_IN_THE_LOG, message + " is acknowledged; there stands " + standing);
    }
    if (!message.acked && message.attempts == message.refusals && !standing.isEmpty()) {
      violated(Rule.REFUSED_IS_NOT_IN_THE_LOG, message + " was refused; there stands " + standing);
    }
  }

  // What the parts ask.

  RandomGenerator random() {
    return random;
  }

  Ledger ledger() {
    return ledger;
  }

  Plan plan() {
    return plan;
  }

  boolean isSettling() {
    return settling;
  }

  boolean storeIsGone() {
    return storeGone && !quiet;
  }

  /** True now and then, as long as faults are on. */
  boolean faultHappens() {
    return !settling && !quiet && random.nextInt(1_000) < plan.storeFaults();
  }

  /** True for one in so many where this fault is planted. */
  boolean plants(Planted fault, int oneIn) {
    return planted == fault && random.nextInt(oneIn) == 0;
  }

  @Nullable
  ChannelName heldOf(Collection<ChannelName> channels) {
    for (ChannelName channel : channels) {
      if (held.contains(channel)) {
        return channel;
      }
      for (Posting posting : postings) {
        if (posting.channels().contains(channel)) {
          return channel;
        }
      }
    }
    return null;
  }

  Node anyNode() {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private Device device() {
    return devices.get(random.nextInt(devices.size()));
  }

  private ChannelName anyChannel() {
    int dice = random.nextInt(ROOMS.size() + USERS.size());
    return dice < ROOMS.size()
        ? ROOMS.get(dice)
        : ChannelName.user(UserId.of(USERS.get(dice - ROOMS.size())));
  }

  int nextMessage() {
    return ++messagesMade;
  }

  Link connect(Node node, Device device, String name) {
    Link link = new Link(this, node, device, name);
    links.add(link);
    return link;
  }

  void carry(Node from, Envelope envelope) {
    for (Node node : alive()) {
      if (plan.linked() && node != from && random.nextInt(5) > 0) {
        node.arrives(envelope);
      }
    }
  }

  int links() {
    return links.size();
  }

  void count(String what) {
    counts.merge(what, 1L, Long::sum);
  }

  JsonNode parse(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      violated(Rule.ONE_WRITE, "not one JSON text: " + text, e);
      return MissingNode.getInstance();
    }
  }

  void countBarrier(boolean late) {
    if (late) {
      barriersVoid++;
    } else {
      barriersKept++;
    }
  }

  // What came of it.

  /** Notes what happened; put into words only when somebody wants to read it. */
  void trace(Object... parts) {
    traced++;
    trace.addLast(parts);
    if (trace.size() > TRACE) {
      trace.removeFirst();
    }
  }

  void violated(Rule rule, String what) {
    violated(rule, what, null);
  }

  private void violated(Rule rule, String what, @Nullable Throwable cause) {
    if (violation == null) {
      violation = new Violation(rule, what + told(), cause);
    }
  }

  private void stopIfViolated() {
    if (violation != null) {
      throw violation;
    }
  }

  private String told() {
    StringBuilder text = new StringBuilder("\nseed ").append(seed);
    text.append(
        ", again with: mvn -q -pl chat-core test -Dtest=SimulationTest#whatever* -Dconfab.seed=");
    text.append(seed).append('\n').append(plan).append('\n');
    for (Object[] parts : trace) {
      for (Object part : parts) {
        String word = String.valueOf(part);
        text.append(word.length() > 300 ? word.substring(0, 300) + "…" : word).append(' ');
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** How much happened, and what would have been drawn next: another one if anything happened otherwise. */
  String fingerprint() {
    return traced + " things, then " + random.split().nextLong();
  }

  /** Adds how often this run went where the dangers are. */
  void addTo(Map<String, Long> totals) {
    ledger.addTo(totals);
    plan.addTo(totals);
    counts.forEach((what, count) -> totals.merge(what, count, Long::sum));
    totals.merge("messages", (long) messagesMade, Long::sum);
    totals.merge("barriers kept", (long) barriersKept, Long::sum);
    totals.merge("barriers void", (long) barriersVoid, Long::sum);
    for (Node node : nodes) {
      node.addTo(totals);
    }
  }
}
