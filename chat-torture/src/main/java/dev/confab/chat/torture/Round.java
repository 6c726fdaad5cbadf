package dev.confab.chat.torture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.torture.CommitProxy.Cut;
import dev.confab.chat.torture.Plan.Fault;
import dev.confab.chat.torture.Plan.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.StringJoiner;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One round on one database: starts servers and clients, breaks what the plan says, heals, lets everybody come to an end, and
 * writes down what the database holds. Used once, by one thread.
 */
final class Round implements AutoCloseable {
  /**
   * What a round is made of.
   *
   * @param seed of the plan and of the clients
   * @param faults how long something is broken now and then
   * @param rate sends a second, all clients together
   */
  record Settings(long seed, Duration faults, int rate) {}

  private static final int ALL_SERVERS = 0;
  private static final int CHANNELS = 6;
  private static final int CROWDS = 2;
  private static final int READERS = 3;
  private static final Duration START_WITHIN = Duration.ofSeconds(90);
  private static final Duration END_WITHIN = Duration.ofMinutes(2);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(40);

  /** Told once a round fails for a reason that is not the library's, or hangs. */
  static final class BrokenException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokenException(String message) {
      super(message);
    }
  }

  private final Database.Kind kind;
  private final Database database;
  private final Settings settings;
  private final Path folder;
  private final Notes servers;
  private final Notes faults;
  private final Map<Fault, Integer> counts = new EnumMap<>(Fault.class);
  private final List<Child> running = new ArrayList<>();
  private final List<HostileProxy> doors = new ArrayList<>();
  private final List<Child> crowds = new ArrayList<>();
  private final ScheduledExecutorService later =
      Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "torture-later");
        thread.setDaemon(true);
        return thread;
      });

  Round(Database.Kind kind, Database database, Settings settings, Path folder) throws IOException {
    this.kind = kind;
    this.database = database;
    this.settings = settings;
    this.folder = Files.createDirectories(folder);
    this.servers = Notes.append(folder.resolve("servers.tsv"));
    this.faults = Notes.append(folder.resolve("faults.tsv"));
  }

  /** How often what was broken so far. */
  Map<Fault, Integer> counts() {
    return Map.copyOf(counts);
  }

  /** Runs it. What happened stands in the folder. */
  void run() throws IOException, InterruptedException, SQLException {
    Plan plan = Plan.of(settings.seed(), kind, settings.faults());
    servers.note("servers", kind.servers());
    for (int server = 1; server <= kind.servers(); server++) {
      doors.add(new HostileProxy());
      running.add(startServer(server));
    }
    for (int server = 1; server <= kind.servers(); server++) {
      lead(server);
    }
    for (int crowd = 0; crowd < CROWDS; crowd++) {
      crowds.add(startCrowd(crowd));
    }
    long begin = System.nanoTime();
    for (Step step : plan.steps()) {
      TimeUnit.NANOSECONDS.sleep(step.pause().toNanos());
      if (!step.always() && System.nanoTime() - begin > settings.faults().toNanos()) {
        break;
      }
      look();
      inflict(step.fault(), new Random(step.seed()));
    }
    heal();
    end();
  }

  // Starting.

  private Child startServer(int server) {
    // One has room for all of it, so that readers are served from memory, the other for little.
    String tails = server % 2 == 0 ? "65536" : "4194304";
    return Child.start(
        "server-" + server,
        folder.resolve("server-" + server + ".log"),
        "160m",
        TortureServer.class,
        List.of(database.place(), tails));
  }

  /** Waits until the server listens, and lets clients in. */
  private void lead(int server) throws InterruptedException {
    Optional<String> listening = running.get(server - 1).hear("listening ", START_WITHIN);
    if (listening.isEmpty()) {
      servers.note("nostart", server);
      throw new BrokenException("server " + server + " did not start");
    }
    servers.note("start", server);
    doors.get(server - 1).leadTo(port(listening.get()));
  }

  private static int port(String listening) {
    return Integer.parseInt(listening.substring("listening ".length()));
  }

  private Child startCrowd(int number) {
    StringJoiner ports = new StringJoiner(",");
    doors.forEach(door -> ports.add(String.valueOf(door.port())));
    String name = String.valueOf((char) ('a' + number));
    return Child.start(
        "crowd-" + name,
        folder.resolve("crowd-" + name + ".log"),
        "128m",
        Crowd.class,
        List.of(
            folder.toString(),
            name,
            String.valueOf(settings.seed()),
            ports.toString(),
            String.valueOf(CHANNELS),
            String.valueOf(settings.rate() / CROWDS),
            "3",
            "1",
            String.valueOf(READERS)));
  }

  // Breaking.

  /** Who has ended without being told has a bug. */
  private void look() throws InterruptedException {
    for (int server = 1; server <= running.size(); server++) {
      Child child = running.get(server - 1);
      if (!child.alive()) {
        servers.note("died", server, child.exit(Duration.ZERO).orElse(-1));
        running.set(server - 1, startServer(server));
        lead(server);
      }
    }
    for (Child crowd : crowds) {
      if (!crowd.alive()) {
        throw new BrokenException(crowd + " ended by itself");
      }
    }
  }

  private void inflict(Fault fault, Random random)
      throws IOException, InterruptedException, SQLException {
    int server = 1 + random.nextInt(running.size());
    HostileProxy door = doors.get(server - 1);
    int often = 1;
    switch (fault) {
      case SERVER_KILLED -> {
        kill(server, random);
        restart(server, random);
      }
      case SERVER_PAUSED -> pause(server, Duration.ofMillis(300 + random.nextInt(5_700)));
      case DATABASE_KILLED -> {
        long from = System.currentTimeMillis();
        database.kill();
        TimeUnit.MILLISECONDS.sleep(random.nextInt(1_500));
        database.restart();
        unreachable(from, ALL_SERVERS);
      }
      case ALL_KILLED -> {
        kill(server, random);
        long from = System.currentTimeMillis();
        database.kill();
        database.restart();
        unreachable(from, ALL_SERVERS);
        restart(server, random);
      }
      case COMMIT_CUT_BEFORE -> often = cut(Cut.BEFORE, 1 + random.nextInt(5));
      case COMMIT_CUT_ON_THE_WAY -> often = cut(Cut.ON_THE_WAY, 1 + random.nextInt(5));
      case COMMIT_CUT_AFTER -> often = cut(Cut.AFTER, 1 + random.nextInt(5));
      case CONNECTIONS_RESET -> {
        awaitClients(door);
        often = door.reset(random, 40);
      }
      case HALF_OPEN -> {
        awaitClients(door);
        often = door.halfOpen(random, 20, Duration.ofMillis(2_000 + random.nextInt(8_000)));
      }
      case BYTE_BY_BYTE -> {
        awaitClients(door);
        often = door.byteByByte(random, 25, Duration.ofMillis(1_000 + random.nextInt(3_000)));
      }
      case READER_STALLED -> {
        int crowd = random.nextInt(CROWDS);
        String reader = (char) ('a' + crowd) + "r" + (1 + random.nextInt(READERS));
        crowds.get(crowd).tell("stall " + reader + " " + (2_000 + random.nextInt(8_000)));
      }
      case CLIENTS_KILLED -> {
        int crowd = random.nextInt(CROWDS);
        crowds.get(crowd).kill();
        crowds.set(crowd, startCrowd(crowd));
      }
      case CLIENTS_DIED_AT_ACK -> often = die(random.nextInt(CROWDS), "ack");
      case CLIENTS_DIED_AT_ENTRY -> often = die(random.nextInt(CROWDS), "shown");
    }
    counts.merge(fault, often, Integer::sum);
    faults.note("F", fault, server, often);
  }

  /** They come back a moment after the fault before. */
  private static void awaitClients(HostileProxy door) throws InterruptedException {
    long deadline = System.nanoTime() + Duration.ofSeconds(3).toNanos();
    while (door.clients() < 3 && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  /** Right when it writes, or a little later. */
  private void kill(int server, Random random) throws InterruptedException {
    Child child = running.get(server - 1);
    child.tell("watch");
    // A server that stands still is killed so, too.
    child.hear("appending", Duration.ofSeconds(2));
    LockSupport.parkNanos(random.nextInt(6_000) * 1_000L);
    if (child.alive()) {
      servers.note("kill", server);
      child.kill();
    } else {
      servers.note("died", server, child.exit(Duration.ZERO).orElse(-1));
    }
  }

  private void restart(int server, Random random) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(random.nextInt(500));
    running.set(server - 1, startServer(server));
    lead(server);
  }

  private void pause(int server, Duration time) throws InterruptedException {
    Child child = running.get(server - 1);
    long from = System.currentTimeMillis();
    child.pause();
    later.schedule(
        () -> {
          try {
            child.proceed();
            unreachable(from, server);
          } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
          }
        },
        time.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private void unreachable(long from, int server) {
    faults.note("O", from, System.currentTimeMillis(), server);
  }

  /** Returns how many commits were cut. */
  private int cut(Cut cut, int times) throws InterruptedException {
    CommitProxy way = database.way().orElseThrow();
    int done = 0;
    for (int i = 0; i < times; i++) {
      way.cutNext(cut);
      long deadline = System.nanoTime() + Duration.ofSeconds(done == 0 ? 3 : 1).toNanos();
      while (way.waits() && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(5);
      }
      if (!way.disarm()) {
        done++;
      }
    }
    return done;
  }

  private int die(int crowd, String receipt) throws InterruptedException {
    Child child = crowds.get(crowd);
    child.tell("halt " + receipt);
    long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (child.alive() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    boolean died = !child.alive();
    if (!died) {
      // Nothing was received: it is killed where it stands.
      child.kill();
      counts.merge(Fault.CLIENTS_KILLED, 1, Integer::sum);
    } else if (!child.exit(Duration.ZERO).equals(Optional.of(137))) {
      throw new BrokenException(child + " ended by itself");
    }
    crowds.set(crowd, startCrowd(crowd));
    return died ? 1 : 0;
  }

  // Ending.

  /** Everything runs, and the network is good. */
  private void heal() throws InterruptedException {
    later.shutdown();
    if (!later.awaitTermination(30, TimeUnit.SECONDS)) {
      throw new BrokenException("a server still stands still");
    }
    doors.forEach(HostileProxy::heal);
    look();
  }

  private void end() throws IOException, InterruptedException, SQLException {
    for (Child crowd : crowds) {
      crowd.tell("finish");
    }
    for (Child crowd : crowds) {
      if (crowd.hear("written", END_WITHIN).isEmpty()) {
        faults.note("N", crowd + " did not come to an end of writing");
        look();
      }
    }
    Map<String, Long> heads = heads();
    StringBuilder goal = new StringBuilder("goal");
    heads.forEach(
        (channel, head) -> goal.append(' ').append(channel).append('=').append(head));
    for (Child crowd : crowds) {
      crowd.tell(goal.toString());
    }
    for (Child crowd : crowds) {
      if (crowd.hear("read", END_WITHIN).isEmpty()) {
        faults.note("N", crowd + " did not come to an end of reading");
        look();
      }
    }
    for (int server = 1; server <= running.size(); server++) {
      readAll(server, heads);
    }
    for (Child crowd : crowds) {
      Optional<Integer> code = crowd.stop(STOP_WITHIN);
      if (!code.equals(Optional.of(0))) {
        throw new BrokenException(crowd + " ended with " + code);
      }
    }
    for (int server = 1; server <= running.size(); server++) {
      servers.note(
          "stop",
          server,
          running.get(server - 1).stop(STOP_WITHIN).map(String::valueOf).orElse("nothing in time"));
      if (Files.readString(folder.resolve("server-" + server + ".log"))
          .contains("OutOfMemoryError")) {
        servers.note("memory", server);
      }
    }
    writeLog();
  }

  /**
   * The heads of all servers, over the wire and past the bad network; the highest, because a server that follows a channel
   * already hears of what others wrote up to a second later.
   */
  private Map<String, Long> heads() throws IOException {
    Map<String, Long> highest = new LinkedHashMap<>();
    for (int server = 1; server <= running.size(); server++) {
      heads(server).forEach((channel, head) -> highest.merge(channel, head, Math::max));
    }
    return highest;
  }

  private Map<String, Long> heads(int server) throws IOException {
    Map<String, Long> heads = new LinkedHashMap<>();
    try (ChatClient client = loggedIn(server)) {
      StringJoiner names = new StringJoiner(",");
      Crowd.channels(CHANNELS).forEach(name -> names.add("\"" + name + "\""));
      client.send("{\"op\":\"subscribe\",\"args\":[" + names + "],\"id\":\"heads\"}");
      JsonNode reply = reply(client, "heads");
      for (String name : Crowd.channels(CHANNELS)) {
        heads.put(
            name, reply.path("data").path("channels").path(name).path("head").asLong());
      }
    }
    return heads;
  }

  private ChatClient loggedIn(int server) throws IOException {
    ChatClient client = ChatClient.connect(doors.get(server - 1).target(), true, Crowd.SILENCE);
    client.send(
        "{\"op\":\"auth\",\"args\":[\"looker\",\"" + Users.PASSWORD + "\"],\"id\":\"auth\"}");
    return client;
  }

  private static JsonNode reply(ChatClient client, String id) throws IOException {
    while (true) {
      for (String line : client.receive().split("\n", -1)) {
        JsonNode node = Json.read(line);
        if (node.path("id").asText().equals(id) && node.has("op")) {
          return node;
        }
      }
    }
  }

  /** Reads the whole log of this server over the wire, in pages of history. */
  private void readAll(int server, Map<String, Long> heads) throws IOException {
    try (ChatClient client = loggedIn(server);
        Notes notes = Notes.append(folder.resolve("reader-fresh-" + server + ".tsv"))) {
      for (String channel : heads.keySet()) {
        notes.note("B", channel, "0");
        boolean more = true;
        String after = "\"0\"";
        while (more) {
          client.send("{\"op\":\"history\",\"args\":[\"" + channel + "\",{\"after\":" + after
              + ",\"limit\":100}],\"id\":\"page\"}");
          JsonNode page = reply(client, "page").path("data");
          for (JsonNode entry : page.path("messages")) {
            String text = entry.path("data").asText();
            notes.note(
                "V",
                channel,
                entry.path("seq").asText(),
                entry.path("id").asText(),
                entry.path("from").path("id").asText(),
                Json.label(text),
                Json.print(text));
            after = "\"" + entry.path("seq").asText() + "." + entry.path("id").asText() + "\"";
          }
          if (page.path("reset").asBoolean()) {
            notes.note("R", channel, page.path("cursor").asText());
          }
          more = page.path("more").asBoolean();
        }
      }
    }
  }

  /** What the database holds, asked of itself. */
  private void writeLog() throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        Notes notes = Notes.append(folder.resolve("log.tsv"))) {
      try (ResultSet rows = statement.executeQuery(
          "select name, head, head_id, no, floor from chat_channel order by id")) {
        while (rows.next()) {
          notes.note(
              "H", text(rows, 1), rows.getLong(2), text(rows, 3), rows.getLong(4), rows.getLong(5));
        }
      }
      try (ResultSet rows = statement.executeQuery("select c.name, e.seq, e.id, e.kind, e.no,"
          + " e.sender_id, e.client_key, e.data from chat_entry e join chat_channel c"
          + " on c.id = e.channel_id order by e.channel_id, e.seq")) {
        while (rows.next()) {
          String data = Json.read(rows.getString(8)).asText();
          notes.note(
              "G",
              text(rows, 1),
              rows.getLong(2),
              text(rows, 3),
              rows.getInt(4),
              rows.getLong(5),
              text(rows, 6),
              text(rows, 7),
              Json.label(data),
              Json.print(data));
        }
      }
    }
  }

  /** A text that may be kept as bytes. */
  private static String text(ResultSet rows, int column) throws SQLException {
    String text = rows.getString(column);
    return text == null ? "-" : text;
  }

  @Override
  public void close() {
    later.shutdownNow();
    running.forEach(Child::close);
    crowds.forEach(Child::close);
    doors.forEach(HostileProxy::close);
    servers.close();
    faults.close();
  }
}
