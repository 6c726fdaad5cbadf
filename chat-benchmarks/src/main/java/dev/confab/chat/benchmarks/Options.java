package dev.confab.chat.benchmarks;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** What every scenario with a database can be told. */
final class Options extends Results {
  @Option(
      names = "--database",
      required = true,
      description = "${COMPLETION-CANDIDATES}, in any case.",
      converter = KindConverter.class)
  private DatabaseKind kind = DatabaseKind.SQLITE;

  DatabaseKind kind() {
    return kind;
  }

  DatabaseServer start() throws IOException, SQLException {
    begin();
    return kind.start(directory().resolve("data").resolve(name()));
  }

  private String name() {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** Shows a table, keeps the raw results, and puts the table into the page if there is one. */
  void publishTable(String scenario, String conditions, Table table, List<String> raw)
      throws IOException {
    publish(scenario + " " + name(), conditions, table, raw);
  }

  String conditions(String database) throws IOException {
    return database + "; " + Disk.of(directory()) + "; " + Machine.describe() + ".";
  }

  /** Takes names in any case. */
  static final class KindConverter implements ITypeConverter<DatabaseKind> {
    @Override
    public DatabaseKind convert(String value) {
      return DatabaseKind.valueOf(value.toUpperCase(Locale.ROOT));
    }
  }
}
