package dev.confab.chat.transport.jsr356.conformance;

import dev.confab.chat.model.Handshake;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.spi.Inbound;
import java.util.List;

/** Stands between an adapter and a chat, and passes everything on unless told otherwise. */
class Between implements Acceptor {
  private final Acceptor chat;

  Between(Acceptor chat) {
    this.chat = chat;
  }

  Connection toClient(Connection connection) {
    return connection;
  }

  Inbound toChat(Inbound inbound) {
    return inbound;
  }

  @Override
  public Inbound connected(Handshake handshake, Connection connection) {
    return toChat(chat.connected(handshake, toClient(connection)));
  }

  @Override
  public List<String> subprotocols() {
    return chat.subprotocols();
  }

  @Override
  public int maxFrameBytes() {
    return chat.maxFrameBytes();
  }

  /** A connection that passes everything on unless told otherwise. */
  static class ToClient implements Connection {
    private final Connection real;

    ToClient(Connection real) {
      this.real = real;
    }

    @Override
    public void write(List<Frame> frames, Done done) {
      real.write(frames, done);
    }

    @Override
    public void ping() {
      real.ping();
    }

    @Override
    public void close(CloseReason reason) {
      real.close(reason);
    }
  }

  /** A way in that passes everything on unless told otherwise. */
  static class ToChat implements Inbound {
    private final Inbound real;

    ToChat(Inbound real) {
      this.real = real;
    }

    @Override
    public void text(String frame) {
      real.text(frame);
    }

    @Override
    public void binary() {
      real.binary();
    }

    @Override
    public void pong() {
      real.pong();
    }

    @Override
    public void closed(int code, String reason) {
      real.closed(code, reason);
    }
  }
}
