package dev.confab.chat.server.api;

import dev.confab.chat.Chat;
import dev.confab.chat.ChatBuilder;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import dev.confab.chat.transport.jsr356.Origins;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** A chat on Tyrus with its API at another port, all of it real. Anybody may log in with the password {@code 123456}. */
final class TestServer implements AutoCloseable {
  /** Its ids do not repeat, and every one may do everything. */
  static final ApiKey.Made ALL =
      ApiKey.generate(Scope.PUBLISH, Scope.READ, Scope.MANAGE, Scope.LOGIN, Scope.CONSUME);

  private static final HttpClient CLIENT = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .connectTimeout(Duration.ofMinutes(1))
      .build();

  private final Chat chat;
  private final ServerApi api;
  private final JdkApiServer http;
  private final TyrusServerContainer container =
      (TyrusServerContainer) ServerContainerFactory.createServerContainer();
  private final List<ChatEndpoint> endpoints = new ArrayList<>();
  private final List<TestSocket> sockets = new ArrayList<>();

  TestServer(
      Consumer<ChatBuilder> settings,
      UnaryOperator<ServerApi.Builder> apiSettings,
      UnaryOperator<Acceptor> feeding,
      ApiKey... more)
      throws Exception {
    ChatBuilder builder = Chat.builder().authenticator(TestServer::login);
    settings.accept(builder);
    chat = builder.build();
    List<ApiKey> keys = new ArrayList<>(List.of(more));
    keys.add(ALL.key().rate(new RateLimit(100_000, Duration.ofSeconds(1))));
    api = apiSettings.apply(ServerApi.builder(chat).keys(ApiKeys.of(keys))).build();
    http = JdkApiServer.start(api, 0);
    endpoints.add(ChatEndpoint.install(container, "/chat", feeding.apply(chat.acceptor())));
    endpoints.add(ChatEndpoint.install(
        container,
        "/ws/v1",
        api.sockets(),
        EndpointOptions.builder()
            .keepHeaders("authorization", "x-api-key")
            .origins(Origins.same().andMissing())
            .build()));
    container.start("/", 0);
  }

  TestServer(ApiKey... keys) throws Exception {
    this(chat -> {}, api -> api, acceptor -> acceptor, keys);
  }

  private static Identity login(Credentials credentials) {
    if (credentials instanceof Credentials.Password login && login.password().equals("123456")) {
      return Identity.of(login.name(), login.name());
    }
    throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
  }

  Chat chat() {
    return chat;
  }

  ServerApi api() {
    return api;
  }

  URI http(String path) {
    return URI.create("http://127.0.0.1:" + http.address().getPort() + path);
  }

  URI ws(String path) {
    return URI.create("ws://127.0.0.1:" + container.getPort() + path);
  }

  HttpResponse<String> post(String path, String body, String... headers) {
    return send("POST", path, body, headers);
  }

  HttpResponse<String> get(String path, String... headers) {
    return send("GET", path, "", headers);
  }

  /** With the key that may do everything, unless these headers say another. */
  HttpResponse<String> send(String method, String path, String body, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(http(path))
        .timeout(Duration.ofMinutes(2))
        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    if (!Set.of(headers).contains("Authorization") && !Set.of(headers).contains("X-API-Key")) {
      request.header("Authorization", "Bearer " + ALL.secret());
    }
    return send(request.build());
  }

  static HttpResponse<String> send(HttpRequest request) {
    try {
      return CLIENT.send(request, BodyHandlers.ofString());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  /** A plain client of the chat, not logged in. */
  TestSocket client() {
    return socket("/chat");
  }

  /** A plain client of the chat, logged in as this user. */
  TestSocket client(String user) throws InterruptedException {
    TestSocket client = client();
    client.send("{\"op\":\"auth\",\"args\":[\"" + user + "\",\"123456\"],\"id\":\"login\"}");
    client.await(frame -> frame.contains("\"login\""));
    return client;
  }

  /** A worker's socket, with the key that may do everything. */
  TestSocket worker() {
    return socket("/ws/v1", "Authorization", "Bearer " + ALL.secret());
  }

  TestSocket socket(String path, String... headers) {
    TestSocket socket = TestSocket.open(ws(path), headers);
    sockets.add(socket);
    return socket;
  }

  @Override
  public void close() {
    sockets.forEach(TestSocket::close);
    api.close();
    http.close();
    chat.close();
    endpoints.forEach(ChatEndpoint::close);
    container.stop();
  }
}
