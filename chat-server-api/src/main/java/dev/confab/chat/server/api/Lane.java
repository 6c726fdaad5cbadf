package dev.confab.chat.server.api;

import dev.confab.chat.model.ConnectionId;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** The records of one connection in a queue, oldest first. Guarded by its line. */
final class Lane {
  final ConnectionId connection;

  /** True if its connection came through the queue's acceptor, which tells when it ends. */
  final boolean followed;

  final Deque<Task> waiting = new ArrayDeque<>(4);
  int messages;
  boolean closed;

  /** What a worker has; null if none has any. */
  Line.@Nullable Held held;

  /** Who had the last record and did not see it through. */
  Line.@Nullable Taker avoided;

  /** Where a connection has a worker of its own: which it is; null if there is none. */
  @Nullable
  Station home;

  /** Why it is that one: the highest of all workers. */
  int weight;

  /** Which change of the workers this was decided after. */
  int decided;

  Lane(ConnectionId connection, boolean followed) {
    this.connection = connection;
    this.followed = followed;
  }
}
