package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.spi.StoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Transactions of the host's on MariaDB, which counts patience in whole seconds. */
class MariadbHostTransactionsTest extends HostTransactionsContract {
  private static MariadbServer.Database database;
  private static MariadbServer.Database elsewhere;
  private static HikariDataSource pool;

  @BeforeAll
  static void open() {
    database = MariadbServer.database();
    elsewhere = MariadbServer.database();
    pool = database.pool(8);
    JdbiMessageStore.create(pool).close();
    database.run(
        "create table host_order (id varchar(64) primary key) engine=InnoDB",
        "create trigger poison before insert on chat_entry for each row"
            + " if new.data = '\"poison\"' then signal sqlstate '45000'; end if");
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

  private static Connection begin(MariadbServer.Database where) throws SQLException {
    Connection connection = Sources.begun(where.direct());
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    return connection;
  }

  @Override
  Connection begin() throws SQLException {
    return begin(database);
  }

  @Override
  Connection beginElsewhere() throws SQLException {
    return begin(elsewhere);
  }

  @Override
  void kill(Connection connection) throws SQLException {
    MariadbServer.Database.kill(
        connection.unwrap(org.mariadb.jdbc.Connection.class).getThreadId());
  }

  @Test
  void transaction_with_the_isolation_mariadb_begins_with_is_refused() throws Exception {
    Site site = site();
    Connection connection = closing(database.direct().getConnection());
    connection.setAutoCommit(false);
    assertThatThrownBy(() -> site.store.append(connection, List.of(site.draft(room(), "x"))))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining(
            "Expected a transaction with READ COMMITTED, got one with REPEATABLE READ");
    connection.rollback();
  }

  @Test
  void host_waits_for_its_own_locks_as_long_as_it_did_before() throws Exception {
    Site site = site();
    ChannelName room = room();
    Connection connection = hosts();
    run(connection, "set session innodb_lock_wait_timeout = 17");
    site.store.append(connection, List.of(site.draft(room, "x")));
    assertThatThrownBy(() -> site.store.append(connection, List.of(site.draft(room, "poison"))))
        .isInstanceOf(StoreException.class);
    try (Statement query = connection.createStatement();
        ResultSet row = query.executeQuery("select @@session.innodb_lock_wait_timeout")) {
      row.next();
      assertThat(row.getLong(1)).isEqualTo(17);
    }
    connection.commit();
  }
}
