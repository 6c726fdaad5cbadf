package dev.confab.chat.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.UserId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A user's program: it connects, logs in, subscribes, sends, is cut off and comes back with the cursors it has. It knows the
 * protocol and checks all it is shown.
 */
final class Device {
  private final Simulation simulation;
  private final String name;
  private final String user;
  private final boolean plain;
  private final RandomGenerator random;

  /** What it wants to follow, and where it stands: no position if it has none. */
  private final Map<ChannelName, Cursor> known = new TreeMap<>();

  /** Places it stood at once, some of them in a past that is gone. */
  private final Map<ChannelName, List<Cursor>> memories = new TreeMap<>();

  private final Set<ChannelName> wishes = new LinkedHashSet<>();
  private final List<Message> messages = new ArrayList<>();

  private @Nullable Link link;
  private @Nullable Node lastNode;
  private int links;
  private int requests;

  // Of the link.
  private boolean authenticated;
  private boolean asleep;
  private final Map<String, Request> byId = new LinkedHashMap<>();
  private final Deque<Request> withoutId = new ArrayDeque<>();
  private int pings;
  private final Map<ChannelName, Following> following = new TreeMap<>();
  private final Map<ChannelName, List<Message>> sentHere = new HashMap<>();
  private boolean welcomed;

  /** The redactions it was told of on this node, each as the number of the entry and the redaction's own place. */
  private final List<Hidden> hidden = new ArrayList<>();

  private record Hidden(ChannelName channel, long about, Cursor redaction) {}

  /** True once it has read everything again from the start. */
  private boolean audited;

  /** How often it asked for something that ends or moves a subscription. */
  private int moves;

  Device(Simulation simulation, String name, String user, boolean plain) {
    this.simulation = simulation;
    this.name = name;
    this.user = user;
    this.plain = plain;
    this.random = simulation.random();
    wishes.add(Simulation.HOST_FOLLOWS);
  }

  boolean isPlain() {
    return plain;
  }

  List<Message> messages() {
    return messages;
  }

  // Doing.

  /** Does something. */
  void act() {
    Link on = link;
    if (on == null) {
      if (random.nextInt(3) > 0) {
        connect();
      }
      return;
    }
    int dice = random.nextInt(100);
    if (!authenticated && dice < 60) {
      logIn();
    } else if (dice < 14) {
      subscribe(false);
    } else if (dice < 22) {
      subscribe(true);
    } else if (dice < 28) {
      unsubscribe();
    } else if (dice < 66) {
      for (int burst = random.nextInt(4) == 0 ? 12 : 1 + random.nextInt(3); burst > 0; burst--) {
        say();
      }
    } else if (dice < 72) {
      again();
    } else if (dice < 76) {
      ask(Request.of("ping", maybeId(), 0), "");
    } else if (dice < 80) {
      ask(
          Request.of("history", maybeId(), hidden.size()),
          "[" + quoted(anyReadable()) + ",{\"limit\":5}]");
    } else if (dice < 82) {
      ask(Request.of("presence", maybeId(), hidden.size()), "[" + quoted(anyRoom()) + "]");
    } else if (dice < 86) {
      ask(Request.of("signal", maybeId(), hidden.size()), "[" + quoted(anyRoom()) + ",\"typing\"]");
    } else if (dice < 88) {
      ask(Request.of("logout", maybeId(), hidden.size()), "");
    } else if (dice < 91) {
      leave();
    } else if (dice < 94) {
      asleep = !asleep;
      simulation.trace(name, asleep ? "stops reading" : "reads again");
    } else if (dice < 96) {
      unsubscribe();
      subscribe(true);
    } else {
      on.send(plain ? "{\"op\":\"pong\"}" : "{\"op\":\"pong\"}\n{\"op\":\"pong\"}");
    }
  }

  /** True if it does not read at the moment. */
  boolean isAsleep() {
    return asleep && !simulation.isSettling();
  }

