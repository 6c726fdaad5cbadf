package dev.confab.chat.server.api;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import dev.confab.chat.transport.jsr356.Origins;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** The programs of the documentation. */
final class Serving implements AutoCloseable {
  private final Chat chat;
  private final WorkQueue queue;
  private final ServerApi api;
  private final JdkApiServer server;
  private final List<ChatEndpoint> endpoints;

  Serving(ServerContainer container, Authenticator users, Path keys, int port) throws IOException {
    // docs:begin serving
    WorkQueue orders = WorkQueue.named("orders").build();
    Chat chat =
        Chat.builder().authenticator(users).on("order", orders.op("order")).build();
    ServerApi api =
        ServerApi.builder(chat).keys(ApiKeys.file(keys)).queue(orders).build();

    // HTTP, at 127.0.0.1.
    JdkApiServer server = JdkApiServer.start(api, port);

    // WebSocket: clients, whose handshakes and closes workers are told, too, and workers.
    ChatEndpoint clients =
        ChatEndpoint.install(container, "/chat", orders.feeding(chat.acceptor()));
    ChatEndpoint workers = ChatEndpoint.install(
        container,
        "/ws/v1",
        api.sockets(),
        EndpointOptions.builder()
            .keepHeaders("authorization", "x-api-key")
            .origins(Origins.same().andMissing())
            .build());
    // docs:end serving
    this.chat = chat;
    this.queue = orders;
    this.api = api;
    this.server = server;
    this.endpoints = List.of(clients, workers);
  }

  static Worker worker(URI address, String key) {
    // docs:begin worker
    Worker worker = Worker.of(address, key).queue("orders").atOnce(8).start((work, calls) -> {
      if (work.event().equals("message")) {
        String order = work.text().orElseThrow();
        // … what is to be done; twice must do no harm: it has the same id then.
        calls
            .publish(ChannelName.of("room_kitchen"), order, SendKey.of(work.id()))
            .toCompletableFuture()
            .join();
        // Who ordered may be gone; the order stands.
        calls
            .send(work.connection(), "ordered")
            .exceptionally(gone -> null)
            .toCompletableFuture()
            .join();
      }
    });
    // docs:end worker
    return worker;
  }

  WorkQueue queue() {
    return queue;
  }

  /** What was said in a channel, in order; the newest 1,000. */
  List<String> said(String channel) {
    return chat.history(ChannelName.of(channel), Long.MAX_VALUE, 1_000).entries().stream()
        .map(entry -> entry.data().asString().orElse(""))
        .toList();
  }

  int port() {
    return server.address().getPort();
  }

  @Override
  public void close() {
    // docs:begin closing
    server.close();
    api.close();
    chat.close();
    endpoints.forEach(ChatEndpoint::close);
    // docs:end closing
  }
}
