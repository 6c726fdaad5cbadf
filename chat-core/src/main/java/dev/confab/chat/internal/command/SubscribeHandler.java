package dev.confab.chat.internal.command;

import dev.confab.chat.internal.hub.Hub;
import dev.confab.chat.internal.session.Happenings;
import dev.confab.chat.internal.session.Session;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.Command.Subscribe;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result;
import dev.confab.chat.protocol.Result.Subscription;
import dev.confab.chat.protocol.TrimmedRange;
import dev.confab.chat.spi.AccessPolicy;
import dev.confab.chat.spi.ChatListener.Happening;
import dev.confab.chat.spi.Dialect;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Lets a session follow channels, all or none. In this order: policy for all names; pin all; head of each; what the reply
 * must show; queue the reply; add the followers, each of which looks once more whether its log moved.
 */
final class SubscribeHandler implements CommandHandler<Subscribe> {
  private static final int PRESENCE_USERS = 100;

  private final Access access;
  private final Kinds kinds;
  private final Hub hub;
  private final Beginnings beginnings;
  private final List<Dialect> dialects;
  private final Happenings happenings;
  private final Limits limits;
  private final Executor doors;

  SubscribeHandler(
      Access access,
      Kinds kinds,
      Hub hub,
      Beginnings beginnings,
      List<Dialect> dialects,
      Happenings happenings,
      Limits limits,
      Executor doors) {
    this.access = access;
    this.kinds = kinds;
    this.hub = hub;
    this.beginnings = beginnings;
    this.dialects = List.copyOf(dialects);
    this.happenings = happenings;
    this.limits = limits;
    this.doors = doors;
  }

  @Override
  public void handle(Session session, Subscribe command, Answer answer) {
    Identity who =
        session.identity().orElseThrow(() -> new RefusedException(ErrorCode.NOT_AUTHENTICATED));
    Set<ChannelName> names = new LinkedHashSet<>();
    command.channels().forEach(name -> names.add(Access.resolve(name, who)));
    Map<ChannelName, Cursor> since = new LinkedHashMap<>();
    command.since().forEach((name, cursor) -> since.put(Access.resolve(name, who), cursor));
    check(session, who, command, names, since);
    if (!answer.claim()) {
      return;
    }
    List<ChannelName> ordered = List.copyOf(names);
    beginnings
        .find(ordered, since, command.history())
        .whenCompleteAsync(
            (found, failure) -> {
              if (failure != null) {
                answer.refused(Failures.ofStore(failure));
              } else {
                try {
                  subscribe(session, who, found, command.presence(), answer);
                } catch (RuntimeException e) {
                  // Nobody above would answer for it, and the lane would wait for ever.
                  found.forEach(beginning -> beginning.pin().release());
                  answer.refused(Failures.of(e));
                }
              }
            },
            doors);
  }

  private void check(
      Session session,
      Identity who,
      Subscribe command,
      Set<ChannelName> names,
      Map<ChannelName, Cursor> since) {
    long more =
        names.stream().filter(name -> session.subscription(name) == null).count();
    if (session.subscriptionCount() + more > limits.channelsPerConnection()) {
      throw new RefusedException(
          ErrorCode.TOO_MANY_CHANNELS,
          "a connection may be subscribed to " + limits.channelsPerConnection() + " channels");
    }
    for (ChannelName name : names) {
      access.check(who, AccessPolicy.Action.READ, name);
      if (command.presence()) {
        access.check(who, AccessPolicy.Action.PRESENCE, name);
      }
      if (kinds.ephemeral(name) && (since.containsKey(name) || command.history().isPresent())) {
        throw new RefusedException(Refusal.badArgs(
                since.containsKey(name) ? "since" : "history", "this channel keeps no log")
            .about(name));
      }
    }
  }

  private void subscribe(
      Session session,
      Identity who,
      List<Beginnings.Beginning> found,
      boolean presence,
      Answer answer) {
    int dialect = dialects.indexOf(session.outlet().dialect());
    Map<ChannelName, Subscription> reply = new LinkedHashMap<>();
    List<Hub.Prepared> fresh = new ArrayList<>(found.size());
    List<Hub.Watching> watching = new ArrayList<>(0);
    try {
      for (Beginnings.Beginning beginning : found) {
        ChannelName name = beginning.pin().name();
        Optional<Result.PresencePage> present = Optional.empty();
        if (session.subscription(name) != null && !beginning.resumes()) {
          beginning.pin().release();
          if (presence) {
            Optional<Hub.Watching> watched = hub.watch(session, name, PRESENCE_USERS);
            watched.ifPresent(watching::add);
            present = watched.map(Hub.Watching::page);
          }
        } else {
          Hub.Prepared prepared = hub.prepare(
              beginning.pin(),
              session,
              dialect,
              who.user(),
              beginning.start(),
              beginning.resumes() ? beginning.head().seq() : -1,
              beginning.trimmed().map(TrimmedRange::to).orElse(0L));
          fresh.add(prepared);
          if (presence) {
            present = Optional.of(prepared.watch(PRESENCE_USERS));
          }
          // A follower that moves stops where it was before the reply says where it goes on.
          session.remove(name);
        }
        reply.put(
            name,
            new Subscription(
                beginning.head().seq(),
                beginning.head(),
                !kinds.ephemeral(name),
                beginning.messages(),
                beginning.more(),
                beginning.resumes() && !beginning.reset()
                    ? OptionalLong.of(beginning.missed())
                    : OptionalLong.empty(),
                beginning.reset(),
                beginning.trimmed(),
                present));
      }
    } catch (RuntimeException e) {
      fresh.forEach(Hub.Prepared::cancel);
      throw e;
    }
    answer.doneThen(new Result.Subscribed(reply), () -> {
      watching.forEach(Hub.Watching::start);
      for (Hub.Prepared prepared : fresh) {
        if (prepared.start()) {
          happenings.tell(new Happening.Subscribed(session.id(), who.user(), prepared.channel()));
        }
      }
    });
  }
}
