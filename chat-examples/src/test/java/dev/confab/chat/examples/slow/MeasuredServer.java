package dev.confab.chat.examples.slow;

import dev.confab.chat.Chat;
import dev.confab.chat.ChatCounters;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.spi.ChatListener.Happening;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import dev.confab.chat.testkit.StoreWrapper;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.grizzly.http.server.NetworkListener;
import org.glassfish.grizzly.strategies.WorkerThreadIOStrategy;
import org.glassfish.tyrus.container.grizzly.server.WebSocketAddOn;
import org.glassfish.tyrus.core.TyrusWebSocketEngine;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.WebSocketEngine;

/**
 * A chat on a SQLite file in a JVM of its own that says what it costs. It does what its input says, a line each, and ends with
 * its input. Anybody is let in.
 */
final class MeasuredServer {
  /** How many messages its own publisher has under way at once. */
  private static final int WINDOW = 64;

  private static final AtomicLong READS = new AtomicLong();
  private static final AtomicLong MOST_PAGES = new AtomicLong();
  private static final AtomicInteger READING = new AtomicInteger();
  private static final AtomicInteger MOST_READING = new AtomicInteger();
  private static final AtomicInteger STALLED = new AtomicInteger();

  private MeasuredServer() {}

  /**
   * Runs until its input ends.
   *
   * @param arguments the file; bytes of the tails; bytes of a socket's send buffer, 0 for what the system gives; milliseconds
   *     of {@code stallAfter}; bytes of one write
   */
  public static void main(String[] arguments) throws IOException, DeploymentException {
    int tails = Integer.parseInt(arguments[1]);
    Chat chat = Chat.builder()
        .authenticator(credentials -> Identity.of("u" + credentials.hashCode(), "somebody"))
        .store(new CountedStore(JdbiMessageStore.sqlite(Path.of(arguments[0]))))
        .limits(Limits.builder()
            .tailsBytes(tails)
            .tailBytes(tails)
            .connectionsPerUser(10_000)
            .anonymousPerAddress(10_000)
            .stallAfter(Duration.ofMillis(Long.parseLong(arguments[3])))
            .writeBytes(Integer.parseInt(arguments[4]))
            .build())
        .listener(happening -> {
          if (happening instanceof Happening.Disconnected gone && gone.code() == 4004) {
            STALLED.incrementAndGet();
          }
        })
        .build();
    Sockets sockets = new Sockets();
    // A session without an idle timeout may be closed by Tyrus as idle at once.
    sockets.setDefaultMaxSessionIdleTimeout(Duration.ofDays(24).toMillis());
    HttpServer server = new HttpServer();
    NetworkListener listener = new NetworkListener("chat", "127.0.0.1", 0);
    listener.getTransport().setIOStrategy(WorkerThreadIOStrategy.getInstance());
    listener.getKeepAlive().setIdleTimeoutInSeconds(-1);
    int sendBuffer = Integer.parseInt(arguments[2]);
    if (sendBuffer > 0) {
      listener.getTransport().setWriteBufferSize(sendBuffer);
    }
    listener.registerAddOn(new WebSocketAddOn(sockets, "/"));
    server.addListener(listener);
    ChatEndpoint endpoint = ChatEndpoint.install(sockets, "/chat", chat.acceptor());
    sockets.start("/", 0);
    server.start();
    System.out.println("listening ws://127.0.0.1:" + listener.getPort() + "/chat");
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] words = line.split(" ", -1);
      if (words[0].equals("publish")) {
        publish(chat, words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]));
        System.out.println("published");
      } else {
        System.out.println(measured(chat, words[0].equals("heap")));
      }
    }
    chat.close(Duration.ofSeconds(6));
    endpoint.close();
    server.shutdownNow();
    ChatCounters left = chat.counters();
    boolean clean = left.connections() == 0
        && left.bytesInFlight() == 0
        && left.pageBytes() == 0
        && left.followersCatchingUp() == 0;
    System.exit(clean ? 0 : 1);
  }

  private static void publish(Chat chat, String room, int count, int bytes) {
    Json data = Json.string("x".repeat(bytes));
    Semaphore window = new Semaphore(WINDOW);
    for (int i = 0; i < count; i++) {
      window.acquireUninterruptibly();
      chat.publishLater(ChannelName.of(room), data, Optional.empty())
          .whenComplete((receipt, failure) -> window.release());
    }
    window.acquireUninterruptibly(WINDOW);
  }

  private static String measured(Chat chat, boolean heap) {
    long used = 0;
    if (heap) {
      for (int i = 0; i < 3; i++) {
        System.gc();
      }
      used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
    ChatCounters counters = chat.counters();
    return "measured " + used + " " + counters.connections() + " " + counters.bytesInFlight() + " "
        + counters.tailBytes() + " " + counters.pageBytes() + " " + counters.followersLive() + " "
        + counters.followersCatchingUp() + " " + READS.get() + " " + MOST_PAGES.get() + " "
        + MOST_READING.get() + " " + STALLED.get() + " " + counters.bytesWritten();
  }

  /** Counts what is read of logs, and how much of it at once. */
  private static final class CountedStore extends StoreWrapper {
    CountedStore(MessageStore store) {
      super(store);
    }

    @Override
    public Page read(ChannelName channel, Position position, int entries, int bytes) {
      READS.incrementAndGet();
      MOST_READING.accumulateAndGet(READING.incrementAndGet(), Math::max);
      try {
        Page page = super.read(channel, position, entries, bytes);
        long weight = page.entries().stream().mapToLong(entry -> entry.weight()).sum();
        MOST_PAGES.accumulateAndGet(weight, Math::max);
        return page;
      } finally {
        READING.decrementAndGet();
      }
    }
  }

  /** Tyrus, so that the listener can be given its send buffer. */
  private static final class Sockets extends TyrusServerContainer {
    private final TyrusWebSocketEngine engine =
        TyrusWebSocketEngine.builder(this).build();

    Sockets() {
      super(Set.of());
    }

    @Override
    public void register(Class<?> endpoint) throws DeploymentException {
      engine.register(endpoint, "/");
    }

    @Override
    public void register(ServerEndpointConfig endpoint) throws DeploymentException {
      engine.register(endpoint, "/");
    }

    @Override
    public WebSocketEngine getWebSocketEngine() {
      return engine;
    }

    @Override
    public Map<String, Object> getProperties() {
      return Map.of();
    }
  }
}
