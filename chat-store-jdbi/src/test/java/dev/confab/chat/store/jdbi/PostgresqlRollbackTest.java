package dev.confab.chat.store.jdbi;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.testkit.StoreWrapper;

/** A PostgreSQL database that is dropped and made from a copy again. */
class PostgresqlRollbackTest extends RollbackContract {
  @Override
  Restorable database() {
    return new Copied(PostgresqlServer.database());
  }

  /** Copied file by file by the server. */
  private record Copied(PostgresqlServer.Database database) implements Restorable {
    @Override
    public MessageStore store() {
      return pooled(database.pool(4));
    }

    @Override
    public void keep(String copy) {
      database.copyTo(database.name() + "_" + copy.toLowerCase(java.util.Locale.ROOT));
    }

    @Override
    public void restore(String copy) {
      database.becomes(database.name() + "_" + copy.toLowerCase(java.util.Locale.ROOT));
    }

    @Override
    public void close() {}
  }

  /** A store whose pool is closed with it. */
  static MessageStore pooled(HikariDataSource pool) {
    return new StoreWrapper(JdbiMessageStore.create(pool)) {
      @Override
      public void close() {
        super.close();
        pool.close();
      }
    };
  }
}
