package dev.confab.chat.store.jdbi;

import static dev.confab.chat.store.jdbi.Said.all;
import static dev.confab.chat.store.jdbi.Said.append;
import static dev.confab.chat.store.jdbi.Said.item;
import static dev.confab.chat.store.jdbi.Said.recorded;
import static dev.confab.chat.store.jdbi.Said.room;
import static dev.confab.chat.store.jdbi.Said.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import dev.confab.chat.spi.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What breaks around a store on H2, beside what the contract breaks. */
class H2TroubleTest {
  private final DataSource database = H2Files.fresh();

  @Test
  void connections_with_another_isolation_are_refused_naming_what_is_needed() throws Exception {
    JdbiMessageStore.create(database).close();
    try (Connection connection = database.getConnection()) {
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      JdbiMessageStore store = JdbiMessageStore.builder(new OneConnection(connection))
          .schema(JdbiMessageStore.Tables.VERIFY)
          .build();
      assertThatThrownBy(() -> say(store, item(room())))
          .isExactlyInstanceOf(StoreException.class)
          .hasMessageContaining("READ COMMITTED");
    }
  }

  @Test
  void transaction_that_the_database_sacrificed_is_repeated_silently() {
    AtomicInteger attempts = new AtomicInteger();
    JdbiMessageStore unlucky = JdbiMessageStore.create(Watched.dataSource(database, (real, sql) -> {
      if (sql.contains("insert into chat_entry") && attempts.incrementAndGet() == 1) {
        throw new SQLException("Deadlock detected", "40001", 40001);
      }
    }));
    ChannelName room = room();
    assertThat(recorded(say(unlucky, item(room)), 0).seq()).isEqualTo(1);
    assertThat(attempts).hasValue(2);
    assertThat(all(unlucky, room)).hasSize(1);
  }

  @Test
  void name_that_another_transaction_is_creating_is_held() throws Exception {
    JdbiMessageStore store = JdbiMessageStore.create(database);
    ChannelName taken = room();
    try (Connection host = database.getConnection();
        Statement statement = host.createStatement()) {
      host.setAutoCommit(false);
      statement.execute("insert into chat_channel (name, created_at) values ('" + taken + "', 0)");
      Appended appended = store.append(append(Duration.ZERO, item(taken), item(room())));
      assertThat(appended.outcomes().get(0)).isEqualTo(new Outcome.Held(taken));
      assertThat(recorded(appended, 1).seq()).isEqualTo(1);
    }
    assertThat(recorded(say(store, item(taken)), 0).seq()).isEqualTo(1);
  }

  @Test
  void data_of_a_mebibyte_comes_back_whole() {
    JdbiMessageStore store = JdbiMessageStore.create(database);
    ChannelName room = room();
    Json huge = Json.string("\ud83d\ude00".repeat(200_000));
    say(store, Item.of(item(room).draft().withData(huge)));
    assertThat(all(store, room))
        .singleElement()
        .satisfies(entry -> assertThat(entry.data().text()).isEqualTo(huge.text()));
  }
}
