package dev.confab.chat.store.jdbi;

import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Authenticator;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;

/**
 * Logs people in by name and password from a table of users whose passwords are hashed with bcrypt. Hashes of Laravel and
 * PHP ({@code $2y$}) are taken as they are, so that an existing table can be used.
 *
 * <p>A password is looked at as bcrypt does it everywhere: its first 72 bytes of UTF-8.
 *
 * <p><b>Threads.</b> Any. The database is asked on the caller's thread; hashing, which is meant to be slow, is done by
 * threads of its own, one per processor, so that many logins at once do not take the machine from the messages. More than
 * a thousand waiting logins are refused with {@code OVERLOADED}.
 *
 * <p><b>Errors.</b> A database that can not be asked is {@code UNAVAILABLE}. Tokens are {@code TOKEN_INVALID}, and what only
 * a handshake proved is {@code NOT_AUTHENTICATED}.
 */
public final class JdbiAuthenticator implements Authenticator, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(JdbiAuthenticator.class.getName());
  private static final AtomicInteger THREADS = new AtomicInteger();

  private final Jdbi jdbi;
  private final String query;
  private final ThreadPoolExecutor hashing;

  /** The cost of the hash compared last: what comparing with no hash at all has to cost as well. */
  private final AtomicInteger cost;

  private JdbiAuthenticator(Builder builder) {
    jdbi = builder.jdbi;
    query = builder.query;
    cost = new AtomicInteger(builder.cost);
    hashing = new ThreadPoolExecutor(
        builder.threads,
        builder.threads,
        10,
        TimeUnit.SECONDS,
        new ArrayBlockingQueue<>(builder.waiting),
        task -> {
          Thread thread = new Thread(task, "chat-login-" + THREADS.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
    hashing.allowCoreThreadTimeOut(true);
  }

  /** On the table {@code users} of the database this pool leads to, with the defaults of {@link Builder}. */
  public static JdbiAuthenticator create(DataSource pool) {
    return builder(Jdbi.create(pool)).build();
  }

  /** On the table {@code users} of this database, with the defaults of {@link Builder}. */
  public static JdbiAuthenticator create(Jdbi jdbi) {
    return builder(jdbi).build();
  }

  /** For another query or other bounds. */
  public static Builder builder(Jdbi jdbi) {
    return new Builder(jdbi);
  }

  @Override
  public Identity authenticate(Credentials credentials) {
    if (credentials instanceof Credentials.Password password) {
      return authenticate(password);
    }
    throw new RefusedException(
        credentials instanceof Credentials.Token
            ? ErrorCode.TOKEN_INVALID
            : ErrorCode.NOT_AUTHENTICATED);
  }

  private Identity authenticate(Credentials.Password password) {
    Optional<UserRow> user = canBeName(password.name()) ? find(password.name()) : Optional.empty();
    OptionalInt known = user.map(found -> Passwords.cost(found.hash)).orElse(OptionalInt.empty());
    if (user.isPresent() && known.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "The password of user {0} is not hashed with bcrypt at a cost of {1} to {2}: no login",
          user.get().id,
          Passwords.MIN_COST,
          Passwords.MAX_COST);
    }
    boolean right = known.isPresent()
        ? hashed(() -> Passwords.matches(password.password(), user.orElseThrow().hash))
        : hashed(() -> pretend(password.password()));
    known.ifPresent(cost::set);
    if (!right) {
      throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
    }
    UserRow found = user.orElseThrow();
    return Identity.of(found.id, found.name);
  }

  /** As much work as comparing, so that the time an answer takes does not tell whether there is such a user. */
  private boolean pretend(String password) {
    Passwords.hash(password, cost.get());
    return false;
  }

  /** Nothing a table could hold: some databases fail on such texts instead of not finding them. */
  private static boolean canBeName(String name) {
    return name.length() <= UserRef.MAX_NAME_CHARS
        && name.codePoints()
            .noneMatch(point -> Character.getType(point) == Character.CONTROL
                || Character.getType(point) == Character.SURROGATE);
  }

  private Optional<UserRow> find(String name) {
    try {
      return jdbi.withHandle(handle -> handle
          .createQuery(query)
          .bind(0, name)
          .map((row, context) -> {
            String hash = row.getString(3);
            return new UserRow(row.getString(1), row.getString(2), hash == null ? "" : hash);
          })
          .findFirst());
    } catch (JdbiException failure) {
      // Not Jdbi's own message, which quotes the name: people type passwords there.
      LOG.log(System.Logger.Level.WARNING, "The users can not be looked up", failure.getCause());
      throw new RefusedException(ErrorCode.UNAVAILABLE);
    }
  }

  private boolean hashed(java.util.concurrent.Callable<Boolean> work) {
    Future<Boolean> result;
    try {
      result = hashing.submit(work);
    } catch (RejectedExecutionException full) {
      if (hashing.isShutdown()) {
        throw new RefusedException(ErrorCode.UNAVAILABLE);
      }
      throw new RefusedException(Refusal.of(ErrorCode.OVERLOADED).after(Duration.ofSeconds(1)));
    }
    try {
      return result.get();
    } catch (InterruptedException interrupted) {
      result.cancel(true);
      Thread.currentThread().interrupt();
      throw new RefusedException(ErrorCode.UNAVAILABLE);
    } catch (CancellationException closed) {
      throw new RefusedException(ErrorCode.UNAVAILABLE);
    } catch (ExecutionException failure) {
      // Without the failure itself: a library's message may hold what it was given.
      Throwable cause = failure.getCause();
      throw new IllegalStateException(
          "Hashing failed" + (cause == null ? "" : " with " + cause.getClass().getName()));
    }
  }

  /** Ends its threads; logins that wait are refused with {@code UNAVAILABLE}. */
  @Override
  public void close() {
    for (Runnable waiting : hashing.shutdownNow()) {
      ((Future<?>) waiting).cancel(false);
    }
  }

  /** A row of the users table. No record: it would print its hash. */
  private static final class UserRow {
    private final String id;
    private final String name;
    private final String hash;

    UserRow(String id, String name, String hash) {
      this.id = id;
      this.name = name;
      this.hash = hash;
    }
  }

  /** The settings of an authenticator. Not safe for use by several threads. */
  public static final class Builder {
    private final Jdbi jdbi;
    private String query = "select id, name, password from users where name = ?";
    private int threads = Runtime.getRuntime().availableProcessors();
    private int waiting = 1_000;
    private int cost = JdbiUsers.COST;

    private Builder(Jdbi jdbi) {
      this.jdbi = jdbi;
    }

    /**
     * Finds a user: one parameter, the name; columns in this order: id, name to show, hash. Default
     * {@code select id, name, password from users where name = ?}.
     */
    public Builder query(String sql) {
      query = sql;
      return this;
    }

    /** How many threads hash; default one per processor, 1 to 64. */
    public Builder threads(int value) {
      threads = range("threads", value, 1, 64);
      return this;
    }

    /** How many logins may wait for them; default 1,000, 1 to 100,000. */
    public Builder waiting(int value) {
      waiting = range("waiting", value, 1, 100_000);
      return this;
    }

    /**
     * The cost of the hashes in the table, for names that are not in it, until a hash was seen; default 12, 4 to 16.
     */
    public Builder cost(int value) {
      cost = range("cost", value, Passwords.MIN_COST, Passwords.MAX_COST);
      return this;
    }

    /** An authenticator; it asks the database nothing yet. */
    public JdbiAuthenticator build() {
      return new JdbiAuthenticator(this);
    }

    static int range(String what, int value, int least, int most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            what + " must be " + least + " to " + most + ", got " + value);
      }
      return value;
    }
  }
}
