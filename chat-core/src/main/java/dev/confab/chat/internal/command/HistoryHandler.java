package dev.confab.chat.internal.command;

import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.Command.History;
import dev.confab.chat.protocol.Command.History.Place;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.spi.AccessPolicy;
import dev.confab.chat.spi.MessageStore.Page;
import dev.confab.chat.spi.MessageStore.Position;
import java.util.concurrent.CompletableFuture;

/** Reads a page of a channel's log. */
public final class HistoryHandler implements CommandHandler<History> {
  private final Access access;
  private final Kinds kinds;
  private final Hub hub;
  private final Limits limits;

  /** Reads by these rules. */
  public HistoryHandler(Access access, Kinds kinds, Hub hub, Limits limits) {
    this.access = access;
    this.kinds = kinds;
    this.hub = hub;
    this.limits = limits;
  }

  @Override
  public void handle(Session session, History command, Answer answer) {
    Identity who =
        session.identity().orElseThrow(() -> new RefusedException(ErrorCode.NOT_AUTHENTICATED));
    ChannelName channel = Access.resolve(command.channel(), who);
    access.check(who, AccessPolicy.Action.READ, channel);
    if (kinds.ephemeral(channel)) {
      throw new RefusedException(
          Refusal.badArgs("channel", "this channel keeps no log").about(channel));
    }
    if (!answer.claim()) {
      return;
    }
    page(channel, command.place(), command.limit()).whenComplete((result, failure) -> {
      if (failure != null) {
        answer.refused(Failures.ofStore(failure));
      } else {
        answer.done(result);
      }
    });
  }

  /** The page, for whoever may see it; failed as the store failed. */
  public CompletableFuture<Result.HistoryPage> page(ChannelName channel, Place place, int limit) {
    return hub.read(channel, position(place), limit, limits.historyBytes())
        .thenApply(page -> result(channel, page));
  }

  private static Result.HistoryPage result(ChannelName channel, Page page) {
    return new Result.HistoryPage(channel, page.entries(), page.more(), !page.fits());
  }

  private static Position position(Place place) {
    if (place instanceof Place.BeforeSeq before) {
      return new Position.BeforeSeq(before.seq());
    } else if (place instanceof Place.AfterSeq after) {
      return new Position.AfterSeq(after.seq());
    } else if (place instanceof Place.Before before) {
      return new Position.Before(before.cursor());
    } else if (place instanceof Place.After after) {
      return new Position.After(after.cursor());
    }
    return new Position.BeforeSeq(Long.MAX_VALUE);
  }
}
