import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Puts together what the conformance kit wrote in each module ({@code target/conformance/*.tsv}) as the
 * tables of docs/containers.md, between their markers. A container that was not run shows as <em>not
 * run</em>.
 *
 * <p>After {@code mvn verify}: {@code java build/Conformance.java}. With {@code --print} the page is left
 * alone.
 */
public final class Conformance {
  private static final int RULES = 23;

  /** Those that run in a process of their own, by the beginning of their names. */
  private static final List<String> PROCESSES =
      List.of("GlassFish 7", "Payara Micro 6", "WildFly 39", "Open Liberty 26", "TomEE", "Quarkus");

  private static final class Ran {
    String date = "";
    String java = "";
    int tests;
    int failed;
    final Map<Integer, Set<String>> rules = new TreeMap<>();
    final Map<String, String> notes = new TreeMap<>();
  }

  private Conformance() {}

  public static void main(String[] arguments) throws IOException {
    Map<String, Ran> ran = new TreeMap<>();
    for (Path file : reports()) {
      read(Files.readAllLines(file), ran);
    }
    if (ran.isEmpty()) {
      System.err.println("Nothing was run: start in the folder of the project, after mvn verify.");
      System.exit(1);
    }
    String results = results(ran);
    String differences = differences(ran);
    if (List.of(arguments).contains("--print")) {
      System.out.println(results + "\n" + differences);
      return;
    }
    Path page = Path.of("docs", "containers.md");
    String text = Files.readString(page);
    text = replaced(text, "results", results);
    text = replaced(text, "differences", differences);
    Files.writeString(page, text);
  }

  private static List<Path> reports() throws IOException {
    List<Path> modules = new ArrayList<>(List.of(Path.of("chat-transport-jsr356")));
    try (Stream<Path> each = Files.list(Path.of("chat-containers"))) {
      each.filter(Files::isDirectory).forEach(modules::add);
    }
    List<Path> files = new ArrayList<>();
    for (Path module : modules) {
      Path folder = module.resolve("target/conformance");
      if (Files.isDirectory(folder)) {
        try (Stream<Path> each = Files.walk(folder)) {
          each.filter(file -> file.toString().endsWith(".tsv")).forEach(files::add);
        }
      }
    }
    return files;
  }

  private static void read(List<String> lines, Map<String, Ran> ran) {
    Ran container = new Ran();
    for (String line : lines) {
      String[] cells = line.split("\t", -1);
      switch (cells[0]) {
        case "container" -> {
          container = ran.computeIfAbsent(cells[1], name -> new Ran());
          container.date = cells[2];
        }
        case "java" -> container.java = cells[1].replaceAll("[+-].*", "");
        case "note" -> container.notes.put(cells[1], cells[2]);
        case "test" -> {
          container.tests++;
          container.failed += cells[2].equals("failed") ? 1 : 0;
          if (cells[1].startsWith("JSR356-")) {
            container.rules
                .computeIfAbsent(Integer.valueOf(cells[1].substring(7)), rule -> new TreeSet<>())
                .add(cells[2]);
          }
        }
        default -> throw new IllegalArgumentException(line);
      }
    }
  }

  private static String results(Map<String, Ran> ran) {
    StringBuilder table = new StringBuilder("| container | run | Java | tests |");
    for (int rule = 1; rule <= RULES; rule++) {
      table.append(' ').append(rule).append(" |");
    }
    table.append("\n|---|---|---|---|").append("---|".repeat(RULES)).append('\n');
    ran.forEach((name, container) -> {
      table.append("| ").append(name).append(" | ").append(container.date).append(" | ")
          .append(container.java).append(" | ").append(container.tests)
          .append(container.failed == 0 ? "" : ", " + container.failed + " failed").append(" |");
      for (int rule = 1; rule <= RULES; rule++) {
        table.append(' ').append(cell(container.rules.getOrDefault(rule, Set.of()))).append(" |");
      }
      table.append('\n');
    });
    for (String name : PROCESSES) {
      if (ran.keySet().stream().anyMatch(each -> each.startsWith(name))) {
        continue;
      }
      table.append("| ").append(name).append(" | *not run* | | |").append(" |".repeat(RULES))
          .append('\n');
    }
    return table.toString();
  }

  private static String cell(Set<String> outcomes) {
    if (outcomes.contains("failed")) {
      return "✗";
    }
    return outcomes.contains("passed") ? "✓" : "–";
  }

  private static String differences(Map<String, Ran> ran) {
    Set<String> all = new TreeSet<>();
    ran.values().forEach(container -> all.addAll(container.notes.keySet()));
    StringBuilder table = new StringBuilder("| |");
    ran.keySet().forEach(name -> table.append(' ').append(name).append(" |"));
    table.append("\n|---|").append("---|".repeat(ran.size())).append('\n');
    for (String note : all) {
      Map<String, String> row = new LinkedHashMap<>();
      ran.forEach((name, container) -> row.put(name, container.notes.getOrDefault(note, "")));
      table.append("| ").append(note).append(" |");
      row.values().forEach(value -> table.append(' ').append(value).append(" |"));
      table.append('\n');
    }
    return table.toString();
  }

  private static String replaced(String page, String name, String table) {
    String begin = "<!-- conformance:begin " + name + " -->\n";
    String end = "<!-- conformance:end " + name + " -->";
    int from = page.indexOf(begin);
    int to = page.indexOf(end);
    if (from < 0 || to < from) {
      throw new IllegalStateException("docs/containers.md has no part " + name);
    }
    return page.substring(0, from + begin.length()) + table + page.substring(to);
  }
}
