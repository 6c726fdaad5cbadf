package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What a store says about a PostgreSQL that can lose commits. */
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
}
