package dev.confab.chat.store.jdbi;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.model.ChannelName;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Several stores on one database of a real MariaDB. */
class MariadbMessageStoreTest extends PooledStoreContract {
  private static MariadbServer.Database database;
  private static TcpGate gate;
  private static HikariDataSource pool;

  @BeforeAll
  static void make_the_database() {
    database = MariadbServer.database();
    gate = new TcpGate(MariadbServer.port());
    pool = Sources.pool(database.through(gate.port()), 16);
    JdbiMessageStore.create(pool).close();
    database.run("create trigger poison before insert on chat_entry for each row"
        + " if new.data = '\"poison\"' then signal sqlstate '45000'; end if");
  }

  @AfterAll
  static void close_the_pool() {
    pool.close();
    gate.close();
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
    return new SQLException("(conn=1) Socket error", "08000");
  }

  @Override
  void cutOff() {
    gate.shut();
  }

  @Override
  void letIn() {
    gate.open();
  }

  @Override
  protected boolean exists(ChannelName channel) {
    return database
        .lines("select convert(name using utf8mb4) from chat_channel")
        .contains(channel.value());
  }
}
