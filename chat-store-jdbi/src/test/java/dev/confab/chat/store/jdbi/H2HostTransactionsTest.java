package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.spi.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Transactions of the host's on H2. */
class H2HostTransactionsTest extends HostTransactionsContract {
  private static DataSource database;
  private static DataSource elsewhere;
  private static HikariDataSource pool;

  @BeforeAll
  static void open() {
    database = H2Files.fresh();
    elsewhere = H2Files.fresh();
    pool = Sources.pool(database, 8);
    JdbiMessageStore.create(pool).close();
    H2Files.run(
        database,
        "create table host_order (id varchar(64) primary key)",
        "alter table chat_entry add constraint poison check (data is null or data <> '\"poison\"')");
  }

  @AfterAll
  static void close() {
    assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
    pool.close();
  }

  @Override
  JdbiMessageStore store(Duration patience) {
    return JdbiMessageStore.builder(pool).patience(patience).build();
  }

  @Override
  Connection begin() throws SQLException {
    return Sources.begun(database);
  }

  @Override
  Connection beginElsewhere() throws SQLException {
    return Sources.begun(elsewhere);
  }

  @Override
  Connection beginForeign() throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + SqliteFiles.fresh());
    connection.setAutoCommit(false);
    return connection;
  }

  /** H2 is in this process, and dies with it; what is left is a connection that ends. */
  @Override
  void kill(Connection connection) throws SQLException {
    connection.close();
  }

  @Test
  void transaction_that_may_not_see_the_newest_is_refused() throws Exception {
    Site site = site();
    Connection connection = hosts();
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    assertThatThrownBy(() -> site.store.append(connection, List.of(site.draft(room(), "x"))))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining(
            "Expected a transaction with READ COMMITTED, got one with REPEATABLE READ");
    connection.rollback();
  }
}
