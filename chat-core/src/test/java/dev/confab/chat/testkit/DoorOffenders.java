package dev.confab.chat.testkit;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.AccessPolicy;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.spi.Backplane;
import dev.confab.chat.spi.Interceptor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** What an application or a module may get wrong at the smaller doors; {@code Right} is right each time. */
final class DoorOffenders {
  private DoorOffenders() {}

  /** Authenticators of an application with two users. */
  static final class OfAuthenticators {
    private OfAuthenticators() {}

    abstract static class WithTwoUsers extends AuthenticatorContract {
      private static final Map<String, String> PASSWORDS = Map.of("ann", "tulip", "bob", "rose");

      @Override
      protected final Map<Credentials, UserId> right() {
        return Map.of(
            new Credentials.Password("ann", "tulip"), UserId.of("ann"),
            new Credentials.Password("bob", "rose"), UserId.of("bob"));
      }

      static Identity verify(Credentials credentials) {
        if (credentials instanceof Credentials.Password password
            && password.password().equals(PASSWORDS.get(password.name()))) {
          return Identity.of(password.name(), password.name());
        }
        throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
      }
    }

    static final class Right extends WithTwoUsers {
      @Override
      protected Authenticator authenticator() {
        return WithTwoUsers::verify;
      }
    }

    /** Numbers its users as they come. */
    @Offends("AUTH-1")
    static final class CountsUsers extends WithTwoUsers {
      @Override
      protected Authenticator authenticator() {
        AtomicInteger users = new AtomicInteger();
        return credentials ->
            Identity.of("u" + users.incrementAndGet(), verify(credentials).name());
      }
    }

    /** Says who has an account. */
    @Offends("AUTH-2")
    static final class TellsWhoIsKnown extends WithTwoUsers {
      @Override
      protected Authenticator authenticator() {
        return credentials -> {
          if (credentials instanceof Credentials.Password password
              && !WithTwoUsers.PASSWORDS.containsKey(password.name())) {
            throw new RefusedException(ErrorCode.BAD_CREDENTIALS, "No such user");
          }
          return verify(credentials);
        };
      }
    }

    /** Expects a password whatever comes. */
    @Offends("AUTH-3")
    static final class ExpectsAPassword extends WithTwoUsers {
      @Override
      protected Authenticator authenticator() {
        return credentials -> verify((Credentials.Password) credentials);
      }
    }

    /** Helps whoever reads its log too much. */
    @Offends("AUTH-4")
    static final class QuotesThePassword extends WithTwoUsers {
      @Override
      protected Authenticator authenticator() {
        return credentials -> {
          try {
            return verify(credentials);
          } catch (RefusedException e) {
            String shown =
                credentials instanceof Credentials.Password password ? password.password() : "";
            throw new RefusedException(ErrorCode.BAD_CREDENTIALS, "Wrong password " + shown);
          }
        };
      }
    }
  }

  /** Policies of an application with one room and its members. */
  static final class OfAccessPolicies {
    private OfAccessPolicies() {}

    abstract static class WithOneRoom extends AccessPolicyContract {
      @Override
      protected final List<Identity> people() {
        return List.of(
            Identity.of("ann", "Ann").withRoles(Set.of("member")), Identity.of("bob", "Bob"));
      }

      @Override
      protected final Identity stranger() {
        return Identity.of("eve", "Eve");
      }

      @Override
      protected final ChannelName existing() {
        return ChannelName.of("room_board");
      }

      @Override
      protected final ChannelName missing() {
        return ChannelName.of("room_nowhere");
      }

      static void membersOnly(Identity who) {
        if (!who.hasRole("member")) {
          throw new RefusedException(ErrorCode.DENIED);
        }
      }
    }

    static final class Right extends WithOneRoom {
      @Override
      protected AccessPolicy policy() {
        return (who, what, where) -> membersOnly(who);
      }
    }

    /** Counts how often it is asked, as if that were how often something is said. */
    @Offends("ACCESS-1")
    static final class CountsQuestions extends WithOneRoom {
      @Override
      protected AccessPolicy policy() {
        AtomicInteger asked = new AtomicInteger();
        return (who, what, where) -> {
          membersOnly(who);
          if (asked.incrementAndGet() > 20) {
            throw new RefusedException(ErrorCode.MUTED);
          }
        };
      }
    }

    /** Is helpful to those who guess. */
    @Offends("ACCESS-2")
    static final class TellsWhatIsMissing extends WithOneRoom {
      @Override
      protected AccessPolicy policy() {
        return (who, what, where) -> {
          if (where.isRoom() && !where.equals(existing())) {
            throw new RefusedException(ErrorCode.DENIED, "No such room");
          }
          membersOnly(who);
        };
      }
    }
  }

  /** Interceptors that keep a language clean. */
  static final class OfInterceptors {
    private OfInterceptors() {}

    abstract static class AgainstRudeness extends InterceptorContract {
      @Override
      protected final List<Draft> drafts() {
        return List.of(
            draft("AAAAAAAAAAAAAAAA", "hello"),
            draft("BBBBBBBBBBBBBBBB", "darn"),
            draft("CCCCCCCCCCCCCCCC", "unspeakable"));
      }

