package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.chat.spi.StoreUnavailableException;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import org.junit.jupiter.api.Test;

/** What becomes of failures that no test can bring about in a real database whenever it likes. */
class TransactionsTest {
  private final Transactions transactions =
      new Transactions(new PostgresqlDialect(), new PooledLeases(H2Files.fresh()));

  @Test
  void read_that_the_database_sacrificed_says_that_it_can_be_tried_again() {
    // It came out as an exception that nobody outside knows, and was answered as a bug: a single
    // statement is a transaction too, and one of a pool with SERIALIZABLE, or on a server that is
    // just being promoted, may be ended for the sake of others.
    SQLException sacrificed = new SQLTransactionRollbackException("could not serialize", "40001");
    assertThatThrownBy(() -> transactions.read(connection -> {
          throw sacrificed;
        }))
        .isInstanceOf(StoreUnavailableException.class)
        .hasCause(sacrificed);
  }
}
