package dev.confab.chat.store.jdbi;

import dev.confab.chat.spi.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The tables: made from the SQL files in the jar, or only looked at. */
final class Schema {
  private static final String HISTORY = "chat_schema";

  /** What the newest version consists of, so that files run by somebody else, as by Flyway, are recognised. */
  private static final Map<String, List<String>> COLUMNS = new TreeMap<>(Map.of(
      "chat_channel",
      List.of("id", "name", "head", "head_id", "no", "floor", "floor_id", "created_at"),
      "chat_entry",
      List.of(
          "channel_id",
          "seq",
          "id",
          "kind",
          "no",
          "sender_id",
          "sender_name",
          "client_key",
          "about",
          "data",
          "at"),
      "chat_key",
      List.of("channel_id", "sender_id", "client_key", "seq", "id", "at")));

  private static final List<String> INDEXES = List.of("chat_entry_key");

  private final SqlDialect dialect;

  Schema(SqlDialect dialect) {
    this.dialect = dialect;
  }

  /** Says what is missing with {@link StoreException}; changes nothing. */
  void verify(Connection connection) throws SQLException {
    Set<String> missing = missing(dialect.structure(connection));
    if (!missing.isEmpty()) {
      throw new StoreException("The database lacks " + String.join(", ", missing)
          + ". Run the files in db/confab/" + dialect.folder()
          + " of the jar, or let the store do it with schema(RUN).");
    }
  }

  private static Set<String> missing(Set<String> found) {
    Set<String> missing = new TreeSet<>();
    COLUMNS.forEach((table, columns) -> {
      if (!found.contains(table)) {
        missing.add("table " + table);
        return;
      }
      for (String column : columns) {
        if (!found.contains(table + "." + column)) {
          missing.add("column " + table + "." + column);
        }
      }
    });
    for (String index : INDEXES) {
      if (!found.contains(index)) {
        missing.add("index " + index);
      }
    }
    return missing;
  }

  /**
   * Runs what was not run yet, under the database's lock and inside the caller's transaction, as far as the database knows
   * such for changes of tables.
   */
  void run(Connection connection, Instant now) throws SQLException {
    dialect.lockSchema(connection);
    boolean done = false;
    try {
      runMissing(connection, now);
      done = true;
    } finally {
      dialect.unlockSchema(connection, done);
    }
  }

  private void runMissing(Connection connection, Instant now) throws SQLException {
    Set<String> found = dialect.structure(connection);
    // Not closed: that would close the connection, which is the caller's.
    Handle handle = Jdbi.open(connection);
    if (!found.contains(HISTORY)) {
      handle.execute("create table if not exists chat_schema (version integer primary key,"
          + " applied_at bigint not null, checksum text not null)");
    }
    Map<Integer, String> applied = new TreeMap<>();
    handle
        .createQuery("select version, checksum from chat_schema")
        .map((row, context) -> Map.entry(row.getInt(1), row.getString(2)))
        .forEach(version -> applied.put(version.getKey(), version.getValue()));
    // Somebody else's tool may have run our files; then it only has to be noted.
    boolean adopted = applied.isEmpty() && missing(found).isEmpty();
    for (Version version : versions()) {
      String before = applied.remove(version.number());
      if (before == null) {
        if (!adopted) {
          handle.createScript(version.sql()).execute();
        }
        handle.execute(
            dialect.noteVersion(), version.number(), now.toEpochMilli(), version.checksum());
      } else if (!before.equals(version.checksum())) {
        throw new StoreException("Version " + version.number()
            + " of the schema was made by another file than " + version.file()
            + " of this jar (checksum " + before + ", expected " + version.checksum() + ").");
      }
    }
    if (!applied.isEmpty()) {
      throw new StoreException("The database has version " + applied.keySet()
          + " of the schema, which this version of the library does not know: use the newer one.");
    }
    verify(connection);
  }

  private List<Version> versions() {
    List<Version> versions = new ArrayList<>();
    for (String file : dialect.files()) {
      int number = Integer.parseInt(file.substring(1, file.indexOf("__")));
      versions.add(new Version(number, file, text("/db/confab/" + dialect.folder() + "/" + file)));
    }
    return versions;
  }

  private static String text(String resource) {
    try (InputStream in = Schema.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new StoreException("The jar lacks " + resource + ": it is damaged.");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new StoreException("The jar's " + resource + " can not be read", failure);
    }
  }

  private record Version(int number, String file, String sql) {
    /** SHA-256 of the file, whatever its line ends are. */
    String checksum() {
      try {
        byte[] bytes = sql.replace("\r\n", "\n").getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException("Every JDK has SHA-256", impossible);
      }
    }
  }
}
