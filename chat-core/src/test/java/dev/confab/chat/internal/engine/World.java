package dev.confab.chat.internal.engine;

import dev.confab.chat.internal.dialect.Dialects;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.local.NoBackplane;
import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.AccessPolicies;
import dev.confab.chat.spi.AccessPolicy;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.spi.Backplane;
import dev.confab.chat.spi.ChatListener;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.spi.Inbound;
import dev.confab.chat.spi.Interceptor;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.spi.OpHandler;
import dev.confab.chat.testkit.QueueExecutor;
import dev.confab.chat.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A whole chat on one thread and a clock that stands still: nothing happens but what a test lets happen. Not for several
 * threads.
 */
public final class World implements Threads {
  /** What the chat is made of; set before the first connection. */
  public static final class Parts {
    /** Takes any name with the password {@code pw}, and any token as the name of who shows it. */
    public Authenticator authenticator = World::anybody;

    public AccessPolicy access = AccessPolicies.openRooms();
    public final Map<String, AccessPolicy> accessByPrefix = new HashMap<>();
    public final List<ChannelKind> kinds = new ArrayList<>();
    public final List<Interceptor> interceptors = new ArrayList<>();
    public final List<ChatListener> listeners = new ArrayList<>();
    public final Map<String, OpHandler> ops = new HashMap<>();
    public final Set<String> opsBeforeLogin = new HashSet<>();
    public MessageStore store = InMemoryMessageStore.create();
    public boolean watches;

    /** What ids are made of; two chats on one store need two. */
    public long seed = 7;

    public Backplane backplane = new NoBackplane();
    public final Limits.Builder limits = Limits.builder();
    public Dialects dialects = Dialects.builtIn();
    public Optional<ChannelName> onlineCounts = Optional.empty();
  }

  public final VirtualTime clock = new VirtualTime();
  public final QueueExecutor pumps = new QueueExecutor("pumps");
  public final QueueExecutor doors = new QueueExecutor("doors");
  public final QueueExecutor journal = new QueueExecutor("journal");
  public final QueueExecutor waiting = new QueueExecutor("waiting");
  public final QueueExecutor readers = new QueueExecutor("readers");
  public final QueueExecutor listeners = new QueueExecutor("listeners");
  private final Engine engine;
  private boolean closed;

  /** A chat of these parts. */
  public World(Parts parts) {
    engine = new Engine(
        new Settings(
            parts.authenticator,
            parts.access,
            parts.accessByPrefix,
            parts.kinds,
            parts.interceptors,
            parts.listeners,
            parts.ops,
            parts.opsBeforeLogin,
            parts.store,
            parts.watches,
            parts.backplane,
            parts.limits.build(),
            parts.onlineCounts,
            parts.dialects),
        this,
        new Random(parts.seed));
  }

  /** A chat that differs from the defaults in nothing. */
  public World() {
    this(new Parts());
  }

  private static Identity anybody(Credentials credentials) {
    if (credentials instanceof Credentials.Password password
        && password.password().equals("pw")) {
      return Identity.of(password.name(), password.name());
    }
    if (credentials instanceof Credentials.Proof proof) {
      String name = proof.handshake().principal().orElseThrow();
      return Identity.of(name, name);
    }
    throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
  }

  public Engine engine() {
    return engine;
  }

  /** Runs whatever waits, until nothing does. */
  public void run() {
    QueueExecutor.runAll(journal, waiting, readers, pumps, doors, listeners);
  }

  /** Lets time pass in steps of at most a second, and whatever it brings happen. */
  public void pass(Duration time) {
    Duration left = time;
    run();
    while (left.compareTo(Duration.ZERO) > 0) {
      Duration step = left.compareTo(Duration.ofSeconds(1)) > 0 ? Duration.ofSeconds(1) : left;
      clock.advance(step);
      run();
      left = left.minus(step);
    }
  }

  /** Connects a client of chat.v1 that has read its welcome. */
  public Client chatV1() {
    Client client = connect(Handshake.of("/chat", Optional.of("chat.v1")));
    run();
    client.heard();
    return client;
  }

  /** Connects a plain client. */
  public Client plain() {
    return connect(Handshake.of("/chat", Optional.empty()));
  }

  /** Connects a chat.v1 client and logs it in. */
  public Client chatV1(String user) {
    return chatV1().in(user);
  }

  /** Connects a plain client and logs it in. */
  public Client plain(String user) {
    return plain().in(user);
  }

