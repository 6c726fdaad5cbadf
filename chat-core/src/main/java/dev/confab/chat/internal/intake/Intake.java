package dev.confab.chat.internal.intake;

import dev.confab.chat.internal.command.Commands;
import dev.confab.chat.internal.dialect.Dialects;
import dev.confab.chat.internal.outlet.Flights;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.internal.session.Heartbeat;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.session.Sessions;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Handshake;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.ChatListener.Happening;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Conversation;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.Inbound;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;

/** Takes new connections from the transports and looks after them. Any thread. */
public final class Intake implements Acceptor {
  private static final System.Logger LOG = System.getLogger(Intake.class.getName());

  private static final Inbound GONE = new Inbound() {
    @Override
    public void text(String frame) {}

    @Override
    public void binary() {}

    @Override
    public void pong() {}

    @Override
    public void closed(int code, String reason) {}
  };

  private final Dialects dialects;
  private final Sessions sessions;
  private final Heartbeat heartbeat;
  private final Happenings happenings;
  private final Flights flights;
  private final Executor pumps;
  private final RandomGenerator ids;
  private final Limits limits;
  private final Time time;
  private final Lane.Parts lanes;
  private final RefusalCount refusals = new RefusalCount();
  private final LongAdder accepted = new LongAdder();
  private final Map<ConnectionId, Client> clients = new ConcurrentHashMap<>();
  private volatile boolean stopping;

  /**
   * Takes connections from now on.
   *
   * @param ids where connection ids come from
   */
  public Intake(
      Commands commands,
      Dialects dialects,
      Sessions sessions,
      Happenings happenings,
      Flights flights,
      Executor pumps,
      Executor doors,
      RandomGenerator ids,
      Limits limits,
      Time time) {
    this.dialects = dialects;
    this.sessions = sessions;
    this.heartbeat = new Heartbeat(time, limits, dialects.all());
    this.happenings = happenings;
    this.flights = flights;
    this.pumps = pumps;
    this.ids = ids;
    this.limits = limits;
    this.time = time;
    this.lanes = new Lane.Parts(
        commands,
        new Gate(limits.logins()),
        new Gate(limits.checks()),
        doors,
        happenings,
        refusals,
        limits,
        time);
  }

  @Override
  public List<String> subprotocols() {
    return dialects.subprotocols();
  }

  @Override
  public int maxFrameBytes() {
    return limits.clientFrameBytes();
  }

  @Override
  public Inbound connected(Handshake handshake, Connection connection) {
    if (stopping) {
      connection.close(CloseReason.STOPPING);
      return GONE;
    }
    Dialect dialect = dialects.of(handshake);
    long now = time.nanos();
    Duration beat =
        dialect.manners().heartbeat().map(Dialect.Heartbeat::every).orElseGet(limits::heartbeat);
    long firstPing = now + (long) (ids.nextDouble() * beat.toNanos());
    ConnectionId id = newId();
    Conversation conversation = dialect.open(new Dialect.Opening(id, handshake));
    List<Decoded> first = conversation.opened();
    Session session = new Session(
        id,
        handshake,
        owner -> new Outlet(connection, dialect, owner, pumps, flights, limits, time),
        this::ended,
        now,
        firstPing);
    if (!sessions.add(session)) {
      connection.close(CloseReason.OVERLOADED);
      return GONE;
    }
    accepted.increment();
    Lane lane = new Lane(session, conversation, lanes);
    Client client = new Client(session, lane, conversation, time, code -> told(session, code));
    clients.put(session.id(), client);
    happenings.tell(new Happening.Connected(session.id(), session.address()));
    try {
      greet(client, handshake, first);
    } catch (RuntimeException | Error e) {
      // It is known here from now on, and has to be told when it has ended.
      LOG.log(System.Logger.Level.ERROR, "a connection could not be greeted", e);
      lane.close();
      session.end(CloseReason.INTERNAL);
    }
    return client;
  }

  /**
   * What comes before the first frame: who the container knows is not asked again, and what the conversation asks by itself
   * is done. The welcome waits until it is known who that is.
   */
  private void greet(Client client, Handshake handshake, List<Decoded> first) {
    Runnable welcome = () -> welcome(client.session());
    if (handshake.principal().isPresent()) {
      Command proof = new Command.Authenticate(new Credentials.Proof(handshake));
      client
          .lane()
          .offerSilently(
              new Decoded.Request("auth", Optional.empty(), proof),
              first.isEmpty() ? welcome : () -> {},
              first.isEmpty());
    }
    if (!first.isEmpty()) {
      first.forEach(decoded -> client.lane().offer(decoded, 0));
      client
          .lane()
          .offerSilently(
              new Decoded.Request("ping", Optional.empty(), new Command.Ping()), welcome, true);
    } else if (handshake.principal().isEmpty()) {
      welcome.run();
    }
  }

  private ConnectionId newId() {
    return new ConnectionId(EntryId.random(ids).value());
  }

  private void welcome(Session session) {
    if (!session.outlet().dialect().manners().greets()) {
      return;
    }
    Optional<Identity> identity = session.identity();
    session
        .outlet()
        .tell(new Event.Welcome(
            session.id(),
            time.now(),
            limits.heartbeat(),
            limits.clientFrameBytes(),
            limits.clientDataBytes(),
            limits.loginWithin(),
            identity.map(Identity::user),
            identity.flatMap(Identity::expiresAt)));
  }

  private void told(Session session, int code) {
    happenings.tell(
        new Happening.Disconnected(session.id(), session.identity().map(Identity::user), code));
  }

  private void ended(Session session) {
    clients.remove(session.id());
    sessions.remove(session);
  }

  /** How often {@link #tick} has to be called. */
  public Duration period() {
    return heartbeat.period();
  }

  /** Looks after every connection. */
  public void tick() {
    long now = time.nanos();
    for (Client client : clients.values()) {
      try {
        heartbeat.check(client.session());
        client.lane().checkTimeout(now);
      } catch (RuntimeException e) {
        // Those behind it have to be looked after, too.
        LOG.log(System.Logger.Level.ERROR, "a connection could not be looked after", e);
      }
    }
  }

  /** Takes no more connections. */
  public void stop() {
    stopping = true;
  }

  /** True if no client waits to be told what became of something it asked. */
  public boolean isIdle() {
    return clients.values().stream().allMatch(client -> client.lane().isIdle());
  }

  /** Lets every lane end: what waits in them is not begun any more. */
  public void closeLanes() {
    clients.values().forEach(client -> client.lane().close());
  }

  /** Connections taken so far. */
  public long accepted() {
    return accepted.sum();
  }

  /** Commands refused so far, by code. */
  public Map<ErrorCode, Long> refused() {
    return refusals.snapshot();
  }
}
