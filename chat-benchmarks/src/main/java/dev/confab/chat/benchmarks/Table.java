package dev.confab.chat.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** A Markdown table that grows by rows. Used by one thread. */
final class Table {
  private final List<String> columns;
  private final List<List<String>> rows = new ArrayList<>();

  Table(String... columns) {
    this.columns = List.of(columns);
  }

  void row(List<String> cells) {
    if (cells.size() != columns.size()) {
      throw new IllegalArgumentException(
          "expected " + columns.size() + " cells, got " + cells.size());
    }
    rows.add(List.copyOf(cells));
  }

  String markdown() {
    StringBuilder out = new StringBuilder();
    line(columns, out);
    out.append('|').append("---:|".repeat(columns.size())).append('\n');
    rows.forEach(row -> line(row, out));
    return out.toString();
  }

  private static void line(List<String> cells, StringBuilder out) {
    out.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
