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

/** Several stores on one database of a real MariaDB. */
class MariadbMessageStoreTest extends MessageStoreContract {
  private static MariadbServer.Database database;
  private static TcpGate gate;
  private static HikariDataSource pool;

  @BeforeAll
  static void make_the_database() {
    database = MariadbServer.database();
    gate = new TcpGate(MariadbServer.port());
    pool = Sources.pool(database.through(gate.port()), 16);
    JdbiMessageStore.create(pool).close();
    database.run("create trigger poison before insert on chat_entry for each row"
        + " if new.data = '\"poison\"' then signal sqlstate '45000'; end if");
  }

  @AfterAll
  static void close_the_pool() {
    pool.close();
    gate.close();
  }

  @Override
  protected Set<Ability> abilities() {
    return EnumSet.of(
        Ability.SEVERAL_INSTANCES,
        Ability.HOLD,
        Ability.TRIM,
        Ability.LOSE_ANSWER,
        Ability.TAKE_AWAY,
        Ability.POISON,
        Ability.SEE_CHANNELS);
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
      throw new SQLException("(conn=1) Socket error", "08000");
    })));
  }

  @Override
  protected UntilClosed takeAway() {
    gate.shut();
    return () -> {
      gate.open();
      // The pool tries again at intervals of its own.
      await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> {
        pool.getConnection().close();
        return true;
      });
    };
  }

  @Override
  protected Draft poison(ChannelName channel) {
    return Draft.message(
        channel,
        EntryId.random(RandomGenerator.getDefault()),
        Optional.empty(),
        Optional.empty(),
        Json.string("poison"));
  }

  @Override
  protected boolean exists(ChannelName channel) {
    return database
        .lines("select convert(name using utf8mb4) from chat_channel")
        .contains(channel.value());
  }
}
