package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What a store says about a database that can lose commits. */
class DurabilityTest {
  private static final Logger LOGGER = Logger.getLogger(JdbiMessageStore.class.getName());

  private static List<String> warningsWhile(Runnable start) {
    List<String> warnings = new ArrayList<>();
    Handler handler = new Handler() {
      @Override
      public void publish(LogRecord record) {
        if (record.getLevel().equals(Level.WARNING)) {
          warnings.add(record.getMessage());
        }
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
    LOGGER.addHandler(handler);
    LOGGER.setUseParentHandlers(false);
    try {
      start.run();
    } finally {
      LOGGER.setUseParentHandlers(true);
      LOGGER.removeHandler(handler);
    }
    return warnings;
  }

  @Test
  void durable_postgresql_is_found_durable_and_not_warned_of() {
    PostgresqlServer.Database database = PostgresqlServer.database();
    List<String> warnings = warningsWhile(() -> {
      try (JdbiMessageStore store = JdbiMessageStore.create(database.direct())) {
        assertThat(store.durability().survivesCrash()).isTrue();
        assertThat(store.durability().settings())
            .containsEntry("fsync", "on")
            .containsEntry("synchronous_commit", "on");
        assertThat(store.durability().database()).startsWith("PostgreSQL 18");
      }
    });
    assertThat(warnings).isEmpty();
  }

  @Test
  void commits_that_do_not_wait_for_the_disk_are_warned_of() {
    PostgresqlServer.Database database = PostgresqlServer.database();
    List<String> warnings = warningsWhile(() -> {
      try (JdbiMessageStore store =
          JdbiMessageStore.create(database.direct("-c synchronous_commit=off"))) {
        assertThat(store.durability().survivesCrash()).isFalse();
        assertThat(store.durability().settings()).containsEntry("synchronous_commit", "off");
      }
    });
    assertThat(warnings).singleElement().asString().contains("synchronous_commit is off");
  }

  @Test
  void durable_mariadb_is_found_durable_and_not_warned_of() {
    MariadbServer.Database database = MariadbServer.database();
    List<String> warnings = warningsWhile(() -> {
      try (JdbiMessageStore store = JdbiMessageStore.create(database.direct())) {
        assertThat(store.durability().survivesCrash()).isTrue();
        assertThat(store.durability().settings())
            .containsEntry("innodb_flush_log_at_trx_commit", "1")
            .containsEntry("log_bin", "OFF");
        assertThat(store.durability().database()).startsWith("MariaDB 11.4.");
      }
    });
    assertThat(warnings).isEmpty();
  }

  @Test
  void mariadb_whose_commits_do_not_wait_for_the_disk_is_warned_of() {
    MariadbServer.Database database = MariadbServer.database();
    database.run("set global innodb_flush_log_at_trx_commit = 2");
    try {
      List<String> warnings =
          warningsWhile(() -> JdbiMessageStore.create(database.direct()).close());
      assertThat(warnings)
          .singleElement()
          .asString()
          .contains("innodb_flush_log_at_trx_commit is 2");
    } finally {
      database.run("set global innodb_flush_log_at_trx_commit = 1");
    }
  }

  @Test
  void h2_is_always_warned_of() {
    List<String> warnings =
        warningsWhile(() -> JdbiMessageStore.create(H2Files.fresh()).close());
    assertThat(warnings).singleElement().asString().contains("for tests and for trying");
  }
}
