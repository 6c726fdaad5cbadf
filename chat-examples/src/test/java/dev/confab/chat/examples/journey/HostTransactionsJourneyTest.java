package dev.confab.chat.examples.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.ChatBuilder;
import dev.confab.chat.examples.docs.Orders;
import dev.confab.chat.model.Limits;
import dev.confab.chat.model.UserId;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An order and its messages: who is connected sees them as soon as the order is there, and never without it. */
@ExtendWith(LeavesNoThread.class)
final class HostTransactionsJourneyTest {
  private static final UserId CUSTOMER = UserId.of(Users.idOf("user1"));

  @Test
  void order_in_the_pool_of_the_application_is_told_once_it_is_committed() throws SQLException {
    DataSource pool = Databases.source(Databases.newDatabase());
    JdbiMessageStore store = JdbiMessageStore.create(pool);
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create table orders (id varchar(64) primary key)");
    }
    try (Venue venue = Venue.open(builder -> unwatched(builder, store))) {
      Orders orders = new Orders(venue.chat(), store);
      journey(venue, order -> orders.place(pool, order, CUSTOMER));
    }
  }

  @Test
  void order_in_the_file_of_the_chat_is_told_once_it_is_committed(@TempDir Path folder)
      throws SQLException {
    JdbiMessageStore store = JdbiMessageStore.sqlite(folder.resolve("chat.db"));
    store.transaction(connection -> {
      try (Statement statement = connection.createStatement()) {
        return statement.execute("create table orders (id text primary key)");
      }
    });
    try (Venue venue = Venue.open(builder -> unwatched(builder, store))) {
      Orders orders = new Orders(venue.chat(), store);
      journey(venue, order -> orders.place(order, CUSTOMER));
    }
  }

  /** Nothing is found by looking: what is seen was told. */
  private static void unwatched(ChatBuilder builder, MessageStore store) {
    builder.store(store).limits(Limits.builder().watchPeriod(Duration.ofDays(1)).build());
  }

  private interface Place {
    void place(String order) throws SQLException;
  }

  private static void journey(Venue venue, Place orders) throws SQLException {
    try (Visitor customer = venue.v1("user1");
        Visitor cook = venue.v1("user2")) {
      customer.good("subscribe", "\"user_" + CUSTOMER.value() + "\"");
      cook.good("subscribe", "\"room_kitchen\"");
      orders.place("7");
      assertThat(customer.text()).isEqualTo("Thank you for order 7");
      assertThat(cook.text()).isEqualTo("Cook 7");
      // The same order again: the row is refused, and nobody hears of it.
      assertThatThrownBy(() -> orders.place("7")).isInstanceOf(SQLException.class);
      orders.place("8");
      assertThat(customer.text()).isEqualTo("Thank you for order 8");
      assertThat(cook.text()).isEqualTo("Cook 8");
    }
  }
}
