package dev.confab.chat.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.benchmarks.DatabaseServer.Database;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** A database that is reached through a pool. */
abstract class PooledDatabase implements Database {
  private final DataSource source;
  private final HikariDataSource pool;

  PooledDatabase(DataSource source) {
    this.source = source;
    HikariConfig config = new HikariConfig();
    config.setDataSource(source);
    config.setMaximumPoolSize(DatabaseServer.POOL);
    this.pool = new HikariDataSource(config);
  }

  @Override
  public final JdbiMessageStore store() {
    return JdbiMessageStore.create(pool);
  }

  @Override
  public final Connection connect() throws SQLException {
    return source.getConnection();
  }

  @Override
  public final int writers() {
    return DatabaseServer.POOL;
  }

  @Override
  public final void close() {
    pool.close();
    drop();
  }

  /** Removes the database, to which nobody is connected any more. */
  abstract void drop();
}
