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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** Transactions of the host's on PostgreSQL. */
class PostgresqlHostTransactionsTest extends HostTransactionsContract {
  private static PostgresqlServer.Database database;
  private static PostgresqlServer.Database elsewhere;
  private static HikariDataSource pool;

  @BeforeAll
  static void open() {
    database = PostgresqlServer.database();
    elsewhere = PostgresqlServer.database();
    pool = database.pool(8);
    JdbiMessageStore.create(pool).close();
    database.run(
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
    return Sources.begun(database.direct());
  }

  @Override
  Connection beginElsewhere() throws SQLException {
    return Sources.begun(elsewhere.direct());
  }

  @Override
  void kill(Connection connection) throws SQLException {
    PostgresqlServer.Database.terminate(connection.unwrap(PGConnection.class).getBackendPID());
  }

  @ParameterizedTest
  @ValueSource(ints = {Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_SERIALIZABLE})
  void transaction_that_may_not_see_the_newest_is_refused(int isolation) throws Exception {
    Site site = site();
    Connection connection = hosts();
    connection.setTransactionIsolation(isolation);
    assertThatThrownBy(() -> site.store.append(connection, List.of(site.draft(room(), "x"))))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("Expected a transaction with READ COMMITTED, got one with");
    connection.rollback();
  }

  @Test
  void host_waits_for_its_own_locks_as_long_as_it_did_before() throws Exception {
    Site site = site();
    ChannelName room = room();
    Connection connection = hosts();
    run(connection, "set local lock_timeout = '1234ms'");
    run(connection, "set local statement_timeout = '4321ms'");
    site.store.append(connection, List.of(site.draft(room, "x")));
    assertThat(setting(connection, "lock_timeout")).isEqualTo("1234ms");
    assertThatThrownBy(() -> site.store.append(connection, List.of(site.draft(room, "poison"))))
        .isInstanceOf(StoreException.class);
    assertThat(setting(connection, "lock_timeout")).isEqualTo("1234ms");
    assertThat(setting(connection, "statement_timeout")).isEqualTo("4321ms");
    connection.commit();
    assertThat(setting(connection, "lock_timeout")).isEqualTo("0");
  }

  private static String setting(Connection connection, String name) throws SQLException {
    try (Statement query = connection.createStatement();
        ResultSet row = query.executeQuery("show " + name)) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  void transaction_that_has_failed_already_is_said_to_be_unusable() throws Exception {
    Site site = site();
    Connection connection = hosts();
    assertThatThrownBy(() -> run(connection, "select no_such_column"))
        .isInstanceOf(SQLException.class);
    assertThatThrownBy(() -> site.store.append(connection, List.of(site.draft(room(), "x"))))
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("roll it back");
    connection.rollback();
  }
}
