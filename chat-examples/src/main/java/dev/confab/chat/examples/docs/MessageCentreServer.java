package dev.confab.chat.examples.docs;

import dev.confab.chat.Chat;
import dev.confab.chat.dialects.MessageCentre;
import dev.confab.chat.model.Identity;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.server.api.ApiKeys;
import dev.confab.chat.server.api.JdkApiServer;
import dev.confab.chat.server.api.ServerApi;
import dev.confab.chat.spi.Guests;
import dev.confab.chat.transport.jsr356.ChatEndpoint;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import dev.confab.chat.transport.jsr356.Origins;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.glassfish.tyrus.spi.ServerContainerFactory;

/** connmix's message centre: its pages, and its back ends that push over HTTP; a program to start. */
// docs:begin message-centre
public final class MessageCentreServer {
  // An application asks its own tables, or the callback it has: HttpTokenAuthenticator.
  private static final Map<String, Identity> TOKENS = Map.of(
      "token-of-1001", Identity.of("1001", "Ann"), "token-of-1002", Identity.of("1002", "Tom"));

  private final Chat chat;
  private final ServerApi api;
  private final JdkApiServer http;
  private final List<ChatEndpoint> endpoints;

  /** Adds pages and workers to a WebSocket container, and listens for back ends at 127.0.0.1. */
  MessageCentreServer(ServerContainer container, ApiKeys keys, int port) throws IOException {
    chat = Chat.builder()
        .authenticator(Guests.beside(new TokenUsers(MessageCentreServer::userOf)))
        .dialect("/message-center", new MessageCentre().withOpen("video"))
        .build();
    api = ServerApi.builder(chat)
        .keys(keys)
        // What back ends say, user:1001 and video:7, as the channels that pages follow.
        .channelNames(ServerApi.Builder.messageCentreNames())
        .build();
    http = JdkApiServer.start(api, port);
    endpoints = List.of(
        ChatEndpoint.install(container, "/message-center", chat),
        ChatEndpoint.install(container, "/chat", chat),
        ChatEndpoint.install(
            container,
            "/ws/v1",
            api.sockets(),
            EndpointOptions.builder()
                .keepHeaders("authorization", "x-api-key")
                .origins(Origins.same().andMissing())
                .build()));
  }

  private static Identity userOf(String token) {
    return Optional.ofNullable(TOKENS.get(token))
        .orElseThrow(() -> new RefusedException(ErrorCode.TOKEN_INVALID));
  }

  /** Where back ends push. */
  InetSocketAddress backEnds() {
    return http.address();
  }

  /** Ends everything but the container, which is not this one's. */
  void close() {
    http.close();
    api.close();
    chat.close();
    endpoints.forEach(ChatEndpoint::close);
  }

  /** Pages at ws://localhost:8080/message-center, back ends at http://127.0.0.1:6789, with the keys of this file. */
  public static void main(String[] arguments) throws Exception {
    var container = ServerContainerFactory.createServerContainer();
    var server = new MessageCentreServer(container, ApiKeys.file(Path.of(arguments[0])), 6789);
    container.start("/", 8080);
    System.in.read();
    server.close();
    container.stop();
  }
}
// docs:end message-centre
