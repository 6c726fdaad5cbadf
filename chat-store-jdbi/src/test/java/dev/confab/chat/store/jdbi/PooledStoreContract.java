package dev.confab.chat.store.jdbi;

import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Draft;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.testkit.MessageStoreContract;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import javax.sql.DataSource;

/** What stores keep that share one pool of connections to a database of a server, which refuses the data {@code "poison"}. */
abstract class PooledStoreContract extends MessageStoreContract {
  abstract HikariDataSource pool();

  /** Connections beside the pool. */
  abstract DataSource direct();

  /** What the driver says of a commit when the socket is gone. */
  abstract SQLException lostSocket();

  /** Ends the pool's connections, and lets it have no other. */
  abstract void cutOff();

  abstract void letIn();

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
  protected final MessageStore open() {
    return JdbiMessageStore.builder(pool())
        .schema(JdbiMessageStore.Tables.VERIFY)
        .build();
  }

  @Override
  protected final UntilClosed hold(ChannelName channel) {
    return Holding.hold(direct(), channel);
  }

  @Override
  protected final void trim(ChannelName channel, long upTo) {
    RealTrimming.trim(JdbiMessageStore.builder(pool()), channel, upTo);
  }

  @Override
  protected final MessageStore openLosing(Loss loss) {
    return JdbiMessageStore.create(Watched.dataSource(
        pool(), Watched.once("commit", (real, sql) -> {
          if (loss == Loss.COMMITTED) {
            real.commit();
          }
          // The socket is gone; whatever is asked next fails as it does then.
          real.abort(Runnable::run);
          throw lostSocket();
        })));
  }

  @Override
  protected final UntilClosed takeAway() {
    cutOff();
    return () -> {
      letIn();
      // The pool tries again at intervals of its own.
      await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> {
        pool().getConnection().close();
        return true;
      });
    };
  }

  @Override
  protected Draft poison(ChannelName channel) {
    return Said.poison(channel);
  }
}
