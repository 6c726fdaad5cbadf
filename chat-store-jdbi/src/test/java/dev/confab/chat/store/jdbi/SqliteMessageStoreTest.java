package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Draft;
import dev.confab.chat.spi.MessageStore;
import dev.confab.chat.testkit.MessageStoreContract;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;

/** Several stores on one SQLite file. */
class SqliteMessageStoreTest extends MessageStoreContract {
  private static Path file;

  @BeforeAll
  static void make_the_file() {
    file = SqliteFiles.fresh();
    JdbiMessageStore.sqlite(file).close();
    SqliteFiles.run(
        file,
        "create trigger poison before insert on chat_entry when new.data = '\"poison\"'"
            + " begin select raise(abort, 'poisoned'); end");
  }

  /** No HOLD, because SQLite has one writer, and no TAKE_AWAY, because a file that is open can not be taken away. */
  @Override
  protected Set<Ability> abilities() {
    return EnumSet.of(
        Ability.SEVERAL_INSTANCES,
        Ability.TRIM,
        Ability.LOSE_ANSWER,
        Ability.POISON,
        Ability.SEE_CHANNELS);
  }

  @Override
  protected MessageStore open() {
    return JdbiMessageStore.sqlite(file);
  }

  @Override
  protected void trim(ChannelName channel, long upTo) {
    RealTrimming.trim(JdbiMessageStore.sqliteBuilder(file), channel, upTo);
  }

  @Override
  protected MessageStore openLosing(Loss loss) {
    return SqliteFiles.watched(file, Watched.once("commit", (real, sql) -> {
      if (loss == Loss.COMMITTED) {
        SqliteDialect.run(real, "commit");
      }
      throw new SQLException("[SQLITE_IOERR_FSYNC] Error reported by fsync()", null, 10);
    }));
  }

  @Override
  protected Draft poison(ChannelName channel) {
    return Said.poison(channel);
  }

  @Override
  protected boolean exists(ChannelName channel) {
    return SqliteFiles.lines(file, "select name from chat_channel").contains(channel.value());
  }
}
