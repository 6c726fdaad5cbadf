package dev.confab.chat;

import dev.confab.chat.internal.engine.Engine;
import dev.confab.chat.internal.session.Audiences;
import dev.confab.chat.internal.session.Subscription;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.protocol.Result.PresentUser;
import dev.confab.chat.spi.ChatListener.Happening;
import java.util.Optional;

/**
 * The channels somebody is subscribed to on this node. A channel is in here from its first subscriber to its last, whatever
 * its log holds. Any thread; nothing here waits.
 */
public final class Channels {
  private final Engine engine;
  private final Audiences audiences;

  Channels(Engine engine) {
    this.engine = engine;
    this.audiences = engine.audiences();
  }

  /** How many channels somebody is subscribed to. */
  public int count() {
    return audiences.channels();
  }

  /** How many are subscribed to this channel; zeros if nobody is. */
  public ChannelInfo find(ChannelName channel) {
    return new ChannelInfo(channel, audiences.connections(channel), audiences.users(channel));
  }

  /**
   * All channels somebody is subscribed to, by name.
   *
   * @param after {@link Listing#next} of the page before, or any text to begin behind it; empty for the first page
   * @param limit 1 to {@value Listing#MAX_ITEMS}
   */
  public Listing<ChannelInfo> list(Optional<String> after, int limit) {
    return Listing.of(
        audiences.channelsAfter(
            after.map(ChannelName::of).orElse(null), Listing.requireLimit(limit) + 1),
        limit,
        this::find,
        ChannelName::value);
  }

  /**
   * The connections that are subscribed to a channel, by user and connection.
   *
   * @param after {@link Listing#next} of the page before; empty for the first page
   * @param limit 1 to {@value Listing#MAX_ITEMS}
   */
  public Listing<SessionInfo> connections(ChannelName channel, Optional<String> after, int limit) {
    // Neither a user's id nor a connection's holds a space.
    String place = after.orElse(" ");
    int space = place.indexOf(' ');
    if (space < 0) {
      throw new IllegalArgumentException("not the next of a page of connections: " + place);
    }
    return Listing.of(
        audiences.after(
            channel,
            place.substring(0, space),
            place.substring(space + 1),
            Listing.requireLimit(limit) + 1),
        limit,
        member -> Connections.info(member.session()),
        member -> member.user().id() + " " + member.session().id());
  }

  /**
   * The users who are subscribed to a channel, by id, and on how many connections.
   *
   * @param after {@link Listing#next} of the page before; empty for the first page
   * @param limit 1 to {@value Listing#MAX_ITEMS}
   */
  public Listing<PresentUser> users(ChannelName channel, Optional<String> after, int limit) {
    return Listing.of(
        audiences.usersAfter(channel, after.orElse(""), Listing.requireLimit(limit) + 1),
        limit,
        user -> user,
        user -> user.user().id().value());
  }

  /**
   * Ends every subscription of a channel; its log stays. Clients are not told: {@link Chat#signal} or publish something
   * before if they shall know.
   *
   * @return how many there were
   */
  public int dissolve(ChannelName channel) {
    int[] ended = {0};
    audiences.forEach(channel, member -> {
      Optional<Subscription> removed = member.session().remove(channel);
      if (removed.isPresent()) {
        ended[0]++;
        engine
            .happenings()
            .tell(new Happening.Unsubscribed(member.session().id(), member.user(), channel));
      }
    });
    return ended[0];
  }
}
