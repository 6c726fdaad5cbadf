package dev.confab.chat.store.jdbi;

import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Json;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.testkit.MessageStoreContract;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Several stores on one database of a real PostgreSQL. */
class PostgresqlMessageStoreTest extends MessageStoreContract {
  private static PostgresqlServer.Database database;
  private static HikariDataSource pool;

  @BeforeAll
  static void make_the_database() {
    database = PostgresqlServer.database();
    pool = database.pool(16);
    JdbiMessageStore.create(pool).close();
  }

  @AfterAll
  static void close_the_pool() {
    pool.close();
  }

  @Override
  protected Set<Ability> abilities() {
    return EnumSet.allOf(Ability.class);
  }

  @Override
  protected MessageStore open() {
    return JdbiMessageStore.builder(pool).schema(JdbiMessageStore.Tables.VERIFY).build();
  }

  @Override
  protected UntilClosed hold(ChannelName channel) {
    return Holding.hold(database.direct(), channel);
  }

  @Override
  protected void trim(ChannelName channel, long upTo) {
    RealTrimming.trim(JdbiMessageStore.builder(pool), channel, upTo);
  }

  @Override
  protected MessageStore openLosing(Loss loss) {
    return JdbiMessageStore.create(Watched.dataSource(pool, Watched.once("commit", (real, sql) -> {
      if (loss == Loss.COMMITTED) {
        real.commit();
      }
      // The socket is gone; whatever is asked next fails as it does then.
      real.abort(Runnable::run);
      throw new SQLException("An I/O error occurred while sending to the backend.", "08006");
    })));
  }

  @Override
  protected UntilClosed takeAway() {
    database.takeAway();
    return () -> {
      database.giveBack();
      // The pool tries again at intervals of its own.
      await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> {
        pool.getConnection().close();
        return true;
      });
    };
  }

  @Override
  protected Draft poison(ChannelName channel) {
    // Not the six characters that stand for it in JSON, but the character itself: PostgreSQL takes
    // it in no text.
    return Draft.message(
        channel,
        EntryId.random(RandomGenerator.getDefault()),
        Optional.empty(),
        Optional.empty(),
        Json.recorded("\"\0\""));
  }

  @Override
  protected boolean exists(ChannelName channel) {
    return database.lines("select name from chat_channel").contains(channel.value());
  }
}