  /** Connects. */
  public Client connect(Handshake handshake) {
    return new Client(handshake);
  }

  @Override
  public Time time() {
    return clock;
  }

  @Override
  public Executor pumps() {
    return pumps;
  }

  @Override
  public Executor doors() {
    return doors;
  }

  @Override
  public Executor journal() {
    return journal;
  }

  @Override
  public Executor waiting() {
    return waiting;
  }

  @Override
  public Executor readers() {
    return readers;
  }

  @Override
  public Executor listeners() {
    return listeners;
  }

  @Override
  public void await(BooleanSupplier condition, Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close(Duration patience) {
    closed = true;
  }

  /** True once the chat has given its threads back. */
  public boolean isClosed() {
    return closed;
  }

  /** One client: what it is written, and what it says. Single quotes stand for the double ones of JSON. */
  public final class Client implements Connection {
    private final Inbound inbound;
    private final List<String> unread = new ArrayList<>();
    private final List<Done> held = new ArrayList<>();
    private boolean holds;
    private int writes;
    private int pings;
    private Optional<CloseReason> closed = Optional.empty();
    private boolean gone;

    private Client(Handshake handshake) {
      inbound = engine.intake().connected(handshake, this);
    }

    private Client in(String user) {
      hears(asks("{'op':'auth','args':['" + user + "','pw']}"), "{'op':'auth','success':true");
      return this;
    }

    /** From now on writes are taken but not done. */
    public Client stopsReading() {
      holds = true;
      return this;
    }

    /** Ends the writes that wait, and reads again. */
    public Client reads() {
      holds = false;
      List<Done> done = List.copyOf(held);
      held.clear();
      done.forEach(each -> each.done(null));
      return this;
    }

    /** Says something, and nothing happens yet. */
    public Client says(String quoted) {
      inbound.text(quoted.replace('\'', '"'));
      return this;
    }

    /** Says something; all it has been written until nothing more happens. */
    public List<String> asks(String quoted) {
      says(quoted);
      run();
      return heard();
    }

    /** Sends a binary frame. */
    public void saysBytes() {
      inbound.binary();
    }

    /** Answers a ping of the transport. */
    public void pongs() {
      inbound.pong();
    }

    /** What it has been written since it was asked last, one text each, with single quotes for the double ones. */
    public List<String> heard() {
      List<String> heard = new ArrayList<>();
      for (String frame : unread) {
        for (String line : frame.split("\n", -1)) {
          heard.add(line.replace('"', '\''));
        }
      }
      unread.clear();
      return heard;
    }

    /** How often it was written to. */
    public int writes() {
      return writes;
    }

    /** How many writes are not done. */
    public int inFlight() {
      return held.size();
    }

    /** How often it was pinged by the transport. */
    public int pings() {
      return pings;
    }

    /** The code it was closed with by the chat; 0 if it was not. */
    public int closedWith() {
      return closed.map(CloseReason::code).orElse(0);
    }

    /** It goes without a word. */
    public void leaves() {
      if (!gone) {
        gone = true;
        List<Done> broken = List.copyOf(held);
        held.clear();
        broken.forEach(done -> done.done(new IOException("gone")));
        inbound.closed(1006, "");
      }
    }

    @Override
    public void write(List<Frame> frames, Done done) {
      if (!held.isEmpty()) {
        throw new AssertionError("a write was given while another was under way");
      }
      writes++;
      if (gone) {
        done.done(new IOException("gone"));
        return;
      }
      frames.forEach(frame -> unread.add(frame.text()));
      if (holds) {
        held.add(done);
      } else {
        done.done(null);
      }
    }

    @Override
    public void ping() {
      pings++;
    }

    @Override
    public void close(CloseReason reason) {
      if (closed.isEmpty() && !gone) {
        closed = Optional.of(reason);
        // The transport tells it later, on a thread of its own.
        doors.execute(this::leaves);
      }
    }
  }

  /** Fails unless it was told exactly these, each beginning so. */
  public static void hears(List<String> heard, String... beginnings) {
    boolean same = heard.size() == beginnings.length;
    for (int i = 0; same && i < beginnings.length; i++) {
      same = heard.get(i).startsWith(beginnings[i]);
    }
    if (!same) {
      throw new AssertionError("expected\n  " + String.join("\n  ", beginnings) + "\nheard\n  "
          + String.join("\n  ", heard));
    }
  }
}
