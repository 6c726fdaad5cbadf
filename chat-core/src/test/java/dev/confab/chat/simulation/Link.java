package dev.confab.chat.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.spi.Inbound;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A socket and the network behind it: what is written arrives later, in part, or not at all. */
final class Link implements Connection {
  /** Stands for a pong of the transport's own. */
  private static final String PONG = "";

  /** How many texts lie between a server that writes and a client that does not read. */
  private static final int BUFFER = 8;

  private final Simulation simulation;
  private final Node node;
  private final Device device;
  private final String name;
  private final Inbound inbound;

  /** What the client sent and the server has not been told. */
  private final Deque<String> toServer = new ArrayDeque<>();

  /** What was written and the client has not read. */
  private final Deque<JsonNode> toClient = new ArrayDeque<>();

  private @Nullable Done writing;

  /** What of that has not left. */
  private List<JsonNode> unwritten = List.of();

  private boolean given;
  private boolean closing;
  private boolean broken;
  private boolean over;
  private boolean told;
  private boolean stalled;
  private int closeCode;
  private boolean byeWritten;
  private @Nullable JsonNode lateEvent;

  Link(Simulation simulation, Node node, Device device, String name) {
    this.simulation = simulation;
    this.node = node;
    this.device = device;
    this.name = name;
    Optional<String> subprotocol = device.isPlain() ? Optional.empty() : Optional.of("chat.v1");
    this.inbound = node.engine().intake().connected(Handshake.of("/chat", subprotocol), this);
    given = true;
  }

  Node node() {
    return node;
  }

  /** True until the client knows that it is over, or has left. */
  boolean isOver() {
    return over;
  }

  /** True if nothing more happens on it, on either side. */
  boolean isDone() {
    boolean gone = node.isDead() || node.isClosed();
    return over && (told || gone) && (writing == null || gone);
  }

  // The server's side.

  @Override
  public void write(List<Frame> frames, Done done) {
    take(frames, done);
    simulation.meanwhile();
  }

  private void take(List<Frame> frames, Done done) {
    node.called("a connection is written to");
    if (writing != null) {
      simulation.violated(Rule.ONE_WRITE, name + " is given a write while one is under way");
    }
    RandomGenerator random = simulation.random();
    if (closing || broken) {
      writing = done;
      if (random.nextBoolean()) {
        endWrite(new IllegalStateException("closed"));
      }
      return;
    }
    List<JsonNode> texts = new ArrayList<>();
    for (Frame frame : frames) {
      String[] lines =
          device.isPlain() ? new String[] {frame.text()} : frame.text().split("\n", -1);
      for (String line : lines) {
        JsonNode text = simulation.parse(line);
        device.check(text);
        texts.add(text);
      }
    }
    tamper(texts);
    byeWritten |= texts.stream().anyMatch(text -> text.path("event").asText().equals("bye"));
    writing = done;
    if (simulation.plants(Planted.WRITE_DONE_TOO_EARLY, 50)) {
      toClient.addAll(texts);
      done.done(null);
      return;
    }
    int dice = simulation.isSettling() ? random.nextInt(90) : random.nextInt(100);
    if (dice < 45) {
      toClient.addAll(texts);
      endWrite(null);
    } else if (dice < 97) {
      // Read by the client before or after the server is told that it is done.
      toClient.addAll(texts);
    } else if (dice < 98) {
      stalled = true;
      int left = random.nextInt(texts.size() + 1);
      toClient.addAll(texts.subList(0, left));
      unwritten = texts.subList(left, texts.size());
    } else {
      toClient.addAll(texts.subList(0, random.nextInt(texts.size() + 1)));
      simulation.trace("  ", name, "breaks in a write");
      broken = true;
      if (random.nextBoolean()) {
        endWrite(new IllegalStateException("broken pipe"));
      }
    }
  }

  private void tamper(List<JsonNode> texts) {
    for (int i = 0; i < texts.size(); i++) {
      JsonNode text = texts.get(i);
      boolean event = text.path("event").asText().equals("subscribe") && text.has("seq");
      boolean reply = text.has("op") && !text.path("op").asText().equals("pong");
      boolean next = i + 1 < texts.size();
      JsonNode following = next ? texts.get(i + 1) : text;
      if (event && simulation.plants(Planted.EVENT_LOST, 20)) {
        texts.remove(i--);
      } else if (event && simulation.plants(Planted.EVENT_TWICE, 20)) {
        texts.add(i++, text);
      } else if (event && simulation.plants(Planted.EVENT_CHANGED, 20)) {
        ((ObjectNode) text).put("data", "another");
        device.check(text);
      } else if (event
          && next
          && following.path("event").asText().equals("subscribe")
          && following.path("channel").equals(text.path("channel"))
          && simulation.plants(Planted.EVENTS_SWAPPED, 3)) {
        texts.set(i, following);
        texts.set(++i, text);
      } else if (event
          && next
          && following.has("op")
          && following.path("data").has("seq")
          && simulation.plants(Planted.EVENT_BEHIND_REPLY, 3)) {
        texts.set(i, following);
        texts.set(++i, text);
      } else if (reply && simulation.plants(Planted.REPLY_LOST, 20)) {
        texts.remove(i--);
      } else if (reply && simulation.plants(Planted.REPLY_REFUSED, 20)) {
        ObjectNode refused = (ObjectNode) text;
        refused.remove("success");
        refused.put("code", "denied");
      } else if (is(text, "live") && simulation.plants(Planted.LIVE_TWICE, 5)) {
        texts.add(i++, text);
      } else if ((is(text, "reset") && simulation.plants(Planted.RESET_LOST, 1))
          || (is(text, "trimmed") && simulation.plants(Planted.TRIMMED_LOST, 1))
          || (is(text, "bye") && simulation.plants(Planted.BYE_LOST, 1))) {
        texts.remove(i--);
      } else if (reply && simulation.plants(Planted.REPLY_TWICE, 20)) {
        texts.add(i++, text);
      } else if (reply
          && next
          && !text.has("id")
          && following.has("op")
          && !following.has("id")
          && !following.path("op").equals(text.path("op"))
          && !following.path("op").asText().equals("pong")
          && simulation.plants(Planted.REPLIES_SWAPPED, 2)) {
        texts.set(i, following);
        texts.set(++i, text);
      } else if (reply
          && lateEvent != null
          && text.path("op").asText().equals("unsubscribe")
          && text.path("success").asBoolean()
          && simulation.plants(Planted.EVENT_LATE, 1)) {
        texts.add(++i, lateEvent);
      }
      if (event) {
        lateEvent = text;
      }
    }
  }

