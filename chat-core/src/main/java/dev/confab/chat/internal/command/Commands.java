package dev.confab.chat.internal.command;

import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.hub.Reads;
import dev.confab.chat.internal.journal.Journal;
import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.session.Sessions;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Command.Authenticate;
import dev.confab.chat.protocol.Command.Custom;
import dev.confab.chat.protocol.Command.History;
import dev.confab.chat.protocol.Command.Logout;
import dev.confab.chat.protocol.Command.Ping;
import dev.confab.chat.protocol.Command.Pong;
import dev.confab.chat.protocol.Command.Presence;
import dev.confab.chat.protocol.Command.Send;
import dev.confab.chat.protocol.Command.Signal;
import dev.confab.chat.protocol.Command.Subscribe;
import dev.confab.chat.protocol.Command.Unsubscribe;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.Authenticator;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.spi.OpHandler;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;

/** The one list of everything a client can ask. */
public final class Commands {
  /** What the handlers work with. */
  public record Parts(
      Authenticator authenticator,
      Access access,
      Kinds kinds,
      Drafting drafting,
      Rates rates,
      Map<String, OpHandler> ops,
      Set<String> opsBeforeLogin,
      Journal journal,
      Hub hub,
      Reads reads,
      Sessions sessions,
      Happenings happenings,
      List<Dialect> dialects,
      Limits limits,
      Time time,
      Executor doors) {}

  private final CommandHandler<Authenticate> authenticate;
  private final CommandHandler<Logout> logout;
  private final CommandHandler<Subscribe> subscribe;
  private final CommandHandler<Unsubscribe> unsubscribe;
  private final CommandHandler<Send> send;
  private final CommandHandler<Signal> signal;
  private final CommandHandler<History> history;
  private final CommandHandler<Presence> presence;
  private final CustomHandler custom;

  /** The list. */
  public Commands(Parts parts) {
    Hub hub = parts.hub();
    Access access = parts.access();
    Kinds kinds = parts.kinds();
    authenticate = new AuthenticateHandler(
        parts.authenticator(), parts.sessions(), parts.happenings(), parts.limits(), parts.time());
    logout = new LogoutHandler(parts.sessions(), parts.happenings(), parts.time());
    subscribe = new SubscribeHandler(
        access,
        kinds,
        hub,
        new Beginnings(hub, parts.reads(), parts.limits()),
        parts.dialects(),
        parts.happenings(),
        parts.limits(),
        parts.doors());
    unsubscribe = new UnsubscribeHandler(parts.happenings());
    send = new SendHandler(
        access, parts.drafting(), kinds, parts.rates(), parts.journal(), hub, parts.time());
    signal = new SignalHandler(access, hub, parts.drafting(), parts.rates());
    history = new HistoryHandler(access, kinds, hub, parts.limits());
    presence = new PresenceHandler(access, hub);
    custom = new CustomHandler(parts.ops(), parts.opsBeforeLogin());
  }

  /** True if this op works before login. */
  public boolean open(String op) {
    return op.equals("auth") || op.equals("ping") || op.equals("pong") || custom.open(op);
  }

  /**
   * Does what a client asks; called as {@link CommandHandler#handle} is.
   *
   * @throws RefusedException to refuse it
   */
  public void handle(Session session, Command command, Answer answer) {
    if (command instanceof Authenticate login) {
      authenticate.handle(session, login, answer);
      return;
    }
    if (command instanceof Ping) {
      answer.done(new Result.Pong());
      return;
    }
    if (session.identity().isEmpty() && !(command instanceof Custom op && custom.open(op.op()))) {
      throw new RefusedException(ErrorCode.NOT_AUTHENTICATED);
    }
    if (command instanceof Send said) {
      send.handle(session, said, answer);
    } else if (command instanceof Signal said) {
      signal.handle(session, said, answer);
    } else if (command instanceof Subscribe wanted) {
      subscribe.handle(session, wanted, answer);
    } else if (command instanceof Unsubscribe unwanted) {
      unsubscribe.handle(session, unwanted, answer);
    } else if (command instanceof History wanted) {
      history.handle(session, wanted, answer);
    } else if (command instanceof Presence wanted) {
      presence.handle(session, wanted, answer);
    } else if (command instanceof Logout bye) {
      logout.handle(session, bye, answer);
    } else if (command instanceof Custom op) {
      custom.handle(session, op, answer);
    } else if (command instanceof Pong) {
      answer.done(new Result.Done());
    } else {
      throw new RefusedException(ErrorCode.UNKNOWN_OP);
    }
  }
}
