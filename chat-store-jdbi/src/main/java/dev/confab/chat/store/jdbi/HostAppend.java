package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.spi.HostTransactions.Stretch;
import dev.confab.chat.spi.MessageStore.Append;
import dev.confab.chat.spi.MessageStore.Appended;
import dev.confab.chat.spi.MessageStore.Item;
import dev.confab.chat.spi.MessageStore.Outcome;
import dev.confab.chat.spi.StoreException;
import dev.confab.chat.spi.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Consumer;

/**
 * Writes messages in a transaction that is the host's: it neither begins nor ends it, leaves its settings as they were, and
 * takes back what it has done if it fails. Used by one thread, once.
 */
final class HostAppend {
  private static final String SAVEPOINT = "confab_posting";

  private final SqlDialect dialect;
  private final Transactions own;
  private final Duration keyLife;
  private final Duration patience;
  private final Connection connection;
  private final List<Item> items;

  /** @param own for what has to be done in another transaction than the host's */
  HostAppend(
      SqlDialect dialect,
      Transactions own,
      Duration keyLife,
      Duration patience,
      Connection connection,
      List<Draft> drafts) {
    this.dialect = dialect;
    this.own = own;
    this.keyLife = keyLife;
    this.patience = patience;
    this.connection = connection;
    this.items = HostItems.of(drafts);
  }

  /** Writes; all or nothing. */
  Posting write(Consumer<Posting> whenCommitted) {
    boolean begun = false;
    try {
      requireOurs();
      dialect.requireHostTransaction(connection);
      SqlDialect.run(connection, "savepoint " + SAVEPOINT);
      begun = true;
      Posting posting = append(whenCommitted);
      SqlDialect.run(connection, "release savepoint " + SAVEPOINT);
      return posting;
    } catch (SQLException | RuntimeException failure) {
      if (!begun && failure instanceof StoreException refused) {
        throw refused;
      }
      throw told(failure, begun && takenBack());
    }
  }

  private void requireOurs() throws SQLException {
    if (connection.isClosed()) {
      throw new StoreException(
          "Expected a connection with an open transaction, got one that is closed.");
    }
    String product = connection.getMetaData().getDatabaseProductName();
    if (!dialect.isOf(product)) {
      throw new StoreException("Expected a connection to the database this store uses, got one to "
          + product + ": messages can only be recorded together with rows of the same database.");
    }
  }

  private Posting append(Consumer<Posting> whenCommitted) throws SQLException {
    SortedSet<ChannelName> names = AppendPlan.channels(items);
    Map<ChannelName, ChannelRow> rows =
        dialect.lockForHost(connection, names, patience, Instant.now(), missing -> create(missing));
    Set<ChannelName> missing = new HashSet<>(names);
    missing.removeAll(rows.keySet());
    if (!missing.isEmpty()) {
      throw new StoreUnavailableException(
          "Another transaction is creating " + missing + " and does not come to an end.");
    }
    // Only now: what waited for its place bears the time it got it.
    Append append = Append.of(items, Instant.now());
    AppendPlan plan = new AppendPlan(append, new Locked(rows, Set.of()));
    Set<KeyRow> wanted = plan.wantedKeys();
    if (!wanted.isEmpty()) {
      plan.known(dialect.keys(connection, wanted, append.at().minus(keyLife)));
    }
    Appended appended = plan.decide();
    if (!plan.entries().isEmpty()) {
      dialect.write(connection, plan.entries(), plan.heads());
    }
    dialect.hostHasWritten(connection);
    return new Posting(receipts(appended), stretches(plan, appended), whenCommitted);
  }

  /** In a transaction of its own on a connection of its own: creating begins anew when it must, and commits. */
  private void create(Collection<ChannelName> missing) {
    own.write(another -> {
      dialect.lock(another, missing, Duration.ZERO, Optional.of(Instant.now()));
      return new Transactions.Prepared<>(true, Map.of());
    });
  }

  private static List<Receipt> receipts(Appended appended) {
    List<Receipt> receipts = new ArrayList<>(appended.outcomes().size());
    for (Outcome outcome : appended.outcomes()) {
      if (outcome instanceof Outcome.Recorded recorded) {
        receipts.add(new Receipt(
            recorded.entry().channel(),
            recorded.entry().seq(),
            recorded.entry().id(),
            recorded.entry().at(),
            false));
      } else if (outcome instanceof Outcome.Duplicate duplicate) {
        receipts.add(duplicate.receipt());
      } else {
        throw new IllegalStateException("A channel that is locked is held by nobody else");
      }
    }
    return receipts;
  }

  private static List<Stretch> stretches(AppendPlan plan, Appended appended) {
    List<Stretch> stretches = new ArrayList<>();
    for (ChannelRow head : plan.heads()) {
      Cursor previous = Objects.requireNonNull(appended.previous().get(head.name()));
      stretches.add(new Stretch(head.name(), previous, head.cursor()));
    }
    return stretches;
  }

  /** True if the host's transaction is as it was, but for the locks some databases keep. */
  private boolean takenBack() {
    try {
      SqlDialect.run(connection, "rollback to savepoint " + SAVEPOINT);
      SqlDialect.run(connection, "release savepoint " + SAVEPOINT);
      return true;
    } catch (SQLException | RuntimeException gone) {
      return false;
    }
  }

  private StoreException told(Exception failure, boolean usable) {
    String then = usable
        ? " None of the messages is in the transaction, which can be used on."
        : " The transaction can not be used on: roll it back.";
    if (failure instanceof StoreUnavailableException known) {
      return new StoreUnavailableException(known.getMessage() + then, known);
    }
    if (failure instanceof StoreException known) {
      return new StoreException(known.getMessage() + then, known);
    }
    if (Transactions.find(failure, dialect::repeatable)) {
      return new StoreUnavailableException(
          "The database ended a deadlock, or a conflict, at the cost of this transaction: roll it"
              + " back and begin it anew. Who records in several channels does best with one append"
              + " for all, which takes them in one order.",
          failure);
    }
    if (Transactions.find(failure, dialect::waitedInVain)) {
      return new StoreUnavailableException(
          dialect.whyInVain(patience, AppendPlan.channels(items)) + then, failure);
    }
    if (Transactions.find(failure, dialect::tableMissing)) {
      return new StoreException(
          "Expected a connection to the database this store uses, got one on which the tables"
              + " chat_channel and chat_entry can not be found: is it another database or schema?"
              + then,
          failure);
    }
    if (Transactions.find(failure, dialect::connectionFailed)
        || Transactions.find(failure, dialect::unavailable)) {
      return new StoreUnavailableException(
          "The messages could not be written: the database can not be used now." + then, failure);
    }
    return new StoreException("The database refused the messages." + then, failure);
  }
}
