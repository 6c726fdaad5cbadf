package dev.confab.chat.internal.command;

import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.journal.Journal;
import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.internal.session.Subscription;
import dev.confab.chat.internal.time.Time;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.protocol.Command.Send;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Event;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.AccessPolicy;
import dev.confab.chat.spi.MessageStore.Item;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Records what somebody says in a channel; its followers are told by the hub once it is committed. */
final class SendHandler implements CommandHandler<Send> {
  private final Access access;
  private final Drafting drafting;
  private final Kinds kinds;
  private final Rates rates;
  private final Journal journal;
  private final Hub hub;
  private final Time time;

  SendHandler(
      Access access,
      Drafting drafting,
      Kinds kinds,
      Rates rates,
      Journal journal,
      Hub hub,
      Time time) {
    this.access = access;
    this.drafting = drafting;
    this.kinds = kinds;
    this.rates = rates;
    this.journal = journal;
    this.hub = hub;
    this.time = time;
  }

  @Override
  public void handle(Session session, Send command, Answer answer) {
    Identity sender =
        session.identity().orElseThrow(() -> new RefusedException(ErrorCode.NOT_AUTHENTICATED));
    ChannelName channel = Access.resolve(command.channel(), sender);
    access.check(sender, AccessPolicy.Action.WRITE, channel);
    Item item = drafting.fromClient(sender.user(), channel, command.key(), command.data());
    if (!answer.claim()) {
      return;
    }
    rates.take(session, channel);
    if (kinds.ephemeral(channel)) {
      Draft draft = item.draft();
      Instant at = time.now().truncatedTo(ChronoUnit.MILLIS);
      // Answered when it is told, so that what is on its way is bounded as sends without outcome
      // are.
      hub.tell(channel, new Event.Unlogged(channel, draft.from(), at, draft.data()), any -> true)
          .thenRun(() -> answer.done(new Result.SentUnlogged(at)));
      return;
    }
    journal.append(item, new Journal.Settled() {
      @Override
      public Optional<Outlet> recorded(Receipt receipt) {
        Subscription own = session.subscription(channel);
        return answer.queued(
            new Result.Sent(receipt),
            own == null ? null : new Outlet.Barrier(own.source(), receipt.seq()));
      }

      @Override
      public void refused(Refusal refusal) {
        answer.refused(refusal);
      }
    });
  }
}
