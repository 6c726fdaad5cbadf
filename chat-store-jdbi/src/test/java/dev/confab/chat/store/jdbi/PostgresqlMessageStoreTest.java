package dev.confab.chat.store.jdbi;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Json;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Several stores on one database of a real PostgreSQL. */
class PostgresqlMessageStoreTest extends PooledStoreContract {
  private static PostgresqlServer.Database database;
  private static HikariDataSource pool;

  @BeforeAll
  static void make_the_database() {
    database = PostgresqlServer.database();
    pool = database.pool(16);
    JdbiMessageStore.create(pool).close();
  }

  @AfterAll
  static void close_the_pool() {
    pool.close();
  }

  @Override
  protected Set<Ability> abilities() {
    return EnumSet.allOf(Ability.class);
  }

  @Override
  HikariDataSource pool() {
    return pool;
  }

  @Override
  DataSource direct() {
    return database.direct();
  }

  @Override
  SQLException lostSocket() {
    return new SQLException("An I/O error occurred while sending to the backend.", "08006");
  }

  @Override
  void cutOff() {
    database.takeAway();
  }

  @Override
  void letIn() {
    database.giveBack();
  }

  @Override
  protected Draft poison(ChannelName channel) {
    // Not the six characters that stand for it in JSON, but the character itself: PostgreSQL takes
    // it in no text.
    return Draft.message(
        channel, Said.id(), Optional.empty(), Optional.empty(), Json.recorded("\"\0\""));
  }

  @Override
  protected boolean exists(ChannelName channel) {
    return database.lines("select name from chat_channel").contains(channel.value());
  }
}
