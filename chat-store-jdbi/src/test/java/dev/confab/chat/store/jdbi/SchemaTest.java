package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.item;
import static dev.confab.chat.store.jdbi.Said.recorded;
import static dev.confab.chat.store.jdbi.Said.room;
import static dev.confab.chat.store.jdbi.Said.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How the tables come to be, on each database. */
class SchemaTest {
  private static final String ALL_MISSING =
      "The database lacks index chat_entry_key, table chat_channel, table chat_entry, table chat_key.";

  enum Kind {
    POSTGRESQL {
      @Override
      Place fresh() {
        PostgresqlServer.Database database = PostgresqlServer.database();
        // Whatever the server's default is: who waited for the lock has to see what the other made.
        return new Served(
            () -> JdbiMessageStore.builder(
                database.direct("-c default_transaction_isolation=serializable")),
            database.direct());
      }
    },
    MARIADB {
      @Override
      Place fresh() {
        MariadbServer.Database database = MariadbServer.database();
        return new Served(
            () -> JdbiMessageStore.builder(
                database.direct("&sessionVariables=transaction_isolation='SERIALIZABLE'")),
            database.direct());
      }

      @Override
      String dropIndex() {
        return "drop index chat_entry_key on chat_entry";
      }
    },
    H2 {
      @Override
      Place fresh() {
        DataSource database = H2Files.fresh();
        return new Served(() -> JdbiMessageStore.builder(database), database);
      }
    },
    SQLITE {
      @Override
      Place fresh() {
        Path file = SqliteFiles.fresh();
        return new Place() {
          @Override
          public JdbiMessageStore.Builder store() {
            return JdbiMessageStore.sqliteBuilder(file);
          }

          @Override
          public void run(String... statements) {
            SqliteFiles.run(file, statements);
          }

          @Override
          public List<String> lines(String query) {
            return SqliteFiles.lines(file, query);
          }

          @Override
          public DataSource source() {
            throw new UnsupportedOperationException("SQLite is used by its file");
          }
        };
      }
    };

    abstract Place fresh();

    String dropIndex() {
      return "drop index chat_entry_key";
    }

