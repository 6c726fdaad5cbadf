package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The JDK's own server. */
final class JdkAdapterTest extends AdapterContract {
  private JdkApiServer server;

  @Override
  int start(ServerApi served, Duration within) throws IOException {
    return start(served, 32, 1_000, within);
  }

  @Override
  void stop() {
    server.close();
  }

  private int start(ServerApi served, int threads, int waiting, Duration within)
      throws IOException {
    server = JdkApiServer.start(
        served,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        threads,
        waiting,
        within);
    return server.address().getPort();
  }

  @Test
  void when_too_many_requests_wait_the_next_is_told_to_come_back() throws Exception {
    // As many waited as there was memory for, and each in vain once its caller had given up.
    stop();
    int port = start(api(), 2, 3, Duration.ofMinutes(5));
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 5; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        slow.add(socket);
        socket.getOutputStream().write('P');
      }
      Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> server.waiting() == 3);
      HttpResponse<String> answer = TestServer.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/counts"))
              .timeout(Duration.ofSeconds(60))
              .header("X-API-Key", TestServer.ALL.secret())
              .build());
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains("\"code\":\"overloaded\"");
      assertThat(answer.headers().firstValue("Retry-After")).contains("1");
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void request_under_way_when_the_server_is_closed_is_answered_and_none_is_taken()
      throws Exception {
    hold();
    CompletableFuture<HttpResponse<String>> answer = postLater();
    awaitHeld();
    InetSocketAddress address = server.address();
    CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> server.close(120));
    Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> isRefused(address));
    assertThat(closed).isNotDone();
    release();
    assertThat(answer.get(1, TimeUnit.MINUTES).statusCode()).isEqualTo(200);
    closed.get(1, TimeUnit.MINUTES);
  }

  private static boolean isRefused(InetSocketAddress address) throws IOException {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      return !socket.isConnected();
    } catch (ConnectException refused) {
      return true;
    }
  }

  @Test
  void closing_where_nothing_is_under_way_waits_for_nothing() throws Exception {
    stop();
    CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
      try (JdkApiServer idle = JdkApiServer.start(api(), 0)) {
        idle.close(600);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    closed.get(1, TimeUnit.MINUTES);
  }
}
