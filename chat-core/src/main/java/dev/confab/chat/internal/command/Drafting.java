package dev.confab.chat.internal.command;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Interceptor;
import dev.confab.chat.spi.MessageStore.Item;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/** Makes the item that is recorded of what somebody says: checks its size, asks the interceptors, adds the copy. */
public final class Drafting {
  private final List<Interceptor> interceptors;
  private final Kinds kinds;
  private final Limits limits;
  private final RandomGenerator ids;

  /**
   * Drafts by these rules.
   *
   * @param ids where entry ids come from; a secure one in production, since ids are what a rollback is noticed by
   */
  public Drafting(List<Interceptor> interceptors, Kinds kinds, Limits limits, RandomGenerator ids) {
    this.interceptors = List.copyOf(interceptors);
    this.kinds = kinds;
    this.limits = limits;
    this.ids = ids;
  }

  /** A new id. */
  public EntryId newId() {
    return EntryId.random(ids);
  }

  /** Refuses what a client may not send there at once. */
  void requireClientSize(ChannelName channel, Json data) {
    OptionalInt kindBytes =
        kinds.of(channel).map(kind -> kind.dataBytes()).orElse(OptionalInt.empty());
    requireSize(
        data, Math.min(kindBytes.orElse(limits.clientDataBytes()), limits.clientDataBytes()));
  }

  /** A client's message. Asks the interceptors, on this thread. */
  Item fromClient(UserRef sender, ChannelName channel, Optional<SendKey> key, Json data) {
    requireClientSize(channel, data);
    if (data.asString().filter(String::isBlank).isPresent()) {
      throw new RefusedException(ErrorCode.EMPTY_MESSAGE);
    }
    Draft draft = review(Draft.message(channel, newId(), Optional.of(sender), key, data));
    Optional<UserId> owner = channel.owner();
    boolean copies = owner.isPresent()
        && !owner.get().equals(sender.id())
        && kinds.of(channel).map(kind -> kind.copies()).orElse(true);
    return new Item(
        draft, copies ? Optional.of(draft.copyFor(sender, owner.get())) : Optional.empty());
  }

  /** The host's message. Asks the interceptors, on this thread. */
  public Item fromHost(
      ChannelName channel, Optional<UserRef> from, Optional<SendKey> key, Json data) {
    requireSize(data, limits.hostDataBytes());
    return Item.of(review(Draft.message(channel, newId(), from, key, data)));
  }

  private Draft review(Draft draft) {
    Draft reviewed = draft;
    for (Interceptor interceptor : interceptors) {
      reviewed = interceptor.review(reviewed);
      if (!reviewed.equals(draft.withData(reviewed.data()))) {
        throw new IllegalStateException(
            "an interceptor may change the data of a draft, and nothing else");
      }
    }
    if (!reviewed.equals(draft)) {
      requireSize(reviewed.data(), limits.hostDataBytes());
    }
    return reviewed;
  }

  private static void requireSize(Json data, int mostBytes) {
    if (data.bytes() > mostBytes) {
      throw new RefusedException(
          ErrorCode.TOO_LARGE, "data may have " + mostBytes + " bytes here, got " + data.bytes());
    }
  }
}
