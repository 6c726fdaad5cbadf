package dev.confab.chat.webhooks;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.spi.ChatListener.Happening;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * One event of a webhook.
 *
 * @param about who or what came or went
 * @param came true if it came
 * @param at when
 */
record Notice(About about, boolean came, Instant at) {
  /** Who or what comes and goes. Users of one id are one, whatever their names. */
  sealed interface About {
    /** A user; only the id tells users from each other. */
    final class User implements About {
      private final UserRef user;

      User(UserRef user) {
        this.user = user;
      }

      @Override
      public boolean equals(Object other) {
        return other instanceof User same && same.user.id().equals(user.id());
      }

      @Override
      public int hashCode() {
        return user.id().hashCode();
      }
    }

    /**
     * A channel.
     *
     * @param name its name
     */
    record Channel(ChannelName name) implements About {}
  }

  /** The event of a happening; empty if there is none. */
  static Optional<Notice> of(Happening happening, Predicate<ChannelName> channels, Instant at) {
    if (happening instanceof Happening.UserOnline online) {
      return Optional.of(new Notice(new About.User(online.user()), true, at));
    }
    if (happening instanceof Happening.UserOffline offline) {
      return Optional.of(new Notice(new About.User(offline.user()), false, at));
    }
    if (happening instanceof Happening.ChannelOccupied occupied) {
      return of(occupied.channel(), true, channels, at);
    }
    if (happening instanceof Happening.ChannelVacated vacated) {
      return of(vacated.channel(), false, channels, at);
    }
    return Optional.empty();
  }

  private static Optional<Notice> of(
      ChannelName channel, boolean came, Predicate<ChannelName> channels, Instant at) {
    return channels.test(channel)
        ? Optional.of(new Notice(new About.Channel(channel), came, at))
        : Optional.empty();
  }

  /** True if it is of a channel, and not of a user. */
  boolean isOfChannel() {
    return about instanceof About.Channel;
  }

  private Json json() {
    Map<String, Json> members = new LinkedHashMap<>();
    if (about instanceof About.User user) {
      members.put("type", Json.string(came ? "user.online" : "user.offline"));
      members.put("at", number(at.toEpochMilli()));
      Map<String, Json> who = new LinkedHashMap<>();
      who.put("id", Json.string(user.user.id().value()));
      who.put("name", Json.string(user.user.name()));
      members.put("user", Json.object(who));
    } else if (about instanceof About.Channel channel) {
      members.put("type", Json.string(came ? "channel.occupied" : "channel.vacated"));
      members.put("at", number(at.toEpochMilli()));
      members.put("channel", Json.string(channel.name().value()));
    }
    return Json.object(members);
  }

  private static Json number(long value) {
    return Json.parse(Long.toString(value));
  }

  /** A request's body. */
  static String body(List<Notice> notices, long dropped) {
    StringBuilder events = new StringBuilder("[");
    for (Notice notice : notices) {
      events.append(events.length() > 1 ? "," : "").append(notice.json().text());
    }
    return "{\"events\":" + events.append(']') + ",\"dropped\":" + dropped + "}";
  }
}
