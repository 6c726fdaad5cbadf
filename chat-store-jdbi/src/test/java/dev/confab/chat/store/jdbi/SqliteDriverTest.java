package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import java.nio.file.Path;
import java.sql.Driver;
import java.sql.DriverManager;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The JVM looks for drivers once, and containers take those of an application away when it stops: deployed again it was told
 * that there is no driver for SQLite.
 */
final class SqliteDriverTest {
  @Test
  void file_is_opened_though_the_jvm_has_not_found_the_driver(@TempDir Path folder)
      throws Exception {
    List<Driver> taken = DriverManager.drivers()
        .filter(driver -> driver.getClass().getName().equals("org.sqlite.JDBC"))
        .toList();
    assertThat(taken).isNotEmpty();
    for (Driver driver : taken) {
      DriverManager.deregisterDriver(driver);
    }
    try (JdbiMessageStore store = JdbiMessageStore.sqlite(folder.resolve("chat.db"))) {
      assertThat(store.heads(List.of(ChannelName.of("room_101")))).hasSize(1);
    } finally {
      for (Driver driver : taken) {
        DriverManager.registerDriver(driver);
      }
    }
  }
}
