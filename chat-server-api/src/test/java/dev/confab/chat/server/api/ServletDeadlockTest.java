package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.Chat;
import dev.confab.chat.model.Identity;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.catalina.Context;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An answer that is begun when its time runs out: Tomcat says so under a lock that its response needs, too. */
final class ServletDeadlockTest {
  private static final Duration SOON = Duration.ofMinutes(1);

  @TempDir
  Path folder;

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  /** Holds an API's thread up where it begins to answer. */
  private void holdUp() {
    if (Thread.currentThread().getName().startsWith("confab-api")) {
      begun.countDown();
      try {
        released.await();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Tomcat tomcat(ServerApi api) throws Exception {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    Context context = tomcat.addContext("", folder.toString());
    Wrapper wrapper = Tomcat.addServlet(context, "api", new ApiServlet(api, Duration.ofSeconds(1)));
    wrapper.setAsyncSupported(true);
    context.addServletMappingDecoded("/*", "api");
    Filter slow = (request, response, chain) ->
        chain.doFilter(request, new HttpServletResponseWrapper((HttpServletResponse) response) {
          @Override
          public void setStatus(int status) {
            holdUp();
            super.setStatus(status);
          }
        });
    FilterDef definition = new FilterDef();
    definition.setFilterName("slow");
    definition.setFilter(slow);
    definition.setAsyncSupported("true");
    context.addFilterDef(definition);
    FilterMap everywhere = new FilterMap();
    everywhere.setFilterName("slow");
    everywhere.addURLPattern("/*");
    context.addFilterMap(everywhere);
    tomcat.start();
    return tomcat;
  }

  @Test
  void answer_begun_as_time_runs_out_ends_and_nothing_waits_for_ever() throws Exception {
    ApiKey.Made key = ApiKey.generate(Scope.READ);
    try (Chat chat =
            Chat.builder().authenticator(shown -> Identity.of("1", "1")).build();
        ServerApi api =
            ServerApi.builder(chat).keys(ApiKeys.of(key.key())).threads(2).build()) {
      Tomcat tomcat = tomcat(api);
      try (Socket socket =
          new Socket(InetAddress.getLoopbackAddress(), tomcat.getConnector().getLocalPort())) {
        socket
            .getOutputStream()
            .write(("GET /api/v1/counts HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key.secret()
                    + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        socket.setSoTimeout(20_000);
        CompletableFuture<Boolean> ended = CompletableFuture.supplyAsync(() -> hasEnded(socket));
        // On a busy machine its time may run out before it is begun: then it is told so.
        Awaitility.await()
            .atMost(SOON)
            .pollInterval(Duration.ofMillis(5))
            .until(() -> ended.isDone() || (begun.getCount() == 0 && isTimingOut()));
        released.countDown();
        assertThat(ended.get(1, TimeUnit.MINUTES)).as("answered or cut").isTrue();
        assertThat(ManagementFactory.getThreadMXBean().findDeadlockedThreads()).isNull();
      } finally {
        released.countDown();
        tomcat.stop();
        tomcat.destroy();
      }
    }
  }

  /** True while Tomcat says that time is out. */
  private static boolean isTimingOut() {
    return Thread.getAllStackTraces().values().stream().anyMatch(stack -> {
      for (StackTraceElement frame : stack) {
        if (frame.getMethodName().equals("onTimeout")
            && frame.getClassName().startsWith(ApiServlet.class.getName())) {
          return true;
        }
      }
      return false;
    });
  }

  private static boolean hasEnded(Socket socket) {
    try {
      while (socket.getInputStream().read() >= 0) {}
      return true;
    } catch (SocketTimeoutException held) {
      return false;
    } catch (IOException cut) {
      return true;
    }
  }
}
