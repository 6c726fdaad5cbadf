package dev.confab.chat.store.jdbi;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.model.ChannelName;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Several stores on one database of a server of H2. */
class H2MessageStoreTest extends PooledStoreContract {
  private static H2Files.Served database;
  private static HikariDataSource pool;

  @BeforeAll
  static void make_the_database() {
    database = new H2Files.Served();
    pool = Sources.pool(database.direct(), 16);
    JdbiMessageStore.create(pool).close();
    H2Files.run(
        pool,
        "alter table chat_entry add constraint poison check (data is null or data <> '\"poison\"')");
  }

  @AfterAll
  static void close_the_pool() {
    pool.close();
    database.close();
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
    return new SQLException("Connection is broken", "90067", 90067);
  }

  @Override
  void cutOff() {
    database.cutOff();
  }

  @Override
  void letIn() {
    database.letIn();
  }

  @Override
  protected boolean exists(ChannelName channel) {
    return H2Files.lines(pool, "select name from chat_channel").contains(channel.value());
  }
}
