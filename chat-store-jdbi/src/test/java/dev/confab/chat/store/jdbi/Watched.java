package dev.confab.chat.store.jdbi;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/** Wraps real connections, and lets a test step in right before a statement runs or a commit is sent. */
final class Watched {
  private Watched() {}

  /** What a test does there. */
  interface Moment {
    /**
     * Comes right before a statement is executed or, as {@code commit}, a transaction is committed.
     *
     * @param real the connection as the driver made it
     */
    void before(Connection real, String sql) throws SQLException;
  }

  static DataSource dataSource(DataSource real, Moment moment) {
    return proxy(DataSource.class, (proxy, method, arguments) -> {
      Object result = invoke(real, method, arguments);
      return result instanceof Connection connection ? connection(connection, moment) : result;
    });
  }

  static Connection connection(Connection real, Moment moment) {
    return proxy(Connection.class, (proxy, method, arguments) -> {
      if (method.getName().equals("commit")) {
        moment.before(real, "commit");
      }
      Object result = invoke(real, method, arguments);
      if (result instanceof PreparedStatement statement) {
        return statement(PreparedStatement.class, statement, real, (String) arguments[0], moment);
      }
      return result instanceof Statement statement
          ? statement(Statement.class, statement, real, "", moment)
          : result;
    });
  }

  private static <T extends Statement> T statement(
      Class<T> type, T statement, Connection real, String prepared, Moment moment) {
    return proxy(type, (proxy, method, arguments) -> {
      if (method.getName().startsWith("execute")) {
        moment.before(real, arguments == null ? prepared : (String) arguments[0]);
      }
      return invoke(statement, method, arguments);
    });
  }

  /** Does so at the first moment that is told of this SQL behind a written entry, and never again. */
  static Moment once(String sql, Moment moment) {
    AtomicBoolean written = new AtomicBoolean();
    AtomicBoolean done = new AtomicBoolean();
    return (real, statement) -> {
      if (statement.contains("insert into chat_entry")) {
        written.set(true);
      }
      if (written.get() && statement.contains(sql) && !done.getAndSet(true)) {
        moment.before(real, statement);
      }
    };
  }

  private static Object invoke(Object on, java.lang.reflect.Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(on, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static <T> T proxy(Class<T> type, java.lang.reflect.InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(Watched.class.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
