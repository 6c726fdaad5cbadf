package dev.confab.chat.transport.jsr356.conformance;

import dev.confab.chat.model.Handshake;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.spi.Acceptor;
import dev.confab.chat.spi.Connection;
import dev.confab.chat.spi.Frame;
import dev.confab.chat.spi.Inbound;
import dev.confab.chat.testkit.Offends;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import dev.confab.chat.transport.jsr356.Origins;
import jakarta.websocket.Extension;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What an adapter may get wrong, one rule each: the real one on Tyrus, with something wrong in front of it or behind it. */
final class ConformanceOffenders {
  private ConformanceOffenders() {}

  abstract static class OnTyrus extends ConformanceContract {
    @Override
    protected final Container container() {
      return new TyrusContainer();
    }
  }

  /** Wrong towards the chat. */
  abstract static class WrongToTheChat extends OnTyrus {
    Connection toClient(Connection connection) {
      return connection;
    }

    Inbound toChat(Inbound inbound) {
      return inbound;
    }

    @Override
    protected Acceptor between(Acceptor chat) {
      return new Between(chat) {
        @Override
        Connection toClient(Connection connection) {
          return WrongToTheChat.this.toClient(connection);
        }

        @Override
        Inbound toChat(Inbound inbound) {
          return WrongToTheChat.this.toChat(inbound);
        }
      };
    }
  }

  /** Wrong towards the container. */
  abstract static class WrongToTheContainer extends OnTyrus {
    abstract SessionLayer wrong();

    @Override
    protected final ServerContainer around(ServerContainer container) {
      return wrong().around(container);
    }
  }

  private static void linger() {
    LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
  }

  /** Says done at once, and lets what is not taken pile up. */
  @Offends("JSR356-1")
  static final class QueuesWithoutBound extends WrongToTheChat {
    @Override
    Connection toClient(Connection connection) {
      AtomicReference<CompletableFuture<?>> last =
          new AtomicReference<>(CompletableFuture.completedFuture(null));
      return new Between.ToClient(connection) {
        @Override
        public void write(List<Frame> frames, Done done) {
          CompletableFuture<Void> written = new CompletableFuture<>();
          last.getAndSet(written)
              .thenRun(() -> super.write(frames, failure -> written.complete(null)));
          done.done(null);
        }
      };
    }
  }

  @Offends("JSR356-2")
  static final class SaysDoneTwice extends WrongToTheChat {
    @Override
    Connection toClient(Connection connection) {
      return new Between.ToClient(connection) {
        @Override
        public void write(List<Frame> frames, Done done) {
          super.write(frames, failure -> {
            if (frames.get(0).text().endsWith("499")) {
              done.done(failure);
            }
            done.done(failure);
          });
        }
      };
    }
  }

  /** Gives the next frame from within the end of the one before. */
  @Offends("JSR356-3")
  static final class SendsFromTheHandler extends WrongToTheChat {
    @Override
    Connection toClient(Connection connection) {
      return new Between.ToClient(connection) {
        @Override
        public void write(List<Frame> frames, Done done) {
          super.write(frames.subList(0, 1), failure -> {
            if (failure == null && frames.size() > 1) {
              write(frames.subList(1, frames.size()), done);
            } else {
              done.done(failure);
            }
          });
        }
      };
    }
  }

  @Offends("JSR356-4")
  static final class SendsEachByItself extends WrongToTheChat {
    @Override
    Connection toClient(Connection connection) {
      return new Between.ToClient(connection) {
        @Override
        public void write(List<Frame> frames, Done done) {
          super.write(
              frames.stream()
                  .flatMap(frame -> Arrays.stream(frame.text().split("\n")))
                  .map(Frame::of)
                  .toList(),
              done);
        }
      };
    }
  }

  @Offends("JSR356-5")
  static final class EncodesForEach extends WrongToTheChat {
    @Override
    Connection toClient(Connection connection) {
      return new Between.ToClient(connection) {
        @Override
        public void write(List<Frame> frames, Done done) {
          super.write(
              frames.stream()
                  .map(frame ->
                      new Frame(String.copyValueOf(frame.text().toCharArray()), frame.length()))
                  .toList(),
              done);
        }
      };
    }
  }

  /** Leaves stalled clients to the container. */
  @Offends("JSR356-6")
  static final class SetsSendTimeouts extends WrongToTheContainer {
    @Override
    SessionLayer wrong() {
      return new SessionLayer() {
        @Override
        void opens(Session session) {
          session.getAsyncRemote().setSendTimeout(1_000);
        }
      };
    }
  }

  @Offends("JSR356-7")
  static final class ClosesOnTheCallersThread extends WrongToTheChat {
    @Override
    Connection toClient(Connection connection) {
      return new Between.ToClient(connection) {
        @Override
        public void close(CloseReason reason) {
          linger();
          super.close(reason);
        }
      };
    }
  }

  @Offends("JSR356-8")
  static final class PingsOnTheCallersThread extends WrongToTheChat {
    private final AtomicBoolean lingered = new AtomicBoolean();

    @Override
    Connection toClient(Connection connection) {
      return new Between.ToClient(connection) {
        @Override
        public void ping() {
          if (lingered.compareAndSet(false, true)) {
            linger();
          }
          super.ping();
        }
      };
    }
  }

  @Offends("JSR356-9")
  static final class LeavesIdleToTheContainer extends WrongToTheContainer {
    @Override
    SessionLayer wrong() {
      return new SessionLayer() {
        @Override
        @Nullable
        Object call(Session session, Method method, Object[] arguments, Call call)
            throws Throwable {
          return method.getName().equals("setMaxIdleTimeout") ? null : call.go();
        }
      };
    }
  }

