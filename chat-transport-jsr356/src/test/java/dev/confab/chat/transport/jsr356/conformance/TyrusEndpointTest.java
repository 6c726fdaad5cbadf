package dev.confab.chat.transport.jsr356.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.Chat;
import dev.confab.chat.model.Identity;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.testkit.RawWebSocket;
import dev.confab.chat.testkit.Received;
import dev.confab.chat.testkit.RecordingAcceptor;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.server.ServerEndpointConfig;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.glassfish.tyrus.core.TyrusWebSocketEngine;
import org.glassfish.tyrus.server.TyrusServerContainer;
import org.glassfish.tyrus.spi.WebSocketEngine;
import org.junit.jupiter.api.Test;

class TyrusEndpointTest extends EndpointContract {
  private final TyrusContainer tyrus = new TyrusContainer();

  @Override
  protected Container container() {
    return tyrus;
  }

  @Test
  void frames_leave_no_timers_behind_in_the_container() {
    // Tyrus makes a timer for every frame of a session that has an idle timeout, and forgets it
    // when that has passed: gigabytes within the five minutes of a busy chat.
    RecordingAcceptor chat = new RecordingAcceptor(List.of(), 65_536);
    chat.whenText(
        (connection, text) -> connection.write(List.of(Frame.of("echo " + text)), failure -> {}));
    server().with("/chat", chat, EndpointOptions.defaults()).start();
    RawWebSocket client = connect("/chat", List.of(), Map.of());
    for (int i = 0; i < 500; i++) {
      client.sendText("one");
      assertThat(client.read(PATIENCE)).isEqualTo(new Received.Text("echo one"));
    }

    assertThat(tyrus.timers()).isLessThan(10);
  }

  @Test
  void silent_connection_is_told_why_it_is_ended() {
    server()
        .with(
            "/chat",
            new RecordingAcceptor(List.of(), 65_536),
            EndpointOptions.builder().idleTimeout(Duration.ofSeconds(1)).build())
        .start();

    RawWebSocket client = connect("/chat", List.of(), Map.of());

    assertThat(client.read(PATIENCE)).isEqualTo(new Received.Closed(1001, "silent for too long"));
  }

  @Test
  void container_that_asks_for_endpoints_gets_one_that_is_not_installed() throws Exception {
    RecordingAcceptor chat = new RecordingAcceptor(List.of("chat.v1"), 65_536);
    ChatEndpoint endpoint = ChatEndpoint.create("/chat", chat, EndpointOptions.defaults());
    // As a container does with what a ServerApplicationConfig returns.
    int port = tyrus.start(container -> {
      try {
        container.addEndpoint(endpoint.config());
      } catch (DeploymentException refused) {
        throw new IllegalStateException(refused);
      }
    });
    URI uri = URI.create("ws://127.0.0.1:" + port + Container.CONTEXT_PATH + "/chat");

    for (int i = 0; i < 20; i++) {
      RawWebSocket client = closedLater(RawWebSocket.connect(uri, List.of("chat.v1"), Map.of()));
      chat.next(PATIENCE).write("welcome");
      assertThat(client.read(PATIENCE)).isEqualTo(new Received.Text("welcome"));
    }
    assertThat(endpoint.openConnections()).isEqualTo(20);
    endpoint.close();
  }

  @Test
  void endpoint_may_be_made_before_the_chat_it_leads_to() throws Exception {
    AtomicReference<Chat> chat = new AtomicReference<>();
    ChatEndpoint endpoint = ChatEndpoint.create(
        "/chat", () -> Objects.requireNonNull(chat.get(), "not yet"), EndpointOptions.defaults());
    int port = tyrus.start(container -> {
      try {
        container.addEndpoint(endpoint.config());
      } catch (DeploymentException refused) {
        throw new IllegalStateException(refused);
      }
    });
    URI uri = URI.create("ws://127.0.0.1:" + port + Container.CONTEXT_PATH + "/chat");
    assertThatThrownBy(() -> RawWebSocket.connect(uri, List.of("chat.v1"), Map.of()))
        .isInstanceOf(RuntimeException.class);

    try (Chat later =
        Chat.builder().authenticator(shown -> Identity.of("ann", "Ann")).build()) {
      chat.set(later);
      RawWebSocket client = closedLater(RawWebSocket.connect(uri, List.of("chat.v1"), Map.of()));

      assertThat(client.subprotocol()).contains("chat.v1");
      assertThat(client.read(PATIENCE).toString()).contains("welcome");
    }
    endpoint.close();
  }

  @Test
  void container_that_an_application_made_of_tyrus_is_known_as_one() {
    // Its sessions were closed as idle at once, now and then.
    OwnContainer container = new OwnContainer();

    ChatEndpoint.install(container, "/chat", new RecordingAcceptor(List.of(), 65_536))
        .close();

    assertThat(container.getDefaultMaxSessionIdleTimeout()).isNegative();
  }

  private static final class OwnContainer extends TyrusServerContainer {
    private final TyrusWebSocketEngine engine =
        TyrusWebSocketEngine.builder(this).build();

    OwnContainer() {
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
