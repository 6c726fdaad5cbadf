package dev.confab.chat.server.api;

import dev.confab.chat.Chat;
import dev.confab.chat.model.InvalidJsonException;
import dev.confab.chat.model.InvalidNameException;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Acceptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A chat's API for other processes: {@link #handle} for HTTP, however it comes, and {@link #sockets} for
 * WebSocket.
 *
 * <pre>{@code
 * ServerApi api = ServerApi.builder(chat).keys(ApiKeys.file(Path.of("api-keys"))).build();
 * JdkApiServer server = JdkApiServer.start(api, 6789);
 * }</pre>
 *
 * <p><b>Threads.</b> Any thread may call any method.
 */
public final class ServerApi implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger(ServerApi.class.getName());
  private static final Duration LOOK = Duration.ofMillis(100);

  /** Less than adapters give a request, so that its caller is told. */
  private static final Duration OUTCOME_WITHIN = Duration.ofSeconds(25);

  private static final int MOST_PATH_CHARS = 8_192;
  private static final int MOST_HEADER_BYTES = 16 * 1024;

  /** Answers up to this are always kept until they are read; there are no more of them than a server has connections. */
  private static final int SHORT_ANSWER_BYTES = 16 * 1024;

  private final Chat chat;
  private final int maxBodyBytes;
  private final long unreadBytes;

  /** Bytes of the long answers that their callers have not read whole. */
  private final AtomicLong unread = new AtomicLong();

  private final Doorkeeper doorkeeper;
  private final Mesh mesh;
  private final Threads threads;
  private final List<Route> routes;
  private final ApiSockets sockets;
  private final String description = description();

  private ServerApi(Builder builder, ApiKeys keys) {
    chat = builder.chat;
    maxBodyBytes = builder.maxBodyBytes;
    unreadBytes = builder.unreadBytes;
    doorkeeper = new Doorkeeper(keys, builder.proxies, builder.clock);
    mesh = new Mesh(chat, builder.channelNames);
    threads = new Threads(builder.threads);
    List<Route> all = new ArrayList<>();
    all.addAll(new MeshCalls(mesh).routes());
    all.addAll(new PushForm(chat).routes());
    all.addAll(new HostCalls(chat, doorkeeper, Map.copyOf(builder.queues)).routes());
    routes = List.copyOf(all);
    sockets = new ApiSockets(new ApiSockets.Parts(
        chat,
        mesh,
        doorkeeper,
        threads,
        Map.copyOf(builder.queues),
        builder.node,
        builder.loginContext,
        builder.keysInQuery,
        maxBodyBytes));
    builder.queues.values().forEach(queue -> queue.serve(chat));
    threads.every(LOOK, this::look);
  }

  private static String description() {
    try (InputStream file = ServerApi.class.getResourceAsStream("openapi.json")) {
      if (file == null) {
        throw new IllegalStateException("openapi.json is not beside its class");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** A builder of the API of this chat. */
  public static Builder builder(Chat chat) {
    return new Builder(chat);
  }

  /** All it answers to, but its description. */
  List<Route> routes() {
    return routes;
  }

  /** How many bytes the body of a request may have; an adapter reads at most one more. */
  public int maxBodyBytes() {
    return maxBodyBytes;
  }

  /**
   * Does what a request asks. Waits for the store, so not to be called on a thread of a socket: there {@link #handleLater}. Never
   * throws.
   */
  public ApiResponse handle(ApiRequest request) {
    Route.Style style = Route.Style.JSON;
    try {
      List<String> path = path(request);
      List<Route> here =
          routes.stream().filter(route -> route.match(path).isPresent()).toList();
      if (!here.isEmpty()) {
        style = here.get(0).style();
      }
      requireBounds(request);
      if (request.path().equals("/openapi.json") && request.method().equals("GET")) {
        // The same for everybody and in every copy of this library: no secret.
        return ApiResponse.json(200, description);
      }
      ApiKey key = doorkeeper.admit(request.headers(), request.remoteAddress());
      Optional<Route> wanted =
          here.stream().filter(route -> route.method().equals(request.method())).findFirst();
      if (wanted.isEmpty()) {
        return here.isEmpty()
            ? HostCalls.missing("there is nothing at this path")
            : wrongMethod(here);
      }
      Route route = wanted.get();
      doorkeeper.requireScope(key, route.scope());
      doorkeeper.spend(key, 1);
      Map<String, String> parts = route.match(path).orElse(Map.of());
      return route.handler().handle(new Call(key, request, parts));
    } catch (RefusedException refused) {
      return Answers.refused(style, refused);
    } catch (InvalidNameException | InvalidJsonException wrong) {
      return Answers.refused(
          style, new RefusedException(ErrorCode.BAD_ARGS, String.valueOf(wrong.getMessage())));
    } catch (RuntimeException | Error bug) {
      return Answers.refused(style, new RefusedException(report(bug)));
    }
  }

  /**
   * What is answered to a request whose head alone says that it is refused, so that its body need not be kept: it is too long, or
   * shows nothing of the form of a key. Asks nobody; never throws.
   */
  Optional<ApiResponse> refusedByHead(ApiRequest head, long contentLength) {
    Route.Style style = Route.Style.JSON;
    try {
      List<String> path = path(head);
      style = routes.stream()
          .filter(route -> route.match(path).isPresent())
          .findFirst()
          .map(Route::style)
          .orElse(style);
      requireBounds(head);
      if (contentLength > maxBodyBytes) {
        throw tooLarge();
      }
      if (!head.path().equals("/openapi.json")) {
        Doorkeeper.wellFormed(head.headers());
      }
      return Optional.empty();
    } catch (RefusedException refused) {
      return Optional.of(Answers.refused(style, refused));
    }
  }

  /** As {@link #handle}, on a thread of the API's own; answered with 503 if too many wait for one. */
  public CompletionStage<ApiResponse> handleLater(ApiRequest request) {
    CompletableFuture<ApiResponse> answer = new CompletableFuture<>();
    if (!threads.call(() -> answer.complete(handle(request)))) {
      answer.complete(busy());
    }
    return answer;
  }

  /**
   * What takes the sockets of workers, connmix's {@code /ws/v1}. Install it as a chat is, keeping the headers a key may stand in:
   *
   * <pre>{@code
   * ChatEndpoint.install(container, "/ws/v1", api.sockets(),
   *     EndpointOptions.builder()
   *         .keepHeaders("authorization", "x-api-key")
   *         .origins(Origins.same().andMissing())
   *         .build());
   * }</pre>
   */
  public Acceptor sockets() {
    return sockets;
  }

  private void look() {
    try {
      sockets.look();
    } catch (RuntimeException | Error bug) {
      // Else it would never be called again.
      LOGGER.log(Level.ERROR, "sockets of workers could not be looked after", bug);
    }
  }

  /** Runs this where calls run; false if too many wait. */
  boolean run(Runnable task) {
    return threads.call(task);
  }

  /** Runs something short after this time; false if this is closed. */
  boolean later(Duration delay, Runnable task) {
    return threads.later(delay, task);
  }

  /**
   * An answer that will be written as its caller reads it, which may take a while; another one, which says so, if too much waits to
   * be read already. Adapters tell by {@link #written} when they are done with what this gave.
   */
  ApiResponse toWrite(ApiRequest asked, ApiResponse answer) {
    int bytes = answer.bodyBytes();
    if (bytes <= SHORT_ANSWER_BYTES) {
      return answer;
    }
    long before = unread.getAndAdd(bytes);
    if (before == 0 || before + bytes <= unreadBytes) {
      return answer;
    }
    unread.addAndGet(-bytes);
    // What only asked has changed nothing; what else was done is done, and is told to who repeats
    // it.
    return asked.method().equals("GET")
        ? Answers.refused(
            Route.Style.JSON,
            new RefusedException(ErrorCode.OVERLOADED, "too many answers wait to be read"))
        : late();
  }

  /** An answer is written, or never will be. */
  void written(ApiResponse answer) {
    int bytes = answer.bodyBytes();
    if (bytes > SHORT_ANSWER_BYTES) {
      unread.addAndGet(-bytes);
    }
  }

  /** Bytes of long answers that wait to be read now. */
  long unreadBytes() {
    return unread.get();
  }

  /** What is answered when too many wait. */
  static ApiResponse busy() {
    return Answers.refused(
        Route.Style.JSON, new RefusedException(ErrorCode.OVERLOADED, "too many requests wait"));
  }

  /** What is answered to a request that was not done in the time that its adapter gives it. */
  static ApiResponse late() {
    return Answers.refused(Route.Style.JSON, new RefusedException(ErrorCode.OUTCOME_UNKNOWN));
  }

  /** What is answered to a request that asks for another protocol, where that would hold back its body. */
  static ApiResponse upgrades() {
    return Answers.refused(
        Route.Style.JSON,
        Fields.bad("Upgrade", "ask without Upgrade; Java's HttpClient with version(HTTP_1_1)"));
  }

  private static List<String> path(ApiRequest request) {
    if (request.path().length() > MOST_PATH_CHARS) {
      throw Fields.bad("path", "a path may have " + MOST_PATH_CHARS + " characters");
    }
    return Arrays.stream(request.path().split("/", -1)).map(Call::segment).toList();
  }

  private void requireBounds(ApiRequest request) {
    if (request.bodyBytes() > maxBodyBytes) {
      throw tooLarge();
    }
    if (request.headerBytes() > MOST_HEADER_BYTES
        || request.query().filter(query -> query.length() > MOST_PATH_CHARS).isPresent()) {
      throw Fields.bad(
          "headers",
          "headers may have " + MOST_HEADER_BYTES + " bytes, what stands behind the question mark "
              + MOST_PATH_CHARS);
    }
    // Pages of other sites can make a browser send what it remembers of a login here.
    if (request
        .header("sec-fetch-site")
        .filter(site -> !site.equals("none") && !site.equals("same-origin"))
        .isPresent()) {
      throw new RefusedException(ErrorCode.DENIED, "not for pages of other sites");
    }
  }

  private RefusedException tooLarge() {
    return new RefusedException(ErrorCode.TOO_LARGE, "a body may have " + maxBodyBytes + " bytes");
  }

  private static ApiResponse wrongMethod(List<Route> here) {
    TreeSet<String> methods = new TreeSet<>();
    here.forEach(route -> methods.add(route.method()));
    return ApiResponse.json(
            405,
            JsonText.object()
                .put("error", "this path takes " + String.join(", ", methods))
                .put("code", "method_not_allowed")
                .put("retry", "no")
                .end())
        .header("Allow", String.join(", ", methods));
  }

  /** Nothing of the failure leaves but a name by which the log is searched. */
  static Refusal report(Throwable bug) {
    String trace =
        Long.toHexString(java.util.concurrent.ThreadLocalRandom.current().nextLong());
    LOGGER.log(Level.ERROR, "a call of the API failed, trace " + trace, bug);
    return Refusal.of(ErrorCode.INTERNAL).traced(trace);
  }

  /** Until when a request that begins to wait now waits, on the clock that never jumps. */
  static long deadline() {
    return System.nanoTime() + OUTCOME_WITHIN.toNanos();
  }

  /** Waits for a stage, and throws what it failed with; {@code outcome_unknown} if it does not end in time. */
  static <T> T await(CompletionStage<T> stage) {
    return await(stage, deadline());
  }

  /** As {@link #await(CompletionStage)}, until then. */
  static <T> T await(CompletionStage<T> stage, long until) {
    try {
      return stage
          .toCompletableFuture()
          .get(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      @Nullable Throwable cause = failed.getCause();
      if (cause instanceof RefusedException refused) {
        throw new RefusedException(refused.refusal());
      }
      throw new CompletionException(cause);
    } catch (TimeoutException neverEnds) {
      // A chat that is closed may drop what would have ended it.
      throw new RefusedException(ErrorCode.OUTCOME_UNKNOWN);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new RefusedException(ErrorCode.OUTCOME_UNKNOWN);
    }
  }

  /** Answers no more, closes the sockets of workers, and gives back the threads. The chat stays the caller's to close. */
  @Override
  public void close() {
    sockets.close();
    threads.close();
  }

  /** Collects what an API is made of. Only keys have no default. Not for several threads at once. */
  public static final class Builder {
    private final Chat chat;
    private @Nullable ApiKeys keys;
    private int maxBodyBytes = 2 * 1024 * 1024;
    private long unreadBytes = 64L * 1024 * 1024;
    private int threads = 16;
    private List<AddressRange> proxies = List.of();
    private UnaryOperator<String> channelNames = UnaryOperator.identity();
    private Clock clock = Clock.systemUTC();
    private final Map<String, WorkQueue> queues = new LinkedHashMap<>();
    private String node = "1";
    private Optional<String> loginContext = Optional.empty();
    private boolean keysInQuery;

    private Builder(Chat chat) {
      this.chat = chat;
    }

    /** Who may call. Required: there is no API without keys. */
    public Builder keys(ApiKeys newKeys) {
      keys = newKeys;
      return this;
    }

    /** How many bytes the body of a request may have: 1 KiB to 64 MiB, 2 MiB by default. */
    public Builder maxBodyBytes(int bytes) {
      if (bytes < 1024 || bytes > 64 * 1024 * 1024) {
        throw new IllegalArgumentException(
            "maxBodyBytes must be at least 1024 and at most 67108864, got " + bytes);
      }
      maxBodyBytes = bytes;
      return this;
    }

    /** How many requests are worked on at once: 1 to 1,000, 16 by default. A thousand more wait. */
    public Builder threads(int count) {
      if (count < 1 || count > 1_000) {
        throw new IllegalArgumentException(
            "threads must be at least 1 and at most 1000, got " + count);
      }
      threads = count;
      return this;
    }

    /** Proxies whose {@code X-Forwarded-For} is believed when it is decided from where a key is used; none by default. */
    public Builder proxies(AddressRange... ranges) {
      proxies = List.of(ranges);
      return this;
    }

    /**
     * Which channel a caller of connmix's calls means by a name; the one of that name by default. {@link
     * #messageCentreNames()} is one for back ends that say {@code user:1001}.
     */
    public Builder channelNames(UnaryOperator<String> names) {
      channelNames = names;
      return this;
    }

    /**
     * What the back ends of connmix's message centre say, as the channels of ours: {@code user:1001} is {@code user_1001}, user
     * 1001's own channel, {@code video:7} is {@code video_7}, {@code ex:1001@balance} is {@code ex_1001@balance}.
     */
    public static UnaryOperator<String> messageCentreNames() {
      return name -> name.startsWith("user:") || name.startsWith("video:") || name.startsWith("ex:")
          ? name.replaceFirst(":", "_")
          : name;
    }

    /** A queue that workers may take from; {@link IllegalArgumentException} if there is one of its name already. */
    public Builder queue(WorkQueue queue) {
      if (queues.putIfAbsent(queue.name(), queue) != null) {
        throw new IllegalArgumentException("queue " + queue.name() + " is given twice");
      }
      return this;
    }

    /** What this node is called in records; {@code 1} by default. Digits alone are written as a number. */
    public Builder node(String name) {
      if (name.isBlank() || name.length() > 64) {
        throw new IllegalArgumentException(
            "the name of a node has 1 to 64 characters, got " + name.length());
      }
      node = name;
      return this;
    }

    /**
     * A context value by which workers log a connection in, as connmix's example does: with {@code "uid"}, {@code conn.call
     * set_context_value ["uid", 1001]} makes the connection user 1001's, and 0 logs it out. Needs {@link Scope#LOGIN}, too. None by
     * default.
     */
    public Builder loginByContext(String name) {
      loginContext = Optional.of(name);
      return this;
    }

    /**
     * Takes a worker's key also as {@code /ws/v1?key=…}, for workers that can send no headers. Off by default, because addresses
     * are written into logs.
     */
    public Builder keysInQuery() {
      keysInQuery = true;
      return this;
    }

    /** How many bytes of long answers wait to be read at most, unless it is one. */
    Builder unreadBytes(long bytes) {
      unreadBytes = bytes;
      return this;
    }

    Builder clock(Clock newClock) {
      clock = newClock;
      return this;
    }

    /** The API, ready. {@link IllegalStateException} without keys. */
    public ServerApi build() {
      if (keys == null) {
        throw new IllegalStateException("an API needs keys: who may call");
      }
      return new ServerApi(this, keys);
    }
  }
}