    /** The statements of the file in the jar, as another tool would run them. */
    String[] file() {
      String path = "/db/confab/" + name().toLowerCase(java.util.Locale.ROOT) + "/V1__chat.sql";
      try (InputStream in = SchemaTest.class.getResourceAsStream(path)) {
        String sql = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        return sql.replaceAll("(?m)--.*$", "").strip().split(";");
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** An empty database. */
  interface Place {
    JdbiMessageStore.Builder store();

    /** Opens a new connection each time. */
    DataSource source();

    default void run(String... statements) {
      Sources.run(source(), statements);
    }

    default List<String> lines(String query) {
      return Sources.lines(source(), query);
    }

    default JdbiMessageStore verified() {
      return store().schema(JdbiMessageStore.Tables.VERIFY).build();
    }
  }

  private record Served(Supplier<JdbiMessageStore.Builder> stores, DataSource source)
      implements Place {
    @Override
    public JdbiMessageStore.Builder store() {
      return stores.get();
    }
  }

  @ParameterizedTest
  @EnumSource
  void missing_tables_are_made_once_and_noted(Kind kind) {
    Place place = kind.fresh();
    place.store().build().close();
    List<String> noted = place.lines("select checksum from chat_schema where version = 1");
    assertThat(noted).singleElement().asString().hasSize(64);

    try (JdbiMessageStore store = place.store().build()) {
      assertThat(recorded(say(store, item(room())), 0).seq()).isEqualTo(1);
    }
    assertThat(place.lines("select version from chat_schema")).containsExactly("1");
  }

  @ParameterizedTest
  @EnumSource
  void stores_that_start_at_once_on_an_empty_database_make_the_tables_once(Kind kind)
      throws Exception {
    Place place = kind.fresh();
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<CompletableFuture<Void>> starts = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        starts.add(CompletableFuture.runAsync(
            () -> {
              try (JdbiMessageStore store = place.store().build()) {
                say(store, item(room()));
              }
            },
            threads));
      }
      for (CompletableFuture<Void> start : starts) {
        start.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(place.lines("select version from chat_schema")).containsExactly("1");
    assertThat(place.lines("select count(*) from chat_channel")).containsExactly("6");
  }

  @ParameterizedTest
  @EnumSource
  void verifying_an_empty_database_names_all_that_is_missing_and_makes_nothing(Kind kind) {
    Place place = kind.fresh();
    assertThatThrownBy(place::verified)
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageStartingWith(ALL_MISSING)
        .hasMessageContaining("db/confab/" + kind.name().toLowerCase(java.util.Locale.ROOT));
    assertThatThrownBy(place::verified).hasMessageStartingWith(ALL_MISSING);
  }

  @ParameterizedTest
  @EnumSource
  void verifying_names_a_missing_column_and_a_missing_index(Kind kind) {
    Place place = kind.fresh();
    place.store().build().close();
    place.run(kind.dropIndex(), "alter table chat_channel drop column floor_id");

    assertThatThrownBy(place::verified)
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageStartingWith(
            "The database lacks column chat_channel.floor_id, index chat_entry_key.");
  }

  @ParameterizedTest
  @EnumSource
  void files_run_by_another_tool_verify_and_are_adopted(Kind kind) {
    Place place = kind.fresh();
    place.run(kind.file());
    try (JdbiMessageStore store = place.verified()) {
      say(store, item(room()));
    }

    try (JdbiMessageStore store = place.store().build()) {
      say(store, item(room()));
    }
    assertThat(place.lines("select version from chat_schema")).containsExactly("1");
    assertThat(place.lines("select count(*) from chat_channel")).containsExactly("2");
  }

  @ParameterizedTest
  @EnumSource
  void schema_that_another_file_made_is_refused(Kind kind) {
    Place place = kind.fresh();
    place.store().build().close();
    place.run("update chat_schema set checksum = 'other'");
    assertThatThrownBy(() -> place.store().build())
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("V1__chat.sql");
  }

  @ParameterizedTest
  @EnumSource
  void schema_of_a_newer_library_is_refused(Kind kind) {
    Place place = kind.fresh();
    place.store().build().close();
    place.run("insert into chat_schema values (2, 0, 'future')");
    assertThatThrownBy(() -> place.store().build())
        .isExactlyInstanceOf(StoreException.class)
        .hasMessageContaining("[2]");
  }

  @ParameterizedTest
  @EnumSource
  void closed_store_fails_and_says_why(Kind kind) {
    JdbiMessageStore store = kind.fresh().store().build();
    store.close();
    assertThatThrownBy(() -> say(store, item(room())))
        .isExactlyInstanceOf(StoreUnavailableException.class)
        .hasMessage("The store is closed");
    assertThatThrownBy(() -> store.heads(List.of()))
        .isExactlyInstanceOf(StoreUnavailableException.class);
  }

  /** Who gets the lock next would else find tables that nobody noted, and note them a second time. */
  @Test
  void lock_of_mariadb_is_given_back_only_when_what_was_noted_can_be_seen() {
    MariadbServer.Database database = MariadbServer.database();
    List<String> seen = new ArrayList<>();
    Watched.Moment look = (real, sql) -> {
      if (sql.contains("release_lock")) {
        seen.addAll(database.lines("select version from chat_schema"));
      }
    };
    JdbiMessageStore.create(Watched.dataSource(database.direct(), look)).close();
    assertThat(seen).containsExactly("1");
    assertThat(database.ask("select is_free_lock(concat('confab.', md5(database())))"))
        .isEqualTo("1");
  }

  /** A start that died in between has left some of the tables, because each is committed on its own. */
  @ParameterizedTest
  @EnumSource(names = {"MARIADB", "H2"})
  void start_that_died_half_way_is_made_good_by_the_next(Kind kind) {
    Place place = kind.fresh();
    place.run(kind.file()[0]);
    place.store().build().close();
    try (JdbiMessageStore store = place.verified()) {
      assertThat(recorded(say(store, item(room())), 0).seq()).isEqualTo(1);
    }
  }

  @Test
  void schema_that_can_not_be_made_leaves_no_lock_of_mariadb_behind() throws Exception {
    MariadbServer.Database database = MariadbServer.database();
    database.run("create table chat_entry (n int)");
    try (Connection connection = database.direct().getConnection()) {
      assertThatThrownBy(() -> JdbiMessageStore.create(new OneConnection(connection)))
          .isExactlyInstanceOf(StoreException.class)
          .hasMessageContaining("column chat_entry.seq");
      assertThat(connection.isValid(5)).isTrue();
      assertThat(database.ask("select is_free_lock(concat('confab.', md5(database())))"))
          .isEqualTo("1");
    }
  }
}
