package dev.confab.chat.examples.docs;

import dev.confab.chat.ChatBuilder;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.OpHandler;
import java.util.concurrent.ThreadLocalRandom;

/** Two ops of an application's own. */
// docs:begin ops
public final class OwnOps {
  private OwnOps() {}

  /** Adds {@code dice}, for who is logged in, and {@code version}, for everybody. */
  public static ChatBuilder addTo(ChatBuilder builder) {
    return builder.on("dice", OwnOps::dice).onBeforeLogin("version", call -> Json.string("0.1"));
  }

  private static Json dice(OpHandler.Call call) {
    int sides = call.args().isEmpty() ? 6 : sides(call.args().get(0));
    return Json.parse(Integer.toString(1 + ThreadLocalRandom.current().nextInt(sides)));
  }

  private static int sides(Json argument) {
    if (!argument.text().matches("[1-9][0-9]{0,3}")) {
      throw new RefusedException(Refusal.badArgs("sides", "sides must be 1 to 9999"));
    }
    return Integer.parseInt(argument.text());
  }
}
// docs:end ops
