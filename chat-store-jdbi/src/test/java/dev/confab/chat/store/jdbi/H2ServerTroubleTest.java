package dev.confab.chat.store.jdbi;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;

/**
 * What breaks around a store on a server of H2's own, and what is said about it. It has no connections that may only read while
 * others write.
 */
class H2ServerTroubleTest extends ServerTrouble {
  private final H2Files.Served server = new H2Files.Served();

  @AfterAll
  void stop() {
    server.close();
  }

  @Override
  DataSource direct() {
    return server.direct();
  }

  @Override
  HikariDataSource pool(int size) {
    return Sources.pool(server.direct(), size, settings -> {
      // Its driver calls connections valid without asking the server.
      settings.setConnectionTestQuery("select 1");
      settings.setExceptionOverride(new H2BrokenConnections());
      // A busy machine takes its time for a new one; only who is to wait in vain does not wait
      // long.
      settings.setConnectionTimeout(size == 1 ? 2_000 : 60_000);
    });
  }

  /** It has no means to end one connection as a network does: all of them are cut. */
  @Override
  void kill(Connection real) {
    server.breakConnections();
  }

  @Override
  SQLException sacrificed() {
    return new SQLException("Deadlock detected", "40001", 40001);
  }
}
