package dev.confab.chat.benchmarks;

import dev.confab.chat.benchmarks.DatabaseServer.Database;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Json;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What is usually done: each message in a transaction of its own, which counts the channel's row up, inserts the entry and
 * commits. The same tables, the same durability, as many connections as a pool has, and everything spared that can be: each
 * connection keeps its prepared statements, ids of channels are known, and the unique index alone sees to the key. The
 * channel's row is locked from the first statement to the commit, which is what numbers without gap.
 */
final class OneByOne implements Publisher {
  private static final String COUNT_UP =
      "update chat_channel set head = head + 1, head_id = ?, no = no + 1 where id = ?";

  /** More than any load has outstanding. */
  private static final int WAITING = 1_000_000;

  private static final Job END = new Job(0, "", committed -> {});

  private final BlockingQueue<Job> jobs = new ArrayBlockingQueue<>(WAITING);
  private final List<Thread> writers = new ArrayList<>();
  private final List<Connection> connections = new ArrayList<>();
  private final AtomicBoolean complained = new AtomicBoolean();
  private final List<Long> channels;
  private final Json data;
  private final String insert;

  private OneByOne(List<Long> channels, Json data, String insert) {
    this.channels = channels;
    this.data = data;
    this.insert = insert;
  }

  /** In a database in which these rooms are. */
  static OneByOne in(Database database, List<ChannelName> rooms, Json data) throws SQLException {
    OneByOne publisher = new OneByOne(find(database, rooms), data, database.insert());
    for (int writer = 0; writer < database.writers(); writer++) {
      publisher.add(database.connect());
    }
    return publisher;
  }

  private static List<Long> find(Database database, List<ChannelName> rooms) throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (Connection connection = database.connect();
        PreparedStatement find =
            connection.prepareStatement("select id from chat_channel where name = ?")) {
      for (ChannelName room : rooms) {
        find.setString(1, room.value());
        try (ResultSet row = find.executeQuery()) {
          row.next();
          ids.add(row.getLong(1));
        }
      }
    }
    return ids;
  }

  private void add(Connection connection) throws SQLException {
    connections.add(connection);
    connection.setTransactionIsolation(
        connection.getMetaData().getDatabaseProductName().equals("SQLite")
            ? Connection.TRANSACTION_SERIALIZABLE
            : Connection.TRANSACTION_READ_COMMITTED);
    connection.setAutoCommit(false);
    Thread thread = new Thread(() -> write(connection), "one-by-one");
    thread.setDaemon(true);
    writers.add(thread);
    thread.start();
  }

  @Override
  public void publish(int sender, int room, String key, Done done) {
    jobs.add(new Job(channels.get(room), key, done));
  }

  private void write(Connection connection) {
    try (PreparedStatement countUp = connection.prepareStatement(COUNT_UP);
        PreparedStatement insertion = connection.prepareStatement(insert)) {
      for (Job job = jobs.take(); !job.equals(END); job = jobs.take()) {
        job.done.done(commit(connection, countUp, insertion, job));
      }
    } catch (SQLException failure) {
      complain(failure);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean commit(
      Connection connection, PreparedStatement countUp, PreparedStatement insertion, Job job)
      throws SQLException {
    try {
      countUp.setString(1, EntryId.random(ThreadLocalRandom.current()).value());
      countUp.setLong(2, job.channel);
      countUp.executeUpdate();
      insertion.setString(1, job.key);
      insertion.setString(2, data.text());
      insertion.setLong(3, System.currentTimeMillis());
      insertion.setLong(4, job.channel);
      boolean numbered;
      try (ResultSet row = insertion.executeQuery()) {
        // To the end of the rows: SQLite works only while it is asked.
        numbered = row.next() && row.getLong(1) > 0 && !row.next();
      }
      connection.commit();
      return numbered;
    } catch (SQLException failure) {
      complain(failure);
      connection.rollback();
      return false;
    }
  }

  private void complain(SQLException failure) {
    if (complained.compareAndSet(false, true)) {
      System.err.println("One transaction a message: " + failure);
    }
  }

  @Override
  public void close() throws IOException {
    for (int writer = 0; writer < writers.size(); writer++) {
      jobs.add(END);
    }
    writers.forEach(Ending::await);
    try {
      for (Connection connection : connections) {
        connection.close();
      }
    } catch (SQLException failure) {
      throw new IOException(failure);
    }
  }

  /** A message that waits for a connection. */
  private record Job(long channel, String key, Done done) {}
}