  private void connect() {
    Node before = link == null && lastNode != null ? lastNode : null;
    Node node = simulation.anyNode();
    lastNode = node;
    if (node != before) {
      hidden.clear();
    }
    authenticated = false;
    asleep = false;
    welcomed = false;
    byId.clear();
    withoutId.clear();
    pings = 0;
    following.clear();
    sentHere.clear();
    String called = name + "/" + ++links + "@" + node.name();
    simulation.trace(called, "connects");
    link = simulation.connect(node, this, called);
  }

  void leave() {
    Link on = link;
    if (on != null) {
      simulation.trace(on, "is left");
      on.leave();
      lost(on);
    }
  }

  /** The link is of no use any more; what is not answered may have happened. */
  void lost(Link gone) {
    if (link != gone) {
      return;
    }
    link = null;
    byId.values().forEach(this::unanswered);
    withoutId.forEach(this::unanswered);
  }

  private void unanswered(Request request) {
    Message message = request.message();
    if (message != null) {
      message.underWay = 0;
      message.givenUp |= message.key == null;
    }
  }

  private void logIn() {
    ask(Request.of("auth", maybeId(), hidden.size()), "[" + quote(user) + ",\"secret\"]");
  }

  private void subscribe(boolean resume) {
    Set<ChannelName> channels = new LinkedHashSet<>();
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      channels.add(anyReadable());
    }
    subscribe(channels, resume, resume ? 0 : random.nextInt(4) == 0 ? 1 + random.nextInt(6) : 0);
  }

  private void subscribe(Set<ChannelName> channels, boolean resume, int history) {
    Map<ChannelName, Cursor> since = new LinkedHashMap<>();
    if (resume) {
      for (ChannelName channel : channels) {
        Cursor place = known.getOrDefault(channel, Cursor.START);
        int rarely = simulation.plan().redactions() ? 2 : 5;
        if (random.nextInt(rarely) == 0 && !simulation.isSettling()) {
          place = earlier(channel);
        }
        since.put(channel, place);
      }
    }
    subscribe(channels, since, history);
  }

  private void subscribe(Set<ChannelName> channels, Map<ChannelName, Cursor> since, int history) {
    boolean presence = random.nextInt(5) == 0;
    wishes.addAll(channels);
    StringBuilder args = new StringBuilder("[");
    channels.forEach(channel -> args.append(quoted(channel)).append(','));
    args.append('{');
    if (!since.isEmpty()) {
      args.append("\"since\":{");
      String comma = "";
      for (Map.Entry<ChannelName, Cursor> each : since.entrySet()) {
        args.append(comma).append(quoted(each.getKey())).append(':');
        args.append(quote(each.getValue().toString()));
        comma = ",";
      }
      args.append("},");
    }
    if (history > 0) {
      args.append("\"history\":").append(history).append(',');
    }
    args.append("\"presence\":").append(presence).append("}]");
    ask(
        new Request(
            "subscribe",
            maybeId(),
            List.copyOf(channels),
            new HashMap<>(since),
            presence,
            null,
            hidden.size()),
        args.toString());
  }

  /** A place it has passed already, perhaps in a past that is gone, or the start. */
  private Cursor earlier(ChannelName channel) {
    List<Cursor> places = memories.getOrDefault(channel, List.of());
    return places.isEmpty() || random.nextInt(6) == 0
        ? Cursor.START
        : places.get(random.nextInt(places.size()));
  }

  private void unsubscribe() {
    ChannelName channel = anyReadable();
    ask(
        new Request("unsubscribe", maybeId(), List.of(channel), Map.of(), false, null, 0),
        "[" + quoted(channel) + "]");
    wishes.remove(channel);
  }

  private void say() {
    int dice = random.nextInt(10);
    ChannelName channel = dice < 6
        ? anyRoom()
        : dice < 7
            ? ChannelName.BROADCAST
            : ChannelName.user(
                UserId.of(Simulation.USERS.get(random.nextInt(Simulation.USERS.size()))));
    int number = simulation.nextMessage();
    String key = random.nextInt(3) > 0 ? name + "-" + number : null;
    boolean poisoned = !simulation.plan().calm() && random.nextInt(150) == 0;
    Message message = new Message(number, this, channel, key, poisoned);
    messages.add(message);
    send(message);
  }

  /** Sends again what has a key and was not acknowledged. */
  private boolean again() {
    for (Message message : messages) {
      if (message.isWanted() && message.key != null) {
        send(message);
        return true;
      }
    }
    return false;
  }

  private void send(Message message) {
    message.attempts++;
    message.underWay = message.attempts;
    int length = random.nextInt(20) == 0 ? random.nextInt(3_000) : random.nextInt(60);
    String data = message.mark() + "a" + message.attempts + (message.poisoned ? " poison" : "")
        + "x".repeat(length);
    String options = message.key == null ? "" : ",{\"key\":" + quote(message.key) + "}";
    String op = message.channel.equals(ChannelName.BROADCAST)
        ? "sendbroadcast"
        : message.channel.isRoom() ? "sendtoroom" : random.nextBoolean() ? "sendtouser" : "publish";
    String to = op.equals("sendbroadcast") ? "" : quoted(message.channel) + ",";
    ask(
        new Request(op, maybeId(), List.of(message.channel), Map.of(), false, message, 0),
        "[" + to + quote(data) + options + "]");
  }

  private void ask(Request request, String args) {
    Link on = link;
    if (on == null) {
      return;
    }
    if (request.id() != null) {
      byId.put(request.id(), request);
    } else if (request.op().equals("ping")) {
      pings++;
    } else {
      withoutId.addLast(request);
    }
    if (!request.since().isEmpty()
        || request.op().equals("unsubscribe")
        || request.op().equals("logout")) {
      moves++;
    }
    if (request.message() != null) {
      request.message().movesBefore = moves;
      request.message().questionsBefore = on.node().engine().reads().questions();
    }
    simulation.trace(on, "asks", request);
    String id = request.id() == null ? "" : ",\"id\":\"" + request.id() + "\"";
    String text = args.isEmpty() ? "" : ",\"args\":" + args;
    on.send("{\"op\":\"" + request.op() + "\"" + text + id + "}");
  }

  private @Nullable String maybeId() {
    requests++;
    return random.nextBoolean() ? "q" + requests : null;
  }

  private ChannelName anyRoom() {
    return Simulation.ROOMS.get(random.nextInt(Simulation.ROOMS.size()));
  }

  private ChannelName anyReadable() {
    int dice = random.nextInt(Simulation.ROOMS.size() + 2);
    return dice < Simulation.ROOMS.size()
        ? Simulation.ROOMS.get(dice)
        : dice == Simulation.ROOMS.size()
            ? ChannelName.BROADCAST
            : ChannelName.user(UserId.of(user));
  }

  private static String quoted(ChannelName channel) {
    return quote(channel.value());
  }

  private static String quote(String text) {
    return "\"" + text + "\"";
  }

  // Coming to rest.

  /** Does the next thing that is left to do; null if nothing is, else what that is. */
  @Nullable
  String settle() {
    if (link == null) {
      connect();
      return "connects";
    }
    if (!byId.isEmpty() || !withoutId.isEmpty() || pings > 0) {
      return "waits for " + byId.values() + withoutId + " and " + pings + " pongs";
    }
    if (!plain && !welcomed) {
      return "was not welcomed";
    }
    if (!authenticated) {
      logIn();
      return "logs in";
    }
    for (ChannelName channel : wishes) {
      if (!following.containsKey(channel)) {
        subscribe(Set.of(channel), known.containsKey(channel), 0);
        return "subscribes " + channel;
      }
    }
    if (again()) {
      return "sends again";
    }
    String untold = untold();
    if (untold != null) {
      return untold;
    }
    if (!audited) {
      audited = true;
      Map<ChannelName, Cursor> start = new LinkedHashMap<>();
      wishes.forEach(channel -> start.put(channel, Cursor.START));
      if (!start.isEmpty()) {
        subscribe(wishes, start, 0);
        return "reads all again";
      }
    }
    return null;
  }

  /** What it has not been told of what it follows; null if it has been told all, or nobody can tell it. */
  @Nullable
  String untold() {
    if (link == null || !byId.isEmpty() || !withoutId.isEmpty()) {
      return null;
    }
    for (Map.Entry<ChannelName, Following> each : following.entrySet()) {
      ChannelName channel = each.getKey();
      Following follows = each.getValue();
      long head = simulation.ledger().head(channel);
      boolean all = plain
          ? !simulation.ledger().hasMessageBetween(channel, follows.seq(), head + 1)
          : follows.seq() == head;
      if (!all || !stands(channel, follows)) {
        return "has seen " + follows + " of " + head + " in " + channel;
      }
      if (each.getValue().liveAt >= 0 && !plain) {
        return "was not told that " + channel + " is live at " + each.getValue().liveAt;
      }
    }
    return null;
  }

  /** True if it stands in today's log, or can not know that it does not. */
  private boolean stands(ChannelName channel, Following follows) {
    return !follows.isExact()
        || simulation.ledger().isInTheLog(channel, follows.last)
        || follows.last.seq() < simulation.ledger().everFloor(channel);
  }

  // Being told.

  /** What is written is committed, whether it arrives or not. */
  void check(JsonNode text) {
    if (text.has("seq") && isEntry(text)) {
      checkEntry(text);
    } else if (text.has("data") && text.has("op")) {
      JsonNode data = text.path("data");
      data.path("messages").forEach(this::checkEntry);
      data.path("channels").forEach(channel -> channel.path("messages").forEach(this::checkEntry));
    }
  }

  /** The place behind an entry, or whatever it is said to be. */
  private static Cursor place(JsonNode text) {
    long seq = text.path("seq").asLong();
    String id = text.path("id").asText();
    return seq < 1 || id.length() != EntryId.CHARS ? Cursor.START : Cursor.of(seq, new EntryId(id));
  }

  private static boolean isEntry(JsonNode text) {
    String event = text.path("event").asText();
    return event.equals("subscribe") || event.equals("redacted");
  }

  private void checkEntry(JsonNode text) {
    ChannelName channel = ChannelName.of(text.path("channel").asText());
    Entry entry = simulation.ledger().ever(channel, place(text)).orElse(null);
    if (entry == null) {
      simulation.violated(Rule.ONLY_WHAT_IS_COMMITTED, name + " is shown " + text);
      return;
    }
    boolean same = text.path("id").asText().equals(entry.id().value())
        && text.path("at").asLong() == entry.at().toEpochMilli();
    if (entry.kind() == EntryKind.REDACTION) {
      same &= text.path("event").asText().equals("redacted")
          && text.path("about").asText().equals(entry.about());
    } else {
      String data = entry.data().asString().orElse("");
      same &= text.path("from")
              .path("id")
              .asText()
              .equals(entry.from().map(from -> from.id().value()).orElse(""))
          && text.path("key")
              .asText()
              .equals(entry.key().map(key -> key.value()).orElse(""))
          && text.path("to").path("id").asText().equals(entry.about())
          && ((text.path("data").asText().equals(data) && text.path("data").isTextual())
              || (text.path("data").isNull()
                  && simulation.ledger().wasRedacted(channel, entry.cursor())));
    }
    if (!same) {
      simulation.violated(
          Rule.ONLY_WHAT_IS_COMMITTED, name + " is shown " + text + " which is " + entry);
    }
  }

  /** A text arrives. */
  void read(Link from, JsonNode text) {
    if (from != link) {
      return;
    }
    simulation.trace(from, "reads", text);
    if (text.has("event")) {
      event(text.path("event").asText(), text);
    } else if (text.path("op").asText().equals("pong")) {
      pong(text);
    } else {
      reply(text);
    }
  }

  private void event(String event, JsonNode text) {
    if (!plain && welcomed == event.equals("welcome")) {
      simulation.violated(Rule.REPLIES_IN_ORDER, name + " is not welcomed first and once: " + text);
    }
    switch (event) {
      case "welcome" -> {
        welcomed = true;
        if (plain) {
          simulation.violated(Rule.ONE_WRITE, name + " does not know " + text);
        }
      }
      case "ping" -> {
        Link on = link;
        if (on != null && !plain) {
          on.send("{\"op\":\"pong\"}");
        }
      }
      case "bye" -> {}
      default -> {
        ChannelName channel = ChannelName.of(text.path("channel").asText());
        Following follows = following.get(channel);
        if (follows == null) {
          simulation.violated(
              Rule.ONLY_WHILE_SUBSCRIBED, name + " does not follow and is told " + text);
          return;
        }
        told(event, text, channel, follows);
      }
    }
  }

  private void told(String event, JsonNode text, ChannelName channel, Following follows) {
    switch (event) {
      case "subscribe", "redacted" -> shown(text, channel, follows);
      case "live" -> {
        long seq = text.path("seq").asLong();
        // Earlier than was said only where the log went back to here.
        boolean cutShort = seq < follows.liveAt
            && follows.seq() == seq
            && simulation.ledger().wasLostFrom(channel, seq + 1);
        boolean right = follows.liveAt == seq && follows.seq() >= seq;
        if (plain || !(right || cutShort)) {
          simulation.violated(
              Rule.LIVE_ONCE,
              name + " stands at " + follows.last + " and is live at " + follows.liveAt + ": "
                  + text);
        }
        follows.liveAt = -1;
      }
      case "trimmed" -> {
        long to = text.path("to").asLong();
        boolean right = text.path("from").asLong() == follows.seq() + 1
            && to > follows.seq()
            && to <= simulation.ledger().everFloor(channel)
            && !plain;
        if (!right) {
          simulation.violated(
              Rule.TRIMMED_IS_TRUE, name + " stands at " + follows + " and is told " + text);
        }
        simulation.count("trimmed told while reading");
        follows.trimmedTo = to;
      }
      case "join", "leave", "presence" -> {
        if (!follows.presence) {
          simulation.violated(Rule.ONLY_WHILE_SUBSCRIBED, name + " did not ask for " + text);
        }
      }
      case "signal" -> {
        if (text.path("seq").asLong() > simulation.ledger().everHead(channel)) {
          simulation.violated(Rule.ONLY_WHAT_IS_COMMITTED, name + " is told " + text);
        }
      }
      case "reset" -> {
        Cursor head = Cursor.parse(text.path("cursor").asText());
        if (plain || !mayReset(channel, follows)) {
          simulation.violated(
              Rule.NO_FALSE_RESET, name + " stands at " + follows + " and is told " + text);
        }
        checkHead(channel, head, text);
        simulation.count("resets told");
        follows.moveTo(head);
        follows.liveAt = -1;
        know(channel, head);
      }
      default -> simulation.violated(Rule.NO_OTHER_CLOSE, name + " is told " + text);
    }
  }

  private void shown(JsonNode text, ChannelName channel, Following follows) {
    Ledger ledger = simulation.ledger();
    Cursor place = place(text);
    boolean next;
    if (!follows.isExact()) {
      next = plain ? place.seq() > follows.seq() : place.seq() == follows.seq() + 1;
    } else if (plain) {
      next = ledger.followsUnlessMessages(channel, follows.last, place);
    } else {
      next = ledger.follows(channel, follows.last, place);
    }
    if (!next) {
      boolean anotherPast =
          ledger.wasLost(channel, follows.last) || place.seq() == follows.seq() + 1;
      simulation.violated(
          anotherPast ? Rule.RESET_BEFORE_ANOTHER_PAST : Rule.READER_SEES_THE_LOG,
          name + " stands at " + follows + " and is shown " + text);
    }
    if (!text.path("data").isNull() && text.has("data")) {
      checkHidden(channel, text, hidden.size());
    }
    if (text.path("event").asText().equals("redacted")) {
      hidden.add(new Hidden(channel, text.path("about").asLong(), place));
    }
    follows.moveTo(place);
    know(channel, place);
  }

  /** What is gone is not shown to who was told so before it asked. */
  private void checkHidden(ChannelName channel, JsonNode text, int known) {
    long seq = text.path("seq").asLong();
    for (Hidden each : hidden.subList(0, Math.min(known, hidden.size()))) {
      if (each.about() == seq
          && each.channel().equals(channel)
          && !simulation.ledger().wasLost(channel, each.redaction())) {
        simulation.violated(
            Rule.REDACTED_STAYS_HIDDEN, name + " was told of " + each + " and is shown " + text);
      }
    }
    if (simulation.isSettling()
        && audited
        && simulation.ledger().isRedacted(channel, seq)
        && simulation.ledger().isInTheLog(channel, place(text))) {
      simulation.violated(Rule.REDACTED_STAYS_HIDDEN, name + " reads all again and finds " + text);
    }
  }

  /** A log is said to have gone backwards only to who stood in what was lost. */
  private boolean mayReset(ChannelName channel, Following follows) {
    return simulation.ledger().wasLost(channel, follows.last)
        || (!follows.isExact() && simulation.ledger().trimsUndone(channel));
  }

  private void checkHead(ChannelName channel, Cursor head, JsonNode said) {
    if (head.seq() > 0 && simulation.ledger().ever(channel, head).isEmpty()) {
      simulation.violated(Rule.ONLY_WHAT_IS_COMMITTED, name + " is told " + said);
    }
  }

  private void know(ChannelName channel, Cursor place) {
    known.put(channel, place);
    List<Cursor> places = memories.computeIfAbsent(channel, any -> new ArrayList<>());
    if (places.size() < 40) {
      places.add(place);
    } else {
      places.set((int) (place.seq() % 40), place);
    }
  }

  private void pong(JsonNode text) {
    if (text.has("id")) {
      Request asked = byId.remove(text.path("id").asText());
      if (asked == null || !asked.op().equals("ping")) {
        simulation.violated(Rule.ONE_REPLY, name + " did not ask for " + text);
      }
    } else if (--pings < 0) {
      simulation.violated(Rule.ONE_REPLY, name + " did not ask for " + text);
    }
  }

  private void reply(JsonNode text) {
    String op = text.path("op").asText();
    Request asked;
    if (text.has("id")) {
      asked = byId.remove(text.path("id").asText());
      if (asked == null || !asked.op().equals(op)) {
        simulation.violated(Rule.ONE_REPLY, name + " did not ask for " + text);
        return;
      }
    } else {
      if (op.equals("ping")) {
        pings--;
        return;
      }
      asked = withoutId.pollFirst();
      if (asked == null) {
        simulation.violated(Rule.ONE_REPLY, name + " did not ask for " + text);
        return;
      }
      if (!asked.op().equals(op)) {
        simulation.violated(
            Rule.REPLIES_IN_ORDER, name + " waits for " + asked + " and is told " + text);
        return;
      }
    }
    if (text.path("success").asBoolean()) {
      succeeded(asked, text.path("data"));
    } else {
      refused(asked, text);
    }
  }

  private void succeeded(Request asked, JsonNode data) {
    switch (asked.op()) {
      case "auth" -> authenticated = true;
      case "logout" -> {
        authenticated = false;
        following.clear();
      }
      case "subscribe" -> subscribed(asked, data.path("channels"));
      case "history" -> checkGiven(asked, data.path("messages"));
      case "unsubscribe" -> asked.channels().forEach(following::remove);
      default -> {
        if (asked.message() != null) {
          acked(asked.message(), data);
        }
      }
    }
  }

  private void subscribed(Request asked, JsonNode channels) {
    for (ChannelName channel : asked.channels()) {
      JsonNode said = channels.path(channel.value());
      Cursor head = Cursor.parse(said.path("cursor").asText());
      if (said.path("head").asLong(-1) != head.seq()) {
        simulation.violated(Rule.ONLY_WHAT_IS_COMMITTED, name + " is told " + said);
      }
      checkHead(channel, head, said);
      checkGiven(asked, said.path("messages"));
      checkHistory(channel, said, head);
      Cursor since = asked.since().get(channel);
      Following before = following.get(channel);
      if (said.path("reset").asBoolean()) {
        if (since == null || !simulation.ledger().wasLost(channel, since)) {
          simulation.violated(Rule.NO_FALSE_RESET, name + " resumes " + since + ": " + said);
        }
        simulation.count("resets told");
        following.put(
            channel, new Following(head, plain ? -1 : head.seq(), false, asked.presence()));
        know(channel, head);
      } else if (since != null) {
        resumed(channel, since, said, head, asked.presence());
      } else if (before == null) {
        following.put(channel, new Following(head, -1, true, asked.presence()));
        know(channel, head);
      } else {
        before.presence |= asked.presence();
      }
    }
  }

  private void resumed(
      ChannelName channel, Cursor since, JsonNode said, Cursor head, boolean presence) {
    Following follows = new Following(since, plain ? -1 : head.seq(), false, presence);
    if (said.has("trimmed")) {
      JsonNode trimmed = said.path("trimmed");
      follows.trimmedTo = trimmed.path("to").asLong();
      if (trimmed.path("from").asLong() != since.seq() + 1
          || follows.trimmedTo > simulation.ledger().everFloor(channel)) {
        simulation.violated(Rule.TRIMMED_IS_TRUE, name + " resumes " + since + ": " + said);
      }
      simulation.count("trimmed told");
    }
    if (head.seq() < follows.seq() || said.path("missed").asLong() != head.seq() - follows.seq()) {
      simulation.violated(Rule.LIVE_ONCE, name + " resumes " + since + ": " + said);
    }
    following.put(channel, follows);
    know(channel, since);
  }

  private void checkGiven(Request asked, JsonNode messages) {
    for (JsonNode message : messages) {
      if (!message.path("data").isNull()) {
        checkHidden(ChannelName.of(message.path("channel").asText()), message, asked.hidden());
      }
    }
  }

  /** What a reply carries is the end of the log up to its head. */
  private void checkHistory(ChannelName channel, JsonNode said, Cursor head) {
    Ledger ledger = simulation.ledger();
    JsonNode messages = said.path("messages");
    Cursor after = null;
    for (int i = messages.size() - 1; i >= 0; i--) {
      Cursor place = place(messages.get(i));
      boolean right;
      if (after == null) {
        right =
            plain ? place.seq() <= head.seq() : place.equals(head) || ledger.wasLost(channel, head);
      } else {
        right = plain
            ? ledger.followsUnlessMessages(channel, place, after)
            : ledger.follows(channel, place, after);
      }
      if (!right) {
        simulation.violated(Rule.READER_SEES_THE_LOG, name + " is given " + said);
      }
      after = place;
    }
  }

  private void acked(Message message, JsonNode data) {
    message.underWay = 0;
    long seq = data.path("seq").asLong();
    String id = data.path("id").asText();
    boolean duplicate = data.path("duplicate").asBoolean();
    ChannelName channel = message.channel;
    Cursor place =
        seq < 1 || id.length() != EntryId.CHARS ? Cursor.START : Cursor.of(seq, new EntryId(id));
    boolean there = simulation
        .ledger()
        .ever(channel, place)
        .filter(entry -> data.path("cursor").asText().equals(place.toString())
            && data.path("at").asLong() == entry.at().toEpochMilli()
            && (entry.data().asString().orElse("").startsWith(message.mark())
                || simulation.ledger().wasRedacted(channel, place)))
        .isPresent();
    if (!there || (duplicate && message.attempts < 2)) {
      simulation.violated(
          Rule.ACKED_IS_IN_THE_LOG, name + " was told that " + message + " is recorded: " + data);
    }
    if (message.acked
        && (message.seq != seq || !message.id.equals(id))
        && !simulation.ledger().wasLost(channel, message.place)) {
      simulation.violated(Rule.RECORDED_ONCE, message + " has two places, one is " + data);
    }
    message.acked = true;
    message.seq = seq;
    message.id = id;
    message.place = place;
    if (!duplicate) {
      inOrder(message);
      Following follows = following.get(channel);
      if (follows != null) {
        boolean late = follows.seq() < seq;
        simulation.countBarrier(late);
        if (late
            && simulation.plan().calm()
            && follows.fromHead
            && message.movesBefore == moves
            && message.questionsBefore == questions()) {
          simulation.violated(
              Rule.EVENT_BEFORE_REPLY,
              name + " stands at " + follows.last + " and is told that " + message + " is " + seq);
        }
      }
    }
  }

  /** How often readers of its node have asked the store: what they find moves others ahead of what they were told. */
  private long questions() {
    return link == null ? 0 : link.node().engine().reads().questions();
  }

  private void inOrder(Message message) {
    List<Message> sent = sentHere.computeIfAbsent(message.channel, name -> new ArrayList<>());
    for (Iterator<Message> each = sent.iterator(); each.hasNext(); ) {
      Message other = each.next();
      // Attempts are counted by when they were made; only first ones are compared.
      if (message.attempts == 1
          && simulation.ledger().born(message.channel, message.place)
              == simulation.ledger().born(message.channel, other.place)
          && other.attempts == 1
          && (other.number < message.number) != (other.seq < message.seq)) {
        simulation.violated(
            Rule.SENDERS_ORDER, other + " is " + other.seq + ", " + message + " is " + message.seq);
      }
    }
    sent.add(message);
  }

  private void refused(Request asked, JsonNode text) {
    String code = text.path("code").asText();
    Message message = asked.message();
    boolean mayBe = switch (code) {
      case "overloaded", "unavailable" -> true;
      case "not_authenticated" -> !asked.op().equals("auth");
      case "store_unavailable" ->
        message != null || asked.op().equals("subscribe") || asked.op().equals("history");
      case "outcome_unknown" -> message != null;
      case "internal" -> message != null && message.poisoned;
      default -> false;
    };
    if (!mayBe || (code.equals("store_unavailable") && simulation.plan().calm())) {
      simulation.violated(Rule.NO_OTHER_REFUSAL, name + " asked for " + asked + ": " + text);
    }
    if (message != null) {
      message.underWay = 0;
      if (!code.equals("outcome_unknown")) {
        message.refusals++;
      }
      message.givenUp |= message.key == null || message.poisoned;
    }
  }

  /** The server closes its connection. */
  void closedBecause(Link closed, int code, boolean stopping) {
    boolean mayBe = switch (code) {
      case 1011, 4003, 4004, 4101, 4102, 4103 -> true;
      case 4300 -> plain && (closed != link || mayForget());
      case 4000 -> stopping;
      default -> false;
    };
    if (!mayBe) {
      simulation.violated(Rule.NO_OTHER_CLOSE, name + " is closed with " + code);
    }
    if (code == 4300 && closed == link) {
      // Come back, but forget cursors.
      known.clear();
    }
  }

  /** A plain client is told by a close what others are told by an event. */
  private boolean mayForget() {
    Map<ChannelName, Long> places = new TreeMap<>();
    following.forEach((channel, follows) -> places.put(channel, follows.seq()));
    List<Request> asked = new ArrayList<>(byId.values());
    asked.addAll(withoutId);
    for (Request request : asked) {
      for (ChannelName channel : request.channels()) {
        // It may have been moved there already, and the reply is on its way.
        long seq = request.since().getOrDefault(channel, Cursor.START).seq();
        places.merge(channel, seq, Math::min);
      }
    }
    return places.entrySet().stream()
        .anyMatch(place -> simulation.ledger().everFloor(place.getKey()) > place.getValue()
            || simulation.ledger().wasLostFrom(place.getKey(), place.getValue())
            || isThereAgain(place.getKey(), place.getValue()));
  }

  /** True if a rollback may have brought back what it was told is gone up to there. */
  private boolean isThereAgain(ChannelName channel, long seq) {
    Ledger ledger = simulation.ledger();
    return ledger.trimsUndone(channel) && ledger.everFloor(channel) >= seq;
  }

  @Override
  public String toString() {
    return name;
  }
}