      private static Draft draft(String id, String text) {
        return Draft.message(
            ChannelName.of("room_1"),
            new EntryId(id),
            Optional.of(Identity.of("ann", "Ann").user()),
            Optional.of(SendKey.of(id)),
            Json.string(text));
      }

      static Draft clean(Draft draft) {
        if (draft.data().equals(Json.string("unspeakable"))) {
          throw new RefusedException(ErrorCode.REJECTED, "Not here");
        }
        return draft.data().equals(Json.string("darn"))
            ? draft.withData(Json.string("d*rn"))
            : draft;
      }
    }

    static final class Right extends AgainstRudeness {
      @Override
      protected Interceptor interceptor() {
        return AgainstRudeness::clean;
      }
    }

    /** Takes the retry of a message for a second one. */
    @Offends("INTERCEPT-1")
    static final class RefusesWhatItHasSeen extends AgainstRudeness {
      @Override
      protected Interceptor interceptor() {
        AtomicReference<Optional<SendKey>> last = new AtomicReference<>(Optional.empty());
        AtomicInteger reviewed = new AtomicInteger();
        return draft -> {
          if (reviewed.incrementAndGet() > drafts().size()
              || draft.key().equals(last.getAndSet(draft.key()))) {
            throw new RefusedException(ErrorCode.REJECTED, "You said that");
          }
          return clean(draft);
        };
      }
    }

    /** Sends what it does not like to the moderators. */
    @Offends("INTERCEPT-2")
    static final class MovesMessages extends AgainstRudeness {
      @Override
      protected Interceptor interceptor() {
        return draft -> {
          Draft clean = clean(draft);
          return clean.equals(draft)
              ? clean
              : Draft.message(
                  ChannelName.of("room_moderators"),
                  clean.id(),
                  clean.from(),
                  clean.key(),
                  clean.data());
        };
      }
    }
  }

  /** Backplanes on a bus within the process. */
  static final class OfBackplanes {
    private OfBackplanes() {}

    abstract static class OnABus extends BackplaneContract {
      final LocalBus bus = new LocalBus();

      @Override
      protected Backplane join() {
        return bus.join();
      }

      @Override
      protected final boolean delivers() {
        return true;
      }
    }

    static final class Right extends OnABus {}

    /** A topic that everybody reads, the writer too. */
    @Offends("BACKPLANE-1")
    static final class HearsItself extends OnABus {
      @Override
      protected Backplane join() {
        return new Wrapper(super.join()) {
          @Override
          public void send(Envelope envelope) {
            super.send(envelope);
            if (!closed) {
              receiver.received(envelope);
            }
          }
        };
      }
    }

    /** A broker that delivers at least once. */
    @Offends("BACKPLANE-1")
    static final class DeliversTwice extends OnABus {
      @Override
      protected Backplane join() {
        return new Wrapper(super.join()) {
          @Override
          public void open(Receiver opened) {
            super.open(envelope -> {
              opened.received(envelope);
              opened.received(envelope);
            });
          }
        };
      }
    }

    /** Two connections, and whichever is free takes the next. */
    @Offends("BACKPLANE-2")
    static final class Overtakes extends OnABus {
      @Override
      protected Backplane join() {
        return new Wrapper(super.join()) {
          private Optional<Envelope> overtaken = Optional.empty();

          @Override
          public void send(Envelope envelope) {
            if (overtaken.isEmpty()) {
              overtaken = Optional.of(envelope);
            } else {
              super.send(envelope);
              super.send(overtaken.get());
              overtaken = Optional.empty();
            }
          }
        };
      }
    }

    /** Calls the others itself. */
    @Offends("BACKPLANE-3")
    static final class WaitsForTheOthers extends OnABus {
      private final List<Wrapper> nodes = new CopyOnWriteArrayList<>();

      @Override
      protected Backplane join() {
        Wrapper node = new Wrapper(super.join()) {
          @Override
          public void send(Envelope envelope) {
            for (Wrapper other : nodes) {
              if (other != this && !other.closed) {
                other.receiver.received(envelope);
              }
            }
          }
        };
        nodes.add(node);
        return node;
      }
    }

    /** Leaves its subscription behind. */
    @Offends("BACKPLANE-4")
    static final class StaysSubscribed extends OnABus {
      @Override
      protected Backplane join() {
        return new Wrapper(super.join()) {
          @Override
          public void close() {
            closed = true;
          }
        };
      }
    }

    private static class Wrapper implements Backplane {
      private final Backplane inner;
      volatile Receiver receiver = envelope -> {};
      volatile boolean closed;

      Wrapper(Backplane inner) {
        this.inner = inner;
      }

      @Override
      public void open(Receiver opened) {
        receiver = opened;
        inner.open(opened);
      }

      @Override
      public void send(Envelope envelope) {
        inner.send(envelope);
      }

      @Override
      public void close() {
        closed = true;
        inner.close();
      }
    }
  }
}
