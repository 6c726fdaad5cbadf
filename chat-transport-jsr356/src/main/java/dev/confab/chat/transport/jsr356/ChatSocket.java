package dev.confab.chat.transport.jsr356;

import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.Inbound;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a container calls; public for its sake, and of no use to applications, which call {@link ChatEndpoint#install}.
 *
 * <p><b>Threads.</b> The container's, one call of a connection at a time; nothing here blocks.
 */
public final class ChatSocket extends Endpoint {
  private static final Logger LOGGER = System.getLogger(ChatSocket.class.getName());

  private static final dev.confab.chat.protocol.CloseReason NOT_ALLOWED =
      dev.confab.chat.protocol.CloseReason.of(1008, "origin not allowed");

  /** Absent if the connection was refused. One object serves one connection. */
  private volatile @Nullable SocketConnection connection;

  /** For containers. */
  public ChatSocket() {}

  /** Refuses the connection or hands it to the chat. */
  @Override
  public void onOpen(Session session, EndpointConfig config) {
    Opening opening = Opening.taken(session.getUserProperties());
    if (opening == null) {
      LOGGER.log(
          Level.ERROR,
          "a connection is refused, because nothing is known of its opening request; the container must implement Jakarta"
              + " WebSocket 2.1");
      refuse(session);
      return;
    }
    ChatEndpoint endpoint = opening.endpoint();
    Acceptor acceptor = endpoint.acceptor();
    SocketConnection opened = new SocketConnection(endpoint, session);
    if (!opening.admitted(session.isSecure())) {
      opened.refuse(NOT_ALLOWED);
      return;
    }
    if (!endpoint.remember(opened)) {
      opened.refuse(dev.confab.chat.protocol.CloseReason.STOPPING);
      return;
    }
    connection = opened;
    opened.begin(acceptor, opening.handshake(session.getNegotiatedSubprotocol()));
    if (opened.hasEnded()) {
      return;
    }
    try {
      int mostBytes = acceptor.maxFrameBytes();
      session.addMessageHandler(String.class, new Texts(opened, mostBytes));
      session.addMessageHandler(ByteBuffer.class, new Binaries(opened, mostBytes));
      session.addMessageHandler(PongMessage.class, (MessageHandler.Whole<PongMessage>) pong -> {
        opened.showsLife();
        opened.tell(Inbound::pong);
      });
    } catch (IllegalStateException failure) {
      LOGGER.log(Level.DEBUG, "a session was closed while it opened", failure);
      opened.doubt("closed while opening");
    }
  }

  /** Tells the chat that the connection has ended. */
  @Override
  public void onClose(Session session, CloseReason reason) {
    SocketConnection open = connection;
    if (open != null) {
      open.gone(
          reason.getCloseCode().getCode(),
          Optional.ofNullable(reason.getReasonPhrase()).orElse(""));
    }
  }

  /** Waits a moment for the container to say that the connection has ended, then ends it. */
  @Override
  public void onError(Session session, Throwable failure) {
    LOGGER.log(Level.DEBUG, "the container reports an error of a connection", failure);
    SocketConnection open = connection;
    if (open != null) {
      open.doubt("connection failed");
    }
  }

  /** Nothing was sent yet, so closing can not be held up by a client that does not read. */
  private static void refuse(Session session) {
    try {
      session.close(new CloseReason(CloseCodes.UNEXPECTED_CONDITION, "internal error"));
    } catch (IOException | RuntimeException failure) {
      LOGGER.log(Level.DEBUG, "a refused session could not be closed in order", failure);
    }
  }

  private static final class Texts implements MessageHandler.Partial<String> {
    private final SocketConnection connection;
    private final TextParts parts;

    Texts(SocketConnection connection, int mostBytes) {
      this.connection = connection;
      this.parts = new TextParts(mostBytes);
    }

    @Override
    public void onMessage(String part, boolean last) {
      if (connection.hasEnded()) {
        return;
      }
      connection.showsLife();
      try {
        parts.add(part, last).ifPresent(frame -> connection.tell(inbound -> inbound.text(frame)));
      } catch (TextParts.TooLargeException tooLarge) {
        connection.close(dev.confab.chat.protocol.CloseReason.TOO_LARGE);
      }
    }
  }

  /** Counts, keeps nothing. */
  private static final class Binaries implements MessageHandler.Partial<ByteBuffer> {
    private final SocketConnection connection;
    private final int mostBytes;
    private long bytes;

    Binaries(SocketConnection connection, int mostBytes) {
      this.connection = connection;
      this.mostBytes = mostBytes;
    }

    @Override
    public void onMessage(ByteBuffer part, boolean last) {
      if (connection.hasEnded()) {
        return;
      }
      connection.showsLife();
      bytes += part.remaining();
      if (bytes > mostBytes) {
        connection.close(dev.confab.chat.protocol.CloseReason.TOO_LARGE);
      } else if (last) {
        bytes = 0;
        connection.tell(Inbound::binary);
      }
    }
  }
}
