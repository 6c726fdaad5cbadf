package dev.confab.chat.webhooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.spi.ChatListener.Happening;
import dev.confab.chat.testkit.CapturedLog;
import dev.confab.chat.testkit.LoopbackTransport;
import dev.confab.chat.testkit.TransportClient;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Webhooks to a real HTTP server that fails, is slow, and dies. */
final class WebhooksTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String TEXT = WebhookSecret.generate();
  private static final WebhookSecret SECRET = WebhookSecret.of(TEXT);

  private final Receiver receiver = new Receiver();
  private Webhooks webhooks = builder().build();

  private WebhooksBuilder builder() {
    return Webhooks.to(receiver.uri())
        .secret(SECRET)
        .settle(Duration.ZERO)
        // A busy machine is no reason to ask again.
        .patience(Duration.ofMinutes(1))
        .retry(Duration.ofMillis(5), Duration.ofMillis(20));
  }

  private void use(WebhooksBuilder builder) {
    webhooks.close();
    webhooks = builder.build();
  }

  @AfterEach
  void close() {
    receiver.answers(Receiver.OK);
    webhooks.close(Duration.ofSeconds(3));
    receiver.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.isAlive() && thread.getName().equals("confab-webhooks"));
  }

  private static UserRef user(String id) {
    return new UserRef(new UserId(id), "Name of " + id);
  }

  private void online(String id) {
    webhooks.happened(new Happening.UserOnline(user(id)));
  }

  private void offline(String id) {
    webhooks.happened(new Happening.UserOffline(user(id)));
  }

  private static void soon(Runnable assertion) {
    Awaitility.await().atMost(SOON).untilAsserted(assertion::run);
  }

  private static boolean signed(WebhookSecret secret, Receiver.Request request) {
    return secret.signed(
        request.id(),
        request.timestamp(),
        request.signature(),
        request.body(),
        Instant.now(),
        Duration.ofMinutes(5));
  }

  // What is sent.

  @Test
  void what_happens_in_a_chat_is_posted() {
    Chat chat = Chat.builder()
        .authenticator(credentials -> {
          String name = ((Credentials.Password) credentials).name();
          return Identity.of(name, name);
        })
        .listener(webhooks)
        .build();
    try (LoopbackTransport transport = new LoopbackTransport(chat.acceptor())) {
      TransportClient tom = transport.connect("/chat", List.of());
      tom.sendText("{\"op\":\"auth\",\"args\":[\"tom\",\"pw\"]}");
      tom.sendText("{\"op\":\"subscribe\",\"args\":[\"room_1\"]}");
      soon(() -> assertThat(receiver.types()).containsExactly("user.online", "channel.occupied"));
      tom.close(1000, "");
      soon(() -> assertThat(receiver.types())
          .containsExactly("user.online", "channel.occupied", "channel.vacated", "user.offline"));
      assertThat(receiver.requests).allMatch(request -> signed(SECRET, request));
    } finally {
      chat.close(Duration.ofSeconds(3));
    }
  }

  @Test
  void webman_push_form_has_channels_and_a_signature_of_the_body() throws Exception {
    String secret = "9f86d081884c7d659a2feaa0c55ad015";
    webhooks.close();
    webhooks = Webhooks.to(receiver.uri())
        .pusher("4a7d1ed4", secret)
        .settle(Duration.ZERO)
        .build();
    online("tom");
    webhooks.happened(new Happening.ChannelOccupied(ChannelName.of("user-1")));
    soon(() -> assertThat(receiver.requests).hasSize(1));
    webhooks.happened(new Happening.ChannelVacated(ChannelName.of("user-1")));
    soon(() -> assertThat(receiver.requests).hasSize(2));
    assertThat(receiver.requests.get(0).body())
        .matches(
            "\\{\"time_ms\":\\d{13},\"events\":\\[\\{\"channel\":\"user-1\",\"name\":\"channel_added\"}]}");
    assertThat(receiver.requests.get(1).body())
        .contains("\"events\":[{\"channel\":\"user-1\",\"name\":\"channel_removed\"}]");
    for (Receiver.Request request : receiver.requests) {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      byte[] right = mac.doFinal(request.body().getBytes(StandardCharsets.UTF_8));
      assertThat(request.pusherSignature()).isEqualTo(HexFormat.of().formatHex(right));
    }
    // One way of signing or the other.
    assertThatThrownBy(() -> builder().pusher("4a7d1ed4", secret).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageNotContaining(secret);
  }

  @Test
  void the_body_is_as_documented() {
    online("tom");
    webhooks.happened(new Happening.ChannelOccupied(ChannelName.of("room_1")));
    webhooks.happened(new Happening.OnlineCounted(1, 1));
    soon(() -> assertThat(receiver.types()).hasSize(2));
    String all = String.join(
            "", receiver.requests.stream().map(Receiver.Request::body).toList())
        .replaceAll("\\d{13}", "AT");
    assertThat(all)
        .contains("{\"events\":[{\"type\":\"user.online\",\"at\":AT,\"user\":{\"id\":\"tom\","
            + "\"name\":\"Name of tom\"}}")
        .contains("{\"type\":\"channel.occupied\",\"at\":AT,\"channel\":\"room_1\"}")
        .endsWith("],\"dropped\":0}");
  }

  @Test
  void only_who_knows_the_secret_can_sign_and_nothing_can_be_changed_or_sent_later() {
    String next = WebhookSecret.generate();
    use(builder().secret(WebhookSecret.of(next)));
    online("tom");
    soon(() -> assertThat(receiver.requests).hasSize(1));
    Receiver.Request request = receiver.requests.get(0);
    assertThat(signed(SECRET, request)).isTrue();
    // While a receiver changes its secret both are good.
    assertThat(signed(WebhookSecret.of(next), request)).isTrue();
    assertThat(signed(WebhookSecret.of(WebhookSecret.generate()), request)).isFalse();
    assertThat(signed(
            SECRET,
            new Receiver.Request(
                request.id(), request.timestamp(), request.signature(), request.body() + " ")))
        .isFalse();
    assertThat(signed(
            SECRET,
            new Receiver.Request(
                "msg_other", request.timestamp(), request.signature(), request.body())))
        .isFalse();
    assertThat(SECRET.signed(
            request.id(),
            request.timestamp(),
            request.signature(),
            request.body(),
            Instant.now().plusSeconds(600),
            Duration.ofMinutes(5)))
        .isFalse();
    assertThat(SECRET.signed("", "", "", "", Instant.now(), Duration.ofMinutes(5)))
        .isFalse();
  }

  @Test
  void signatures_are_those_of_standard_webhooks() {
    // The specification's own example.
    assertThat(WebhookSecret.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
            .sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "{\"test\": 2432232314}"))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void channels_that_are_not_wanted_are_left_out() {
    use(builder().channels(ChannelName::isRoom));
    webhooks.happened(new Happening.ChannelOccupied(ChannelName.of("user_1")));
    webhooks.happened(new Happening.ChannelVacated(ChannelName.of("user_1")));
    webhooks.happened(new Happening.ChannelOccupied(ChannelName.of("room_1")));
    soon(() -> assertThat(receiver.types()).containsExactly("channel.occupied"));
  }

  // Who comes back soon.

  @Test
  void who_is_back_before_it_settled_was_never_away() {
    use(builder().settle(Duration.ofMinutes(10)));
    online("tom");
    offline("tom");
    online("tom");
    online("ann");
    webhooks.happened(new Happening.ChannelOccupied(ChannelName.of("room_1")));
    webhooks.happened(new Happening.ChannelVacated(ChannelName.of("room_1")));
    soon(() -> assertThat(receiver.types())
        .containsExactly("user.online", "user.online", "channel.occupied"));
    // What was told waits until its answer has come.
    soon(() -> assertThat(webhooks.counters().waiting()).isEqualTo(1));
    // What is held back settles when it ends.
    webhooks.close(Duration.ofMinutes(1));
    assertThat(receiver.types()).endsWith("channel.vacated");
  }

  @Test
  void who_stays_away_is_told_once_it_settled() {
    use(builder().settle(Duration.ofMillis(50)));
    online("tom");
    offline("tom");
    soon(() -> assertThat(receiver.types()).containsExactly("user.online", "user.offline"));
  }

  // A receiver in trouble.

  @Test
  void what_is_not_accepted_is_sent_again_until_it_is() {
    AtomicInteger answered = new AtomicInteger();
    receiver.answers((request, exchange) ->
        exchange.sendResponseHeaders(answered.incrementAndGet() < 4 ? 500 : 200, -1));
    try (CapturedLog log = new CapturedLog(Webhooks.class)) {
      online("tom");
      soon(() -> assertThat(webhooks.counters().accepted()).isEqualTo(1));
      assertThat(receiver.requests).hasSize(4);
      // The same request each time: a receiver that took it and could not say so can tell.
      assertThat(receiver.requests)
          .extracting(Receiver.Request::id)
          .containsOnly(receiver.requests.get(0).id());
      assertThat(receiver.requests)
          .extracting(Receiver.Request::body)
          .containsOnly(receiver.requests.get(0).body());
      assertThat(receiver.requests).allMatch(request -> signed(SECRET, request));
      // Said once when it began and once when it ended, and nothing that is secret.
      soon(() -> assertThat(log.records()).hasSize(2));
      assertThat(log.records().toString() + log.records().get(0).getMessage())
          .doesNotContain("hidden");
    }
    WebhookCounters counters = webhooks.counters();
    assertThat(counters.failures()).isEqualTo(3);
    assertThat(counters.attempts()).isEqualTo(4);
    assertThat(counters.dropped()).isZero();
  }

  @Test
  void order_is_kept_through_failures() {
    AtomicInteger answered = new AtomicInteger();
    receiver.answers((request, exchange) ->
        exchange.sendResponseHeaders(answered.incrementAndGet() % 3 == 0 ? 200 : 503, -1));
    for (int i = 0; i < 150; i++) {
      webhooks.happened(new Happening.ChannelOccupied(ChannelName.of("room_" + i)));
      webhooks.happened(new Happening.ChannelVacated(ChannelName.of("room_" + i)));
    }
    soon(() -> assertThat(webhooks.counters().accepted()).isEqualTo(300));
    List<String> types = receiver.types();
    assertThat(types).hasSize(300);
    for (int i = 0; i < 300; i++) {
      assertThat(types.get(i)).isEqualTo(i % 2 == 0 ? "channel.occupied" : "channel.vacated");
    }
    assertThat(receiver.requests).allMatch(request -> request.types().size() <= 100);
  }

  @Test
  void a_receiver_that_never_answers_is_asked_again() throws Exception {
    use(builder().patience(Duration.ofMillis(200)));
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger answered = new AtomicInteger();
    receiver.answers((request, exchange) -> {
      int number = answered.incrementAndGet();
      try {
        if (number == 1) {
          // Not even a header.
          never.await();
        } else if (number == 2) {
          // Headers, and a body that never ends.
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write('x');
          exchange.getResponseBody().flush();
          never.await();
        }
      } catch (InterruptedException e) {
        return;
      }
      exchange.sendResponseHeaders(204, -1);
    });
    online("tom");
    // Whoever tells it does not wait meanwhile.
    online("ann");
    soon(() -> assertThat(webhooks.counters().accepted()).isEqualTo(2));
    assertThat(webhooks.counters().failures()).isGreaterThanOrEqualTo(2);
    assertThat(receiver.types()).containsExactly("user.online", "user.online");
    never.countDown();
  }

  @Test
  void a_receiver_that_died_finds_everything_when_it_is_back() {
    online("tom");
    soon(() -> assertThat(webhooks.counters().accepted()).isEqualTo(1));
    receiver.dies();
    online("ann");
    offline("ann");
    soon(() -> assertThat(webhooks.counters().failures()).isGreaterThan(2));
    receiver.comesBack();
    soon(() -> assertThat(webhooks.counters().accepted()).isEqualTo(3));
    assertThat(receiver.types()).containsExactly("user.online", "user.online", "user.offline");
    soon(() -> assertThat(webhooks.counters().waiting()).isZero());
  }

  @Test
  void a_receiver_that_asks_for_patience_is_given_it() {
    use(builder().retry(Duration.ofMillis(1), Duration.ofMillis(300)));
    AtomicInteger answered = new AtomicInteger();
    receiver.answers((request, exchange) -> {
      boolean first = answered.incrementAndGet() == 1;
      if (first) {
        exchange.getResponseHeaders().add("retry-after", "3600");
      }
      exchange.sendResponseHeaders(first ? 429 : 200, -1);
    });
    long begun = System.nanoTime();
    online("tom");
    soon(() -> assertThat(webhooks.counters().accepted()).isEqualTo(1));
    // Not so much as it asks for, but as much as is given at most.
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(300));
    assertThat(webhooks.counters().attempts()).isEqualTo(2);
  }

  @Test
  void a_redirect_is_not_followed() {
    AtomicInteger answered = new AtomicInteger();
    receiver.answers((request, exchange) -> {
      exchange.getResponseHeaders().add("location", "/elsewhere");
      exchange.sendResponseHeaders(answered.incrementAndGet() == 1 ? 307 : 200, -1);
    });
    online("tom");
    soon(() -> assertThat(webhooks.counters().accepted()).isEqualTo(1));
    assertThat(webhooks.counters().failures()).isEqualTo(1);
  }

  // Bounds.

  @Test
  void what_is_too_much_is_dropped_counted_and_told() {
    receiver.answers(500);
    use(builder().queue(5));
    for (int i = 0; i < 12; i++) {
      online("u" + i);
    }
    assertThat(webhooks.counters().waiting()).isEqualTo(5);
    assertThat(webhooks.counters().dropped()).isEqualTo(7);
    receiver.answers(200);
    soon(() -> assertThat(webhooks.counters().waiting()).isZero());
    online("late");
    soon(() -> assertThat(webhooks.counters().accepted()).isEqualTo(6));
    // Each drop is told once, with the first request that was made after it.
    int told = receiver.requests.stream()
        .filter(request -> receiver.requests.lastIndexOf(request) == lastOf(request.id()))
        .mapToInt(request -> Integer.parseInt(request.member("dropped")))
        .sum();
    assertThat(told).isEqualTo(7);
  }

  private int lastOf(String id) {
    int last = -1;
    for (int i = 0; i < receiver.requests.size(); i++) {
      if (receiver.requests.get(i).id().equals(id)) {
        last = i;
      }
    }
    return last;
  }

  @Test
  void what_is_never_accepted_is_given_up_and_the_next_is_sent() {
    use(builder().giveUpAfter(Duration.ofMillis(100)));
    receiver.answers((request, exchange) ->
        exchange.sendResponseHeaders(request.body().contains("\"bad\"") ? 400 : 200, -1));
    online("bad");
    soon(() -> assertThat(receiver.requests).isNotEmpty());
    online("good");
    soon(() -> assertThat(webhooks.counters().accepted()).isEqualTo(1));
    assertThat(webhooks.counters().dropped()).isEqualTo(1);
    assertThat(receiver.requests.get(receiver.requests.size() - 1).member("dropped"))
        .isEqualTo("1");
  }

  // The end.

  @Test
  void closing_takes_no_longer_than_it_is_given() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    receiver.answers((request, exchange) -> {
      inside.countDown();
      try {
        never.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    online("tom");
    assertThat(inside.await(60, TimeUnit.SECONDS)).isTrue();
    online("ann");
    long begun = System.nanoTime();
    webhooks.close(Duration.ofMillis(300));
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
    assertThat(webhooks.counters().dropped()).isEqualTo(2);
    assertThat(webhooks.counters().waiting()).isZero();
    online("late");
    assertThat(webhooks.counters().dropped()).isEqualTo(3);
    never.countDown();
  }

  @Test
  void a_receiver_that_comes_back_while_webhooks_are_closed_finds_everything() throws Exception {
    // One failure, and all that waited was dropped, however much time there was.
    receiver.dies();
    online("tom");
    offline("tom");
    online("ann");
    soon(() -> assertThat(webhooks.counters().failures()).isGreaterThan(1));
    Thread closing = closesWithin(Duration.ofMinutes(2));
    long before = webhooks.counters().failures();
    soon(() -> assertThat(webhooks.counters().failures()).isGreaterThan(before + 2));
    receiver.comesBack();
    closing.join(Duration.ofMinutes(1).toMillis());
    assertThat(closing.isAlive()).isFalse();
    assertThat(receiver.types()).containsExactly("user.online", "user.offline", "user.online");
    assertThat(webhooks.counters().accepted()).isEqualTo(3);
    assertThat(webhooks.counters().dropped()).isZero();
  }

  /** Somebody closes, who is awaited no longer than {@link #SOON}. */
  private Thread closesWithin(Duration within) {
    Thread closing = new Thread(() -> webhooks.close(within), "closing");
    closing.setDaemon(true);
    closing.start();
    return closing;
  }

  @Test
  void who_closes_in_the_middle_of_a_pause_asks_once_more_at_once() throws Exception {
    // It slept for as long as it had, and then dropped what the receiver would have taken.
    receiver.answers(500);
    use(builder().retry(Duration.ofHours(1), Duration.ofHours(1)));
    online("tom");
    soon(() -> assertThat(webhooks.counters().failures()).isEqualTo(1));
    receiver.answers(Receiver.OK);
    Thread closing = closesWithin(Duration.ofMinutes(2));
    closing.join(SOON.toMillis());
    assertThat(closing.isAlive()).isFalse();
    assertThat(webhooks.counters().accepted()).isEqualTo(1);
    assertThat(webhooks.counters().dropped()).isZero();
  }

  @Test
  void who_closes_while_a_request_is_refused_asks_once_more_at_once() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    AtomicInteger answered = new AtomicInteger();
    receiver.answers((request, exchange) -> {
      inside.countDown();
      try {
        released.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      exchange.sendResponseHeaders(answered.incrementAndGet() == 1 ? 500 : 204, -1);
    });
    use(builder().retry(Duration.ofHours(1), Duration.ofHours(1)));
    online("tom");
    assertThat(inside.await(60, TimeUnit.SECONDS)).isTrue();
    Thread closing = closesWithin(Duration.ofMinutes(2));
    soon(() -> {
      // What comes while they are closed is dropped: so they are.
      online("late");
      assertThat(webhooks.counters().dropped()).isPositive();
    });
    released.countDown();
    closing.join(SOON.toMillis());
    assertThat(closing.isAlive()).isFalse();
    assertThat(receiver.requests).hasSizeGreaterThan(1);
    assertThat(receiver.requests.get(1).id()).isEqualTo(receiver.requests.get(0).id());
    assertThat(webhooks.counters().accepted()).isPositive();
  }

  @Test
  void while_webhooks_are_closed_a_receiver_is_asked_as_often_as_at_first() throws Exception {
    receiver.answers((request, exchange) -> {
      exchange.getResponseHeaders().add("retry-after", "3600");
      exchange.sendResponseHeaders(503, -1);
    });
    use(builder().retry(Duration.ofMillis(5), Duration.ofHours(1)));
    online("tom");
    soon(() -> assertThat(webhooks.counters().failures()).isEqualTo(1));
    Thread closing = closesWithin(Duration.ofMinutes(2));
    soon(() -> assertThat(webhooks.counters().failures()).isGreaterThan(3));
    receiver.answers(Receiver.OK);
    closing.join(SOON.toMillis());
    assertThat(closing.isAlive()).isFalse();
    assertThat(webhooks.counters().accepted()).isEqualTo(1);
  }

  @Test
  void closing_does_not_wait_for_an_attempt_that_would_come_too_late() throws Exception {
    receiver.answers(500);
    use(builder().retry(Duration.ofHours(1), Duration.ofHours(1)));
    online("tom");
    soon(() -> assertThat(webhooks.counters().failures()).isEqualTo(1));
    Thread closing = closesWithin(Duration.ofMinutes(2));
    closing.join(SOON.toMillis());
    assertThat(closing.isAlive()).isFalse();
    // Once more at once, and then there was no time for another.
    assertThat(webhooks.counters().failures()).isEqualTo(2);
    assertThat(webhooks.counters().dropped()).isEqualTo(1);
  }

  @Test
  void who_has_less_time_after_all_ends_the_pause_of_a_close() throws Exception {
    receiver.answers(500);
    use(builder().retry(Duration.ofMinutes(30), Duration.ofHours(1)));
    online("tom");
    soon(() -> assertThat(webhooks.counters().failures()).isEqualTo(1));
    Thread closing = closesWithin(Duration.ofHours(10));
    soon(() -> assertThat(webhooks.counters().failures()).isEqualTo(2));
    long begun = System.nanoTime();
    webhooks.close(Duration.ofMillis(50));
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SOON);
    assertThat(webhooks.counters().failures()).as("attempts before the pause").isEqualTo(2);
    closing.join(SOON.toMillis());
    assertThat(closing.isAlive()).isFalse();
    assertThat(webhooks.counters().dropped()).isEqualTo(1);
  }

  @Test
  void what_is_left_when_webhooks_are_closed_is_dropped_counted_and_said() {
    receiver.answers(500);
    use(builder().closeWithin(Duration.ofMillis(500)).retry(Duration.ofMillis(5), SOON));
    try (CapturedLog log = new CapturedLog(Webhooks.class)) {
      online("tom");
      online("ann");
      webhooks.happened(new Happening.ChannelOccupied(ChannelName.of("room_1")));
      soon(() -> assertThat(webhooks.counters().failures()).isPositive());
      webhooks.close();
      soon(() -> assertThat(log.records())
          .anyMatch(record -> record.getMessage().startsWith("3 events were not accepted by http:")
              && !record.getMessage().contains("hidden")));
    }
    assertThat(webhooks.counters().dropped()).isEqualTo(3);
    assertThat(webhooks.counters().waiting()).isZero();
  }

  // Settings.

  @Test
  void wrong_settings_are_refused_where_they_are_given() {
    assertThatThrownBy(() -> Webhooks.to(URI.create("ftp://example.org/x")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Webhooks.to(URI.create("/path")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Webhooks.to(receiver.uri()).build())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> builder().queue(0)).hasMessageContaining("queue must be at least 1");
    assertThatThrownBy(() -> builder().settle(Duration.ofHours(2)))
        .hasMessageContaining("settle must be at least");
    assertThatThrownBy(() -> builder().patience(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder().closeWithin(Duration.ofHours(1)))
        .hasMessageContaining("closeWithin must be at least");
    assertThatThrownBy(() -> builder().giveUpAfter(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder().retry(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> WebhookSecret.of("whsec_c2hvcnQ="))
        .hasMessageContaining("at least 24");
    assertThatThrownBy(() -> WebhookSecret.of(TEXT.substring(6)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> WebhookSecret.of("whsec_%%%" + TEXT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining(TEXT);
    assertThat(SECRET.toString()).doesNotContain(TEXT.substring(6, 12));
    assertThat(SECRET).isEqualTo(WebhookSecret.of(TEXT)).hasSameHashCodeAs(WebhookSecret.of(TEXT));
  }
}
