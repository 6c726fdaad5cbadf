package dev.confab.chat.store.jdbi;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** What tests do with a database of any kind. */
final class Sources {
  static {
    // A pooled connection is looked at each time it is handed out, not only after half a second.
    System.setProperty("com.zaxxer.hikari.aliveBypassWindowMs", "0");
  }

  private Sources() {}

  /** A real pool. */
  static HikariDataSource pool(DataSource source, int size) {
    return pool(source, size, settings -> {});
  }

  /** The same, with other settings. */
  static HikariDataSource pool(DataSource source, int size, Consumer<HikariConfig> different) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(source);
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(500);
    config.setValidationTimeout(400);
    different.accept(config);
    return new HikariDataSource(config);
  }

  /** A connection on which a transaction is open. */
  static Connection begun(DataSource source) throws SQLException {
    Connection connection = source.getConnection();
    connection.setAutoCommit(false);
    return connection;
  }

  static void run(DataSource source, String... statements) {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<String> lines(DataSource source, String query) {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      List<String> lines = new ArrayList<>();
      while (rows.next()) {
        lines.add(rows.getString(1));
      }
      return lines;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
