package dev.confab.chat.containers.war;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.RawWebSocket.HandshakeRefusedException;
import dev.confab.chat.testkit.Rule;
import dev.confab.chat.transport.jsr356.conformance.ConformanceReport;
import dev.confab.chat.transport.jsr356.conformance.Guest;
import dev.confab.chat.transport.jsr356.conformance.ProcessContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The club's staff log in with a form of the server's, as people do, and their browser takes that along to the chat. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(ConformanceReport.class)
public abstract class FormContract implements ProcessContract {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private ClubServer server;

  /** The club, whose staff log in by {@code BASIC}. */
  protected abstract Path war();

  /** A new server with this WAR. */
  protected abstract ClubServer server(Path withForm);

  @Override
  public final String containerName() {
    try (ClubServer any = server(war())) {
      return any.name();
    }
  }

  @BeforeAll
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void start_the_server() throws Exception {
    server = server(withForm(war()));
    server.start();
  }

  @AfterAll
  void stop_the_server() {
    server.close();
  }

  /** Whether it answers a request for a socket of somebody who has not logged in; one that does not holds a thread meanwhile. */
  protected boolean answersStrangers() {
    return true;
  }

  private Path withForm(Path war) throws IOException {
    Path copy =
        Path.of("target", "forms", getClass().getSimpleName(), "form.war").toAbsolutePath();
    Files.createDirectories(copy.getParent());
    Files.copy(war, copy, StandardCopyOption.REPLACE_EXISTING);
    try (FileSystem inside = FileSystems.newFileSystem(copy)) {
      Path descriptor = inside.getPath("WEB-INF", "web.xml");
      String basic = "<auth-method>BASIC</auth-method>";
      String text = Files.readString(descriptor);
      assertThat(text).contains(basic);
      Files.writeString(
          descriptor,
          text.replace(
              basic,
              "<auth-method>FORM</auth-method><form-login-config>"
                  + "<form-login-page>/login.html</form-login-page>"
                  + "<form-error-page>/login.html</form-error-page></form-login-config>"));
    }
    return copy;
  }

  @Test
  @Rule("JSR356-12")
  void staff_who_logged_in_with_a_form_are_known_to_the_chat() throws Exception {
    try (RawWebSocket socket = connect(cookies("kim", "secret-kim"))) {
      assertThat(new Guest(socket).await("\"event\":\"welcome\"", PATIENCE))
          .contains("\"user\":{\"id\":\"kim\"");
    }
    // A page to log in is no socket.
    for (String cookies : List.of("", cookies("kim", "wrong"))) {
      assertThatThrownBy(() -> connect(cookies))
          .isInstanceOf(
              answersStrangers() ? HandshakeRefusedException.class : UncheckedIOException.class);
    }
    // Known to the server, and not of the staff.
    String ofAnn = cookies("ann", "another");
    assertThatThrownBy(() -> connect(ofAnn))
        .isInstanceOfSatisfying(
            HandshakeRefusedException.class,
            refused -> assertThat(refused.status()).isEqualTo(403));
  }

  private RawWebSocket connect(String cookies) {
    URI uri = server.uri("/staff");
    return RawWebSocket.connect(
        uri,
        List.of("chat.v1"),
        Map.of("Cookie", cookies, "Origin", "http://" + uri.getAuthority()));
  }

  /** What a browser has after its user has filled in the form that is shown instead of what was asked for. */
  private String cookies(String name, String password) throws Exception {
    CookieManager kept = new CookieManager();
    HttpClient browser = HttpClient.newBuilder()
        .cookieHandler(kept)
        .followRedirects(HttpClient.Redirect.NORMAL)
        .build();
    String form = ask(browser, "/staff", null);
    assertThat(form).contains("j_security_check");
    ask(browser, "/j_security_check", "j_username=" + name + "&j_password=" + password);
    return kept.getCookieStore().getCookies().stream()
        .map(FormContract::asHeader)
        .collect(Collectors.joining("; "));
  }

  private static String asHeader(HttpCookie cookie) {
    return cookie.getName() + "=" + cookie.getValue();
  }

  private String ask(HttpClient browser, String path, @Nullable String form)
      throws IOException, InterruptedException {
    URI uri = URI.create("http" + server.uri(path).toString().substring(2));
    BodyPublisher body = form == null
        ? BodyPublishers.noBody()
        : BodyPublishers.ofString(form, StandardCharsets.UTF_8);
    HttpRequest request = HttpRequest.newBuilder(uri)
        .method(form == null ? "GET" : "POST", body)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .timeout(PATIENCE)
        .build();
    return browser.send(request, BodyHandlers.ofString()).body();
  }
}
