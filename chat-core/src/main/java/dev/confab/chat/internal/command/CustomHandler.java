package dev.confab.chat.internal.command;

import dev.confab.chat.internal.session.Session;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.Command.Custom;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.OpHandler;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Hands an op to the application, if it has one of that name. */
final class CustomHandler implements CommandHandler<Custom> {
  private final Map<String, OpHandler> ops;
  private final Set<String> beforeLogin;

  CustomHandler(Map<String, OpHandler> ops, Set<String> beforeLogin) {
    this.ops = Map.copyOf(ops);
    this.beforeLogin = Set.copyOf(beforeLogin);
  }

  /** True if this op works before login. */
  boolean open(String op) {
    return beforeLogin.contains(op);
  }

  @Override
  public void handle(Session session, Custom command, Answer answer) {
    OpHandler handler = ops.get(command.op());
    if (handler == null) {
      throw new RefusedException(ErrorCode.UNKNOWN_OP);
    }
    Json data = Objects.requireNonNull(
        handler.handle(new OpHandler.Call(
            session.id(), session.identity(), session.handshake(), command.args())),
        "an op gives data, Json.NULL for none");
    if (answer.claim()) {
      answer.done(data.equals(Json.NULL) ? new Result.Done() : new Result.Custom(data));
    }
  }
}
