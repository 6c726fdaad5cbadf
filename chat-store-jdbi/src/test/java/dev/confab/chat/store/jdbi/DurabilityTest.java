package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.ChannelName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
  void half_written_pages_of_postgresql_are_warned_of() {
    PostgresqlServer.Database database = PostgresqlServer.database();
    database.withServerSetting(
        "full_page_writes",
        "off",
        () -> assertThat(
                warningsWhile(() -> JdbiMessageStore.create(database.direct()).close()))
            .singleElement()
            .asString()
            .startsWith("full_page_writes is off"));
  }

  /** No standby answers here: what waits for one would never end, so the tables are there already and nothing is written. */
  @ParameterizedTest
  @CsvSource({
    "local, synchronous_commit is local although",
    "remote_write, synchronous_commit is remote_write",
    "on,",
    "remote_apply,"
  })
  void commits_that_do_not_wait_for_the_standby_are_warned_of_if_there_is_to_be_one(
      String level, @Nullable String expected) {
    PostgresqlServer.Database database = PostgresqlServer.database();
    JdbiMessageStore.create(database.direct()).close();
    Runnable start =
        () -> JdbiMessageStore.builder(database.direct("-c synchronous_commit=" + level))
            .schema(JdbiMessageStore.Tables.VERIFY)
            .build()
            .close();
    assertThat(warningsWhile(start)).as("without a standby").isEmpty();
    database.withServerSetting(
        "synchronous_standby_names", "nobody", () -> isOnly(warningsWhile(start), expected));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      fsync=on                                                     |
      fsync=off                                                    | fsync is off
      full_page_writes=off                                         | full_page_writes is off
      synchronous_commit=off                                       | synchronous_commit is off
      synchronous_commit=local                                     |
      synchronous_commit=local; synchronous_standby_names=         |
      synchronous_commit=local; synchronous_standby_names=a        | synchronous_commit is local
      synchronous_commit=remote_write                              |
      synchronous_commit=remote_write; synchronous_standby_names=a | synchronous_commit is remote_write
      synchronous_commit=on; synchronous_standby_names=a           |
      synchronous_commit=remote_apply; synchronous_standby_names=a |
      version=PostgreSQL 18.6 on x86_64-pc-linux-gnu; wal_sync_method=open_datasync               |
      version=PostgreSQL 16.1 on aarch64-apple-darwin23.0.0; wal_sync_method=open_datasync        | wal_sync_method is open_datasync on macOS
      version=PostgreSQL 16.1 on aarch64-apple-darwin23.0.0; wal_sync_method=fsync_writethrough   |
      version=PostgreSQL 16.1 on aarch64-apple-darwin23.0.0; wal_sync_method=fsync; fsync=off     | fsync is off
      version=PostgreSQL 16.1, compiled by Visual C++ build 1937; wal_sync_method=open_datasync   | wal_sync_method is open_datasync on Windows
      version=PostgreSQL 17.0 on x86_64-windows; wal_sync_method=open_datasync                    | wal_sync_method is open_datasync on Windows
      version=PostgreSQL 17.0 on x86_64-windows; wal_sync_method=fsync                            |
      """)
  void settings_of_postgresql_are_warned_of(String settings, @Nullable String expected) {
    isOnly(PostgresqlDialect.warnings(settings(settings)), expected);
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

  @ParameterizedTest
  @CsvSource({
    "innodb_flush_log_at_trx_commit, 0, 1, innodb_flush_log_at_trx_commit is 0",
    "innodb_flush_log_at_trx_commit, 2, 1, innodb_flush_log_at_trx_commit is 2",
    "innodb_flush_log_at_trx_commit, 3, 1,",
    "innodb_doublewrite, OFF, ON, innodb_doublewrite is OFF",
    "innodb_doublewrite, fast, ON, innodb_doublewrite is fast",
  })
  void mariadb_that_does_not_flush_everything_is_warned_of(
      String setting, String weak, String usual, @Nullable String expected) {
    MariadbServer.Database database = MariadbServer.database();
    database.run("set global " + setting + " = " + weak);
    try {
      isOnly(warningsWhile(() -> JdbiMessageStore.create(database.direct()).close()), expected);
    } finally {
      database.run("set global " + setting + " = " + usual);
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      innodb_flush_log_at_trx_commit=1                              |
      innodb_flush_log_at_trx_commit=0                              | innodb_flush_log_at_trx_commit is 0: a crash of the server or
      innodb_flush_log_at_trx_commit=2                              | innodb_flush_log_at_trx_commit is 2: a crash of the machine
      innodb_flush_log_at_trx_commit=3                              |
      log_bin=OFF; sync_binlog=0                                    |
      log_bin=ON; sync_binlog=1                                     |
      log_bin=ON; sync_binlog=0                                     | sync_binlog is 0 with the binary log on: a crash of the machine
      log_bin=ON; sync_binlog=100                                   | sync_binlog is 100
      log_bin=ON; sync_binlog=0; innodb_flush_log_at_trx_commit=3   | sync_binlog is 0 with the binary log on: after a crash
      log_bin=ON; sync_binlog=0; binlog_storage_engine=             | sync_binlog is 0
      log_bin=ON; sync_binlog=0; binlog_storage_engine=innodb       |
      innodb_doublewrite=ON                                         |
      innodb_doublewrite=OFF                                        | innodb_doublewrite is OFF
      innodb_doublewrite=fast                                       | innodb_doublewrite is fast
      innodb_doublewrite=DETECT_ONLY                                | innodb_doublewrite is DETECT_ONLY
      innodb_doublewrite=DETECT_AND_RECOVER                         |
      version=8.4.3; innodb_flush_method=nosync                     | innodb_flush_method is nosync
      version=8.4.3; innodb_flush_method=littlesync                 | innodb_flush_method is littlesync
      version=8.4.3; innodb_flush_method=O_DIRECT_NO_FSYNC          | innodb_flush_method is O_DIRECT_NO_FSYNC
      version=8.4.3; innodb_flush_method=O_DIRECT                   |
      version=10.11.9-MariaDB; innodb_flush_method=nosync           | innodb_flush_method is nosync
      version=10.11.9-MariaDB; innodb_flush_method=O_DIRECT_NO_FSYNC | innodb_flush_method is O_DIRECT_NO_FSYNC
      version=11.0.2-MariaDB; innodb_flush_method=nosync            |
      version=11.4.5-MariaDB-log; innodb_flush_method=littlesync    |
      version=mine-MariaDB; innodb_flush_method=nosync              | innodb_flush_method is nosync
      debug_no_sync=OFF                                             |
      debug_no_sync=ON                                              | debug_no_sync is ON
      """)
  void settings_of_mariadb_and_mysql_are_warned_of(String settings, @Nullable String expected) {
    isOnly(MariadbDialect.warnings(settings(settings)), expected);
  }

  @Test
  void file_of_sqlite_is_found_durable_and_not_warned_of() {
    List<String> warnings = warningsWhile(() -> {
      try (JdbiMessageStore store = JdbiMessageStore.sqlite(SqliteFiles.fresh())) {
        assertThat(store.durability().survivesCrash()).isTrue();
        assertThat(store.durability().settings())
            .containsEntry("synchronous", "2")
            .containsEntry("fullfsync", "1")
            .containsEntry("checkpoint_fullfsync", "1");
      }
    });
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "3.6.23, false",
    "3.7.0, true",
    "3.38.0, true",
    "3.43.9, true",
    "3.44.5, true",
    "3.44.6, false",
    "3.44.7, false",
    "3.45.0, true",
    "3.49.2, true",
    "3.50.6, true",
    "3.50.7, false",
    "3.51.0, true",
    "3.51.2, true",
    "3.51.3, false",
    "3.52.0, false",
    "3.53.4, false",
    "4.0.0, false",
    "unreadable, true",
  })
  void version_of_sqlite_that_may_corrupt_its_file_is_warned_of(String version, boolean warned) {
    isOnly(
        SqliteDialect.warnings(version, settings("synchronous=2; journal_mode=wal")),
        warned ? "SQLite " + version + " has the WAL-reset bug" : null);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      synchronous=2; journal_mode=wal    |
      synchronous=3; journal_mode=wal    |
      synchronous=1; journal_mode=wal    | synchronous is below FULL
      synchronous=0; journal_mode=wal    | synchronous is below FULL
      synchronous=2; journal_mode=off    | journal_mode is off
      synchronous=2; journal_mode=memory | journal_mode is memory
      """)
  void settings_of_sqlite_are_warned_of(String settings, @Nullable String expected) {
    isOnly(SqliteDialect.warnings("3.53.4", settings(settings)), expected);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      jdbc:h2:file:                | WRITE_DELAY is 500, so commits wait
      jdbc:h2:file:;WRITE_DELAY=1  | WRITE_DELAY is 1, so commits wait
      jdbc:h2:file:;WRITE_DELAY=0  | WRITE_DELAY is 0, so a killed process loses nothing
      jdbc:h2:mem:                 | this database is in memory
      """)
  void h2_is_always_warned_of(String url, String expected) {
    String options = url.substring(url.lastIndexOf(':') + 1);
    String database = url.contains("mem")
        ? "jdbc:h2:mem:" + Said.id().value() + ";DB_CLOSE_DELAY=-1"
        : H2Files.freshUrl() + options;
    List<String> warnings =
        warningsWhile(() -> JdbiMessageStore.create(H2Files.source(database)).close());
    isOnly(warnings, "H2 is for tests and for trying: " + expected);
  }

  /** What the warning promises of WRITE_DELAY=0; with H2's default what was said last is gone. */
  @Test
  void h2_that_does_not_wait_with_writing_keeps_what_a_killed_process_committed()
      throws IOException, InterruptedException {
    String url = H2Files.freshUrl() + ";WRITE_DELAY=0";
    ChannelName room = Said.room();
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            H2Halt.class.getName(),
            url,
            room.value())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(H2Halt.EXIT);
    } finally {
      process.destroyForcibly();
    }
    try (JdbiMessageStore store = JdbiMessageStore.create(H2Files.source(url))) {
      assertThat(Said.all(store, room)).hasSize(H2Halt.SAID);
    }
  }

  /** There is one warning that begins so and says what to do, or none. */
  private static void isOnly(List<String> warnings, @Nullable String beginning) {
    if (beginning == null) {
      assertThat(warnings).isEmpty();
    } else {
      assertThat(warnings)
          .singleElement()
          .asString()
          .startsWith(beginning)
          .matches("[^;]+; (set it to|use) [^;]+\\.");
    }
  }

  private static Map<String, String> settings(String text) {
    Map<String, String> settings = new HashMap<>();
    for (String setting : text.split("; *", -1)) {
      int equals = setting.indexOf('=');
      settings.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    return settings;
  }
}
