package dev.confab.chat.testkit;

import dev.confab.chat.model.Handshake;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.spi.Inbound;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The loopback keeps the contract, and whoever breaks a rule of it is caught. */
final class LoopbackTransportTest extends TransportContract {
  private static final Set<String> RULES = Stream.of(
          Offenders.rules("CONNECTION", 5),
          Offenders.rules("INBOUND", 3),
          Offenders.rules("TRANSPORT", 3))
      .flatMap(Set::stream)
      .collect(Collectors.toCollection(LinkedHashSet::new));

  @Override
  protected ServedTransport serve(Acceptor acceptor) {
    return new LoopbackTransport(acceptor);
  }

  @Test
  void suite_has_a_test_for_every_rule() {
    Offenders.assertCovers(TransportContract.class, RULES);
  }

  @TestFactory
  Stream<DynamicTest> every_planted_offender_is_caught() {
    return Offenders.tests(TransportOffenders.class, RULES);
  }

  /** Each is the loopback with something between it and the chat that breaks one rule. */
  static final class TransportOffenders {
    @Offends("CONNECTION-1")
    static final class JoinsFrames extends Between {
      @Override
      Connection toClient(Connection connection) {
        return new Passing(connection) {
          @Override
          public void write(List<Frame> frames, Done done) {
            String joined = frames.stream().map(Frame::text).collect(Collectors.joining("\n"));
            super.write(frames.size() > 2 ? List.of(Frame.of(joined)) : frames, done);
          }
        };
      }
    }

    @Offends("CONNECTION-1")
    static final class ReversesFrames extends Between {
      @Override
      Connection toClient(Connection connection) {
        return new Passing(connection) {
          @Override
          public void write(List<Frame> frames, Done done) {
            List<Frame> reversed = new ArrayList<>(frames);
            Collections.reverse(reversed);
            super.write(reversed, done);
          }
        };
      }
    }

    @Offends("CONNECTION-2")
    static final class SaysDoneTwice extends Between {
      @Override
      Connection toClient(Connection connection) {
        return new Passing(connection) {
          @Override
          public void write(List<Frame> frames, Done done) {
            super.write(frames, failure -> {
              done.done(failure);
              done.done(failure);
            });
          }
        };
      }
    }

    @Offends("CONNECTION-3")
    static final class SaysEverythingIsFine extends Between {
      @Override
      Connection toClient(Connection connection) {
        return new Passing(connection) {
          @Override
          public void write(List<Frame> frames, Done done) {
            super.write(frames, failure -> done.done(null));
          }
        };
      }
    }

    @Offends("CONNECTION-4")
    static final class CutsCloseTextInHalf extends Between {
      @Override
      Connection toClient(Connection connection) {
        return new Passing(connection) {
          @Override
          public void close(CloseReason reason) {
            if (reason.text().length() > 50) {
              super.close(CloseReason.of(reason.code(), reason.text().substring(50)));
            } else {
              super.close(reason);
            }
          }
        };
      }
    }

    @Offends("CONNECTION-4")
    static final class WaitsForTheStalledWrite extends Between {
      @Override
      Connection toClient(Connection connection) {
        return new Passing(connection) {
          private Written last = new Written();

          @Override
          public void write(List<Frame> frames, Done done) {
            Written written = new Written();
            last = written;
            super.write(frames, failure -> {
              written.done(failure);
              done.done(failure);
            });
          }

          @Override
          public void close(CloseReason reason) {
            if (reason.code() == 1000 && reason.text().isEmpty()) {
              last.endsWithin(Duration.ofSeconds(2));
            }
            super.close(reason);
          }
        };
      }
    }

    @Offends("CONNECTION-5")
    static final class PingsInText extends Between {
      @Override
      Connection toClient(Connection connection) {
        return new Passing(connection) {
          @Override
          public void ping() {
            write(List.of(Frame.of("ping")), failure -> {});
          }
        };
      }
    }

    @Offends("INBOUND-1")
    static final class TellsInPieces extends Between {
      @Override
      Inbound toChat(Inbound inbound, Connection connection) {
        return new Hearing(inbound) {
          @Override
          public void text(String frame) {
            if (frame.length() > 1_000 && frame.length() < 1_500) {
              super.text(frame.substring(0, 1_000));
              super.text(frame.substring(1_000));
            } else {
              super.text(frame);
            }
          }
        };
      }
    }

