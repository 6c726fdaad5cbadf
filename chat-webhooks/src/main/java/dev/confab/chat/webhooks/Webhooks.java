package dev.confab.chat.webhooks;

import dev.confab.chat.spi.ChatListener;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;

/**
 * Tells another server over HTTP when users come online and go offline and channels are occupied and vacated, on this node.
 *
 * <pre>{@code
 * Webhooks webhooks = Webhooks.to(URI.create("https://example.org/chat-events"))
 *     .secret(WebhookSecret.of(System.getenv("WEBHOOK_SECRET")))
 *     .build();
 * Chat chat = Chat.builder().authenticator(users).listener(webhooks).build();
 * }</pre>
 *
 * <p>Events are sent in order for each user and channel – one of leaving comes {@code settle} later than it happened – up to 100 in
 * a request, one request at a time. A request is accepted when it is answered 2xx in
 * time; else it is made again, with the same id and body, later and later, until it is given up. Each is signed as Standard
 * Webhooks says. An event may come twice – a receiver forgets the ids it has seen after a day – and events are dropped, and
 * counted in the next request, when too many wait.
 *
 * <p><b>Threads.</b> One of its own does the waiting and sending; telling it never blocks. Any thread may call any method.
 */
public final class Webhooks implements ChatListener, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Webhooks.class.getName());
  private static final int BATCH = 100;

  private final WebhooksBuilder settings;
  private final Waitlist waitlist;
  private final HttpClient client;
  private final Thread sender;
  private final LongAdder accepted = new LongAdder();
  private final LongAdder attempts = new LongAdder();
  private final LongAdder failures = new LongAdder();

  /** Up to when requests may take while this is being closed, on the clock that never jumps. */
  private volatile Optional<Long> closeBy = Optional.empty();

  /** How many drops the receiver was told of. Touched by the sender only. */
  private long toldDropped;

  /** How many events were dropped before this was closed. */
  private volatile long droppedBefore;

  /** True while the receiver does not accept. Touched by the sender only. */
  private boolean failing;

  private Webhooks(WebhooksBuilder settings) {
    this.settings = settings;
    this.waitlist = new Waitlist(settings.queue, settings.settle);
    this.client = HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(settings.patience)
        // What is signed for one address is not carried to another.
        .followRedirects(HttpClient.Redirect.NEVER)
        .build();
    this.sender = new Thread(this::run, "confab-webhooks");
    sender.setDaemon(true);
  }

  /** Webhooks to this address. */
  public static WebhooksBuilder to(URI endpoint) {
    return new WebhooksBuilder(endpoint);
  }

  static Webhooks start(WebhooksBuilder settings) {
    Webhooks webhooks = new Webhooks(settings);
    webhooks.sender.start();
    return webhooks;
  }

  @Override
  public void happened(Happening happening) {
    Notice.of(happening, settings.channels, Instant.now())
        .filter(notice -> settings.pusher.isEmpty() || notice.isOfChannel())
        .ifPresent(waitlist::add);
  }

  /** How they do. */
  public WebhookCounters counters() {
    return new WebhookCounters(
        waitlist.waiting(), accepted.sum(), waitlist.dropped(), attempts.sum(), failures.sum());
  }

  /** As {@link #close(Duration)} with {@link WebhooksBuilder#closeWithin}. */
  @Override
  public void close() {
    close(settings.closeWithin);
  }

  /**
   * Sends what waits, held back or not, and ends, within about this time. A receiver that is away has as long to come back: what
   * is not accepted is tried again meanwhile, as always. What is left at the end is dropped, counted, and logged by its number.
   * Close the chat first: until then events come.
   */
  public void close(Duration within) {
    if (closeBy.isEmpty()) {
      droppedBefore = waitlist.dropped();
    }
    closeBy = Optional.of(System.nanoTime() + within.toNanos());
    waitlist.close();
    try {
      sender.join(Math.max(1, within.toMillis()));
      if (sender.isAlive()) {
        sender.interrupt();
        sender.join(1_000);
      }
    } catch (InterruptedException e) {
      sender.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      List<Notice> batch = waitlist.take(BATCH);
      while (!batch.isEmpty()) {
        boolean done = false;
        try {
          done = deliver(batch);
        } catch (RuntimeException e) {
          LOG.log(System.Logger.Level.ERROR, "a webhook request could not be made", e);
        } finally {
          waitlist.done(done);
        }
        if (!done && timeLeft().filter(left -> left <= 0).isPresent()) {
          break;
        }
        batch = waitlist.take(BATCH);
      }
    } catch (InterruptedException e) {
      // Closed, and out of time.
      Thread.currentThread().interrupt();
    } finally {
      waitlist.clear();
      tellLost(waitlist.dropped() - droppedBefore);
      endClient();
    }
  }

  /** Nanoseconds until this has to end; empty as long as it is not being closed. */
  private Optional<Long> timeLeft() {
    return closeBy.map(by -> by - System.nanoTime());
  }

  private void tellLost(long events) {
    if (events > 0) {
      LOG.log(
          System.Logger.Level.WARNING,
          events + " events were not accepted by " + address()
              + " before webhooks were closed, and are dropped");
    }
  }

  /** Where Java can, its threads end now; else when nobody holds it any more. */
  private void endClient() {
    if (client instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        LOG.log(System.Logger.Level.WARNING, "the HTTP client of webhooks did not end", e);
      }
    }
  }

  /** True once the receiver has accepted these; false if they were given up. */
  private boolean deliver(List<Notice> batch) throws InterruptedException {
    long dropped = waitlist.dropped();
    String id = "msg_" + UUID.randomUUID();
    long untold = dropped - toldDropped;
    String body = settings
        .pusher
        .map(form -> form.body(batch, Instant.now()))
        .orElseGet(() -> Notice.body(batch, untold));
    long begun = System.nanoTime();
    Duration pause = settings.firstRetry;
    while (true) {
      if (timeLeft().filter(left -> left <= 0).isPresent()) {
        // Nobody was asked, so nobody has failed.
        return false;
      }
      boolean closing = closeBy.isPresent();
      Answer answer = attempt(id, body);
      if (answer.accepted()) {
        accepted.add(batch.size());
        toldDropped = dropped;
        if (failing) {
          failing = false;
          LOG.log(System.Logger.Level.INFO, "webhooks are accepted again by " + address());
        }
        return true;
      }
      failures.increment();
      if (!failing) {
        failing = true;
        LOG.log(
            System.Logger.Level.WARNING,
            "webhooks are not accepted by " + address() + ", " + answer.said()
                + "; they are tried again");
      }
      Duration wait = answer.after(jittered(pause), settings.slowestRetry);
      long waited = System.nanoTime() - begun;
      if (waited + wait.toNanos() >= settings.giveUpAfter.toNanos() || !pauses(wait, closing)) {
        return false;
      }
      pause = least(pause.multipliedBy(2), settings.slowestRetry);
    }
  }

  /**
   * Waits before the next attempt; false if this is closed before one can be made.
   *
   * @param closing whether it was being closed already when the last one was made
   */
  private boolean pauses(Duration wait, boolean closing) throws InterruptedException {
    if (!closing) {
      // It may have hours to go by what it was: who is closed meanwhile asks at once.
      return !waitlist.closesWithin(wait) || hasTimeFor(0);
    }
    // From then on as it did at first. Nobody waits for an attempt that comes too late.
    long pause = Math.min(wait.toNanos(), settings.firstRetry.toNanos());
    if (!hasTimeFor(pause)) {
      return false;
    }
    // On a thread of its own, which who closes this interrupts when the time is over.
    TimeUnit.NANOSECONDS.sleep(pause);
    return true;
  }

  /** While this is being closed: whether it goes on for longer than that. */
  private boolean hasTimeFor(long nanos) {
    return timeLeft().filter(left -> left > nanos).isPresent();
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** So that not all who were refused together come back together. */
  private static Duration jittered(Duration pause) {
    return Duration.ofNanos(
        (long) (pause.toNanos() * (0.5 + ThreadLocalRandom.current().nextDouble() / 2)));
  }

  /** The address without what may be secret in it. */
  private String address() {
    URI uri = settings.endpoint;
    return uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
  }

  /**
   * What came of one request.
   *
   * @param accepted whether the receiver has it
   * @param said what it said, or what went wrong
   * @param retryAfter when it asked to be asked again
   */
  private record Answer(boolean accepted, String said, Optional<Duration> retryAfter) {
    static Answer failed(String why) {
      return new Answer(false, why, Optional.empty());
    }

    Duration after(Duration pause, Duration most) {
      return retryAfter
          .map(asked -> least(asked, most))
          .filter(asked -> asked.compareTo(pause) > 0)
          .orElse(pause);
    }
  }

  private Answer attempt(String id, String body) throws InterruptedException {
    Duration left = closeBy
        .map(by -> least(Duration.ofNanos(by - System.nanoTime()), settings.patience))
        .orElse(settings.patience);
    if (left.isNegative() || left.isZero()) {
      return Answer.failed("there is no time left");
    }
    attempts.increment();
    CompletableFuture<HttpResponse<Void>> answer =
        client.sendAsync(request(id, body, left), HttpResponse.BodyHandlers.discarding());
    try {
      // The request's own timeout ends with the headers; a body could take for ever.
      HttpResponse<Void> response = answer.get(left.toMillis() + 1, TimeUnit.MILLISECONDS);
      int status = response.statusCode();
      return new Answer(status >= 200 && status < 300, "answered " + status, retryAfter(response));
    } catch (TimeoutException e) {
      return Answer.failed("no answer in time");
    } catch (ExecutionException e) {
      // Its name only: a message may quote the address with what is secret in it.
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return Answer.failed(cause.getClass().getSimpleName());
    } finally {
      answer.cancel(true);
    }
  }

  private HttpRequest request(String id, String body, Duration within) {
    HttpRequest.Builder request = HttpRequest.newBuilder(settings.endpoint)
        .timeout(within)
        .header("content-type", "application/json")
        .header("user-agent", "Confab-Webhooks")
        .header("webhook-id", id)
        .POST(HttpRequest.BodyPublishers.ofString(body));
    if (settings.pusher.isPresent()) {
      return request
          .header("x-pusher-key", settings.pusher.get().key())
          .header("x-pusher-signature", settings.pusher.get().sign(body))
          .build();
    }
    String timestamp = Long.toString(Instant.now().getEpochSecond());
    String signatures = String.join(
        " ",
        settings.secrets.stream()
            .map(secret -> secret.sign(id, timestamp, body))
            .toList());
    return request
        .header("webhook-timestamp", timestamp)
        .header("webhook-signature", signatures)
        .build();
  }

  private static Optional<Duration> retryAfter(HttpResponse<?> response) {
    return response
        .headers()
        .firstValue("retry-after")
        .filter(text -> text.matches("\\d{1,9}"))
        .map(text -> Duration.ofSeconds(Long.parseLong(text)));
  }
}
