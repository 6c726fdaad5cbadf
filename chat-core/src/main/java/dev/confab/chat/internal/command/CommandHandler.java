package dev.confab.chat.internal.command;

import dev.confab.chat.internal.session.Session;
import dev.confab.chat.protocol.Command;

/** Does one kind of thing that clients ask. */
interface CommandHandler<C extends Command> {
  /**
   * Does it. Called on a door thread, one command of a session at a time.
   *
   * @throws dev.confab.chat.protocol.RefusedException to refuse it; any other exception is a bug of ours or of the
   *     application's
   */
  void handle(Session session, C command, Answer answer);
}