    @Offends("INBOUND-2")
    static final class AllowsOneByteMore extends Between {
      @Override
      int mostBytes(int bytes) {
        return bytes + 1;
      }
    }

    @Offends("INBOUND-2")
    static final class AllowsOneByteLess extends Between {
      @Override
      int mostBytes(int bytes) {
        return bytes - 1;
      }
    }

    @Offends("INBOUND-3")
    static final class TellsTheEndOfAClientTwice extends Between {
      @Override
      Inbound toChat(Inbound inbound, Connection connection) {
        return new Hearing(inbound) {
          @Override
          public void closed(int code, String reason) {
            if (code == 1000 && reason.startsWith("bye")) {
              super.closed(code, reason);
            }
            super.closed(code, reason);
          }
        };
      }
    }

    @Offends("TRANSPORT-1")
    static final class TellsAConnectionTwice extends Between {
      private int connections;

      @Override
      int timesConnected() {
        // Only behind the first, so that the tests of other rules, which open one, do not mind.
        return ++connections == 2 ? 2 : 1;
      }
    }

    @Offends("TRANSPORT-2")
    static final class TakesTheWorstSubprotocol extends Between {
      @Override
      List<String> spoken(List<String> subprotocols) {
        List<String> reversed = new ArrayList<>(subprotocols);
        Collections.reverse(reversed);
        return reversed;
      }
    }

    @Offends("TRANSPORT-3")
    static final class KeepsTheConnectionInTheHandshake extends Between {
      @Override
      Handshake said(Handshake handshake, Connection connection) {
        Map<String, Object> attributes = new HashMap<>(handshake.attributes());
        attributes.put("container", connection);
        return new Handshake(
            handshake.path(),
            handshake.subprotocol(),
            handshake.principal(),
            handshake.remoteAddress(),
            handshake.query(),
            handshake.headers(),
            attributes);
      }
    }
  }

  /** The loopback with something between it and the chat. */
  abstract static class Between extends TransportContract {
    /** Nothing here crosses a network, and what an offender does not do is waited for to the end. */
    @Override
    protected final Duration soon() {
      return Duration.ofMillis(1_500);
    }

    @Override
    protected final ServedTransport serve(Acceptor acceptor) {
      return new LoopbackTransport(new Acceptor() {
        @Override
        public Inbound connected(Handshake handshake, Connection connection) {
          Connection passing = toClient(connection);
          Inbound inbound = acceptor.connected(said(handshake, connection), passing);
          for (int more = timesConnected(); more > 1; more--) {
            inbound = acceptor.connected(said(handshake, connection), passing);
          }
          return toChat(inbound, connection);
        }

        @Override
        public List<String> subprotocols() {
          return spoken(acceptor.subprotocols());
        }

        @Override
        public int maxFrameBytes() {
          return mostBytes(acceptor.maxFrameBytes());
        }
      });
    }

    @Override
    protected Duration patience() {
      return Duration.ofMillis(1_500);
    }

    @Override
    protected Duration stallAfter() {
      return Duration.ofMillis(50);
    }

    Connection toClient(Connection connection) {
      return connection;
    }

    Inbound toChat(Inbound inbound, Connection connection) {
      return inbound;
    }

    Handshake said(Handshake handshake, Connection connection) {
      return handshake;
    }

    List<String> spoken(List<String> subprotocols) {
      return subprotocols;
    }

    int mostBytes(int bytes) {
      return bytes;
    }

    int timesConnected() {
      return 1;
    }
  }

  private static class Passing implements Connection {
    private final Connection connection;

    Passing(Connection connection) {
      this.connection = connection;
    }

    @Override
    public void write(List<Frame> frames, Done done) {
      connection.write(frames, done);
    }

    @Override
    public void ping() {
      connection.ping();
    }

    @Override
    public void close(CloseReason reason) {
      connection.close(reason);
    }
  }

  private static class Hearing implements Inbound {
    private final Inbound inbound;

    Hearing(Inbound inbound) {
      this.inbound = inbound;
    }

    @Override
    public void text(String frame) {
      inbound.text(frame);
    }

    @Override
    public void binary() {
      inbound.binary();
    }

    @Override
    public void pong() {
      inbound.pong();
    }

    @Override
    public void closed(int code, String reason) {
      inbound.closed(code, reason);
    }
  }
}