  private static boolean is(JsonNode text, String event) {
    return text.path("event").asText().equals(event);
  }

  @Override
  public void ping() {
    node.called("a connection is pinged");
    if (writing != null) {
      simulation.violated(Rule.ONE_WRITE, name + " is given a ping while a write is under way");
    }
    if (!over) {
      toServer.addLast(PONG);
    }
  }

  @Override
  public void close(CloseReason reason) {
    if (!closing) {
      node.called("a connection is closed");
      closing = true;
      closeCode = reason.code();
      simulation.trace(
          "  ",
          name,
          "is closed by the server with",
          reason.code(),
          "at",
          node.clock().now());
      device.closedBecause(this, reason.code(), node.isClosing());
      boolean reads = given && writing == null && !broken && !device.isPlain();
      if (reason.equals(CloseReason.STOPPING) && reads && node.hasTime() && !byeWritten) {
        simulation.violated(Rule.BYE_IS_SAID, name + " is closed without a word");
      }
    }
  }

  private void endWrite(@Nullable Throwable failure) {
    Done done = Objects.requireNonNull(writing);
    writing = null;
    stalled = false;
    if (failure == null && !over) {
      toClient.addAll(unwritten);
    }
    unwritten = List.of();
    if (failure != null && simulation.plants(Planted.WRITE_NEVER_DONE, 2)) {
      return;
    }
    done.done(failure);
  }

  // The client's side.

  void send(String frame) {
    String before = toServer.peekLast();
    boolean joins =
        before != null && !before.equals(PONG) && before.length() < 8_000 && !device.isPlain();
    if (joins && simulation.random().nextInt(4) == 0) {
      toServer.removeLast();
      toServer.addLast(before + "\n" + frame);
    } else {
      toServer.addLast(frame);
    }
  }

  /** The client goes, without a word. */
  void leave() {
    over = true;
    broken = true;
    toServer.clear();
    toClient.clear();
  }

  // The network: one thing happens.

  boolean canMove() {
    if (node.isDead()) {
      return !over;
    }
    if (node.isClosed()) {
      return !over;
    }
    return given && (canEndWrite() || canTell() || canCarry() || canRead());
  }

  /** A client that does not read stops its writes, once the buffers between are full. */
  private boolean canEndWrite() {
    return writing != null
        && (closing
            || broken
            || simulation.isSettling()
            || (!stalled && !(device.isAsleep() && toClient.size() > BUFFER)));
  }

  private boolean canTell() {
    return (closing || broken) && !told;
  }

  private boolean canCarry() {
    return !over && !closing && !broken && !toServer.isEmpty();
  }

  private boolean canRead() {
    return !over && !device.isAsleep() && (!toClient.isEmpty() || closing || broken);
  }

  void move() {
    RandomGenerator random = simulation.random();
    if (node.isDead() || node.isClosed()) {
      while (!toClient.isEmpty() && random.nextBoolean()) {
        device.read(this, toClient.removeFirst());
      }
      lost("the node is gone");
      return;
    }
    if (simulation.plants(Planted.CLOSED_FOR_NOTHING, 500)) {
      close(CloseReason.KICKED);
    }
    switch (random.nextInt(4)) {
      case 0 -> {
        if (canEndWrite()) {
          endWrite(closing || broken ? new IllegalStateException("closed") : null);
        }
      }
      case 1 -> {
        if (canTell() && writing == null) {
          told = true;
          toServer.clear();
          inbound.closed(closing ? closeCode : 1006, "");
        }
      }
      case 2 -> {
        String frame = canCarry() ? toServer.pollFirst() : null;
        if (frame != null && frame.equals(PONG)) {
          inbound.pong();
        } else if (frame != null) {
          inbound.text(frame);
        }
      }
      default -> {
        JsonNode text = canRead() ? toClient.pollFirst() : null;
        if (text != null) {
          device.read(this, text);
        } else if (canRead()) {
          lost("it was closed");
        }
      }
    }
  }

  private void lost(String why) {
    over = true;
    toServer.clear();
    toClient.clear();
    simulation.trace(name, "is over:", why);
    device.lost(this);
  }

  @Override
  public String toString() {
    return name;
  }
}