  /** Takes a room for the largest message with each connection. */
  @Offends("JSR356-10")
  static final class KeepsLargeBuffers extends WrongToTheChat {
    private final List<byte[]> buffers = new ArrayList<>();

    @Override
    Connection toClient(Connection connection) {
      buffers.add(new byte[1024 * 1024]);
      return connection;
    }
  }

  @Offends("JSR356-11")
  static final class AdmitsEverybody extends OnTyrus {
    @Override
    protected EndpointOptions with(EndpointOptions options) {
      return EndpointOptions.builder().origins(Origins.any()).build();
    }
  }

  @Offends("JSR356-12")
  static final class SharesOneHandshake extends OnTyrus {
    private final AtomicReference<@Nullable Handshake> first = new AtomicReference<>();

    @Override
    protected Acceptor between(Acceptor chat) {
      return new Between(chat) {
        @Override
        public Inbound connected(Handshake handshake, Connection connection) {
          Handshake shared = first.compareAndExchange(null, handshake);
          return super.connected(shared == null ? handshake : shared, connection);
        }
      };
    }
  }

  /** Goes on as if it had been installed. */
  @Offends("JSR356-13")
  static final class HidesThatItIsNotInstalled extends OnTyrus {
    @Override
    protected ServerContainer around(ServerContainer container) {
      return (ServerContainer) Proxy.newProxyInstance(
          getClass().getClassLoader(),
          new Class<?>[] {ServerContainer.class},
          (self, method, arguments) -> {
            try {
              return method.invoke(container, arguments);
            } catch (InvocationTargetException hidden) {
              return null;
            }
          });
    }
  }

  @Offends("JSR356-14")
  static final class WorksOnTheContainersThread extends WrongToTheChat {
    @Override
    Inbound toChat(Inbound inbound) {
      return new Between.ToChat(inbound) {
        @Override
        public void text(String frame) {
          super.text(frame);
          if (frame.contains("slow1\"")) {
            linger();
          }
        }
      };
    }
  }

  /** Takes everything, and passes on a little. */
  @Offends("JSR356-15")
  static final class TakesWithoutEnd extends WrongToTheChat {
    @Override
    Inbound toChat(Inbound inbound) {
      List<String> kept = new ArrayList<>();
      return new Between.ToChat(inbound) {
        @Override
        public void text(String frame) {
          kept.add(frame);
          if (kept.size() < 20) {
            super.text(frame);
          }
        }
      };
    }
  }

  @Offends("JSR356-16")
  static final class AgreesToEverything extends WrongToTheContainer {
    @Override
    SessionLayer wrong() {
      return new SessionLayer() {
        @Override
        List<Extension> extensions(List<Extension> agreed, List<Extension> requested) {
          return requested;
        }
      };
    }
  }

  @Offends("JSR356-17")
  static final class SaysLittleAtTheEnd extends WrongToTheChat {
    @Override
    Connection toClient(Connection connection) {
      return new Between.ToClient(connection) {
        @Override
        public void close(CloseReason reason) {
          String text = reason.text();
          super.close(
              CloseReason.of(reason.code(), text.substring(0, Math.min(60, text.length()))));
        }
      };
    }
  }

  @Offends("JSR356-18")
  static final class AsksWhoIsConnected extends WrongToTheContainer {
    @Override
    SessionLayer wrong() {
      return new SessionLayer() {
        @Override
        void opens(Session session) {
          session.getOpenSessions();
        }
      };
    }
  }

  /** Takes a send that threw for one that ended well. */
  @Offends("JSR356-19")
  static final class HidesFailures extends WrongToTheChat {
    @Override
    Connection toClient(Connection connection) {
      return new Between.ToClient(connection) {
        @Override
        public void write(List<Frame> frames, Done done) {
          super.write(frames, failure -> done.done(null));
        }
      };
    }
  }

  @Offends("JSR356-20")
  static final class ForgetsTheEnd extends WrongToTheChat {
    @Override
    Inbound toChat(Inbound inbound) {
      return new Between.ToChat(inbound) {
        @Override
        public void closed(int code, String reason) {}
      };
    }
  }

  /** As most advice has it. */
  @Offends("JSR356-21")
  static final class SendsUnderALock extends WrongToTheChat {
    @Override
    Connection toClient(Connection connection) {
      return new Between.ToClient(connection) {
        @Override
        public synchronized void write(List<Frame> frames, Done done) {
          super.write(frames, done);
        }
      };
    }
  }

  /** All heartbeats at one moment. */
  @Offends("JSR356-22")
  static final class BeatsAsOne extends WrongToTheChat {
    /** When all of them leave: once the first of each has come. */
    private final AtomicReference<@Nullable Long> moment = new AtomicReference<>();

    @Override
    Connection toClient(Connection connection) {
      return new Between.ToClient(connection) {
        @Override
        public void write(List<Frame> frames, Done done) {
          if (!frames.get(0).text().contains("\"event\":\"ping\"")) {
            super.write(frames, done);
            return;
          }
          long now = System.nanoTime();
          moment.compareAndSet(null, now + Duration.ofSeconds(3).toNanos());
          CompletableFuture.delayedExecutor(
                  Objects.requireNonNull(moment.get()) - now, TimeUnit.NANOSECONDS)
              .execute(() -> super.write(frames, done));
        }
      };
    }
  }
}
