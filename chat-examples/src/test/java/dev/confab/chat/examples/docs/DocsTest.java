package dev.confab.chat.examples.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.ChatBuilder;
import dev.confab.chat.local.InMemoryMessageStore;
import dev.confab.chat.model.Limits;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.store.jdbi.JdbiAuthenticator;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import dev.confab.chat.transport.jsr356.EndpointOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The documentation says what the code does: its code is compiled, its links lead somewhere, its numbers are the code's. */
final class DocsTest {
  private static final Pattern FENCE = Pattern.compile("^\\s*(```+)\\s*(\\w*).*$");
  private static final Pattern MARK = Pattern.compile("<!-- code: ([\\w.-]+)#([\\w-]+) -->");
  private static final Pattern LINK =
      Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)|(?:src|href)=\"([^\"]+)\"");
  private static final Pattern RULE = Pattern.compile("<li>([A-Z]+-\\d+):");
  private static final Pattern NAMED_TEST = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`");
  private static final Pattern RANGE =
      Pattern.compile("must be at least (\\S+) and at most (\\S+), got");

  private static final Path ROOT = root();

  private static Path root() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(here.resolve("chat-core"))) {
      here = here.getParent();
    }
    return here;
  }

  // Code.

  @Test
  void every_java_block_is_code_that_the_build_compiles() {
    assertThat(pages()).hasSizeGreaterThan(10);
    assertThat(pages().stream().flatMap(page -> faultsOfCode(page, ROOT).stream()))
        .isEmpty();
  }

  @Test
  void java_block_that_is_unmarked_or_differs_is_noticed(@TempDir Path root) throws IOException {
    Path sources = Files.createDirectories(root.resolve("chat-examples/src/main/java"));
    Files.writeString(
        sources.resolve("Some.java"), "  // docs:begin it\n  int  one = 1;\n  // docs:end it\n");
    String block = "```java\nint one = 1;\n```\n";
    Path page = root.resolve("page.md");

    Files.writeString(page, "<!-- code: Some.java#it -->\n" + block);
    assertThat(faultsOfCode(page, root)).isEmpty();
    Files.writeString(page, "text\n" + block);
    assertThat(faultsOfCode(page, root)).singleElement().asString().contains("unmarked");
    Files.writeString(page, "<!-- code: Some.java#it -->\n```java\nint one = 2;\n```\n");
    assertThat(faultsOfCode(page, root)).singleElement().asString().contains("differs");
    Files.writeString(page, "<!-- code: Some.java#other -->\n" + block);
    assertThat(faultsOfCode(page, root)).singleElement().asString().contains("no part");
    Files.writeString(page, "<!-- code: Some.java#it -->\ntext\n");
    assertThat(faultsOfCode(page, root)).singleElement().asString().contains("no block");
    Files.writeString(
        sources.resolve("some-web.xml"), "<!-- docs:begin it -->\n<a/>\n<!-- docs:end it -->\n");
    Files.writeString(page, "<!-- code: some-web.xml#it -->\n```xml\n<a/>\n```\n");
    assertThat(faultsOfCode(page, root)).isEmpty();
    Files.writeString(page, "<!-- code: some-web.xml#it -->\n```xml\n<b/>\n```\n");
    assertThat(faultsOfCode(page, root)).singleElement().asString().contains("differs");
  }

  private static List<String> faultsOfCode(Path page, Path root) {
    List<String> faults = new ArrayList<>();
    List<String> lines = lines(page);
    String mark = "";
    for (int i = 0; i < lines.size(); i++) {
      String where = page.getFileName() + ":" + (i + 1) + " ";
      Matcher fence = FENCE.matcher(lines.get(i));
      if (!fence.matches()) {
        if (!mark.isEmpty() && !lines.get(i).isBlank()) {
          faults.add(where + "a mark with no block behind it");
          mark = "";
        }
        Matcher marked = MARK.matcher(lines.get(i));
        if (marked.find()) {
          mark = marked.group();
        }
        continue;
      }
      StringBuilder block = new StringBuilder();
      while (++i < lines.size() && !lines.get(i).strip().equals(fence.group(1))) {
        block.append(lines.get(i)).append('\n');
      }
      if (fence.group(2).equals("java") || (fence.group(2).equals("xml") && !mark.isEmpty())) {
        faults.addAll(faultsOfBlock(where, mark, block.toString(), root));
      }
      mark = "";
    }
    return faults;
  }

  private static List<String> faultsOfBlock(String where, String mark, String block, Path root) {
    Matcher marked = MARK.matcher(mark);
    if (!marked.matches()) {
      return List.of(where + "an unmarked java block");
    }
    String part = part(root, marked.group(1), marked.group(2));
    if (part.isEmpty()) {
      return List.of(where + "no part " + mark);
    }
    return flat(part).equals(flat(block)) ? List.of() : List.of(where + "differs from " + mark);
  }

  /** What stands between the markers of this name, in the file of this name. */
  private static String part(Path root, String file, String name) {
    return Stream.of(
            "chat-examples/src",
            "chat-containers",
            "chat-transport-jsr356/src/test",
            "chat-dialects/src/test",
            "chat-server-api/src/test")
        .map(root::resolve)
        .filter(Files::isDirectory)
        .flatMap(DocsTest::files)
        .filter(path -> path.getFileName().toString().equals(file))
        .map(DocsTest::text)
        .map(text -> {
          boolean xml = file.endsWith(".xml");
          String before = xml ? "<!-- docs:" : "// docs:";
          String after = xml ? " -->\n" : "\n";
          int begin = text.indexOf(before + "begin " + name + after);
          int end = text.indexOf(before + "end " + name + after);
          return begin < 0 || end < 0 ? "" : text.substring(text.indexOf('\n', begin), end);
        })
        .filter(part -> !part.isEmpty())
        .findFirst()
        .orElse("");
  }

  private static String flat(String code) {
    return code.replaceAll("\\s+", " ").strip();
  }

  // Links.

  @Test
  void every_link_and_image_leads_somewhere() {
    assertThat(pages().stream().flatMap(page -> deadLinks(page).stream())).isEmpty();
  }

  @Test
  void every_page_can_be_reached_from_the_readme() {
    Set<Path> reached = new TreeSet<>();
    reach(ROOT.resolve("README.md"), reached);
    assertThat(reached).containsAll(pages());
  }

  private static void reach(Path page, Set<Path> reached) {
    if (!reached.add(page) || !page.toString().endsWith(".md")) {
      return;
    }
    links(page).stream()
        .map(link -> page.resolveSibling(link.replaceAll("#.*", "")).normalize())
        .filter(Files::isRegularFile)
        .forEach(next -> reach(next, reached));
  }

  @Test
  void link_to_a_missing_page_or_heading_is_noticed(@TempDir Path root) throws IOException {
    Path page = root.resolve("page.md");
    Files.writeString(
        page, "# A heading, here\n[a](#a-heading-here) [b](page.md#a-heading-here)\n");
    assertThat(deadLinks(page)).isEmpty();
    Files.writeString(page, "# A heading\n[a](other.md) ![b](images/b.svg) [c](#no-heading)\n");
    assertThat(deadLinks(page)).hasSize(3);
  }

  private static List<String> links(Path page) {
    // Code has brackets of its own.
    String text = text(page).replaceAll("(?s)```.*?```", "").replaceAll("`[^`\n]*`", "");
    return LINK.matcher(text)
        .results()
        .map(link -> link.group(1) == null ? link.group(2) : link.group(1))
        .filter(link -> !link.matches("[a-z]+:.*"))
        .toList();
  }

  private static List<String> deadLinks(Path page) {
    List<String> dead = new ArrayList<>();
    for (String link : links(page)) {
      URI uri = URI.create(link);
      Path target = uri.getPath().isEmpty() ? page : page.resolveSibling(uri.getPath());
      if (!Files.exists(target)
          || (uri.getFragment() != null && !headings(target).contains(uri.getFragment()))) {
        dead.add(page.getFileName() + " -> " + link);
      }
    }
    return dead;
  }

  private static List<String> headings(Path page) {
    return lines(page).stream()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+\\s*", "")
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^\\p{L}\\p{N} _-]", "")
            .replace(' ', '-'))
        .toList();
  }

  // Tests.

  @Test
  void every_test_that_a_page_names_is_there() {
    List<Path> sources = sources(ROOT);
    assertThat(pages().stream().flatMap(page -> missingTests(page, sources).stream()))
        .isEmpty();
  }

  @Test
  void test_that_is_not_there_is_noticed(@TempDir Path root) throws IOException {
    Path tests = Files.createDirectories(root.resolve("chat-core/src/test/java"));
    Files.writeString(
        tests.resolve("SomeTest.java"), "class SomeTest {\n  void it_is_so() {}\n}\n");
    Path page = root.resolve("page.md");
    Files.writeString(page, "`SomeTest` `SomeTest.it_is_so`\n");
    assertThat(missingTests(page, sources(root))).isEmpty();
    Files.writeString(page, "`OtherTest` `SomeTest.it_is` `OtherTest.it_is_so`\n");
    assertThat(missingTests(page, sources(root))).hasSize(3);
  }

  private static List<Path> sources(Path root) {
    return Stream.of(Objects.requireNonNull(root.toFile().listFiles()))
        .filter(module -> module.getName().startsWith("chat-"))
        .flatMap(module -> files(module.toPath()))
        .filter(file -> file.toString().contains("/src/test/java/"))
        .filter(file -> file.toString().endsWith("Test.java"))
        .toList();
  }

  private static List<String> missingTests(Path page, List<Path> sources) {
    return NAMED_TEST
        .matcher(text(page))
        .results()
        .filter(named -> sources.stream()
            .filter(file -> file.endsWith(named.group(1) + ".java"))
            .noneMatch(file ->
                named.group(2) == null || text(file).contains(" void " + named.group(2) + "(")))
        .map(named -> page.getFileName() + " names " + named.group())
        .toList();
  }

  // Numbers and names.

  @Test
  void every_limit_stands_in_the_settings_with_its_default_and_range() throws Exception {
    List<String> rows = lines(ROOT.resolve("docs/settings.md"));
    List<String> wrong = new ArrayList<>();
    for (Method limit : Limits.class.getDeclaredMethods()) {
      if (!Modifier.isPublic(limit.getModifiers()) || Modifier.isStatic(limit.getModifiers())) {
        continue;
      }
      String row = "| `" + limit.getName() + "` | "
          + written(limit.getName(), limit.invoke(Limits.defaults())) + " | " + range(limit)
          + " | ";
      if (rows.stream()
          .noneMatch(line -> line.startsWith(row) && line.length() > row.length() + 5)) {
        wrong.add(row);
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** As the builder states it when it refuses a value. */
  private static String range(Method limit) throws ReflectiveOperationException {
    Class<?> type = limit.getReturnType();
    Method set = Limits.Builder.class.getMethod(limit.getName(), type);
    Object tooSmall = Duration.ofMillis(-1);
    if (type == int.class) {
      tooSmall = -1;
    } else if (type == long.class) {
      tooSmall = -1L;
    }
    try {
      set.invoke(Limits.builder(), tooSmall);
    } catch (InvocationTargetException refused) {
      Matcher said = RANGE.matcher(String.valueOf(refused.getCause().getMessage()));
      assertThat(said.find()).as("%s", refused.getCause()).isTrue();
      return bound(limit, said.group(1)) + " – " + bound(limit, said.group(2));
    }
    throw new AssertionError(limit + " takes anything");
  }

  private static String bound(Method limit, String said) {
    Object value = said.startsWith("PT") ? Duration.parse(said) : (Object) Long.valueOf(said);
    return written(limit.getName(), value);
  }

  private static String written(String name, Object value) {
    if (value instanceof Duration time) {
      long millis = time.toMillis();
      if (millis == 0) {
        return "0";
      }
      return millis % 86_400_000 == 0
          ? millis / 86_400_000 + " d"
          : millis % 60_000 == 0
              ? millis / 60_000 + " min"
              : millis % 1_000 == 0 ? millis / 1_000 + " s" : millis + " ms";
    }
    long number = ((Number) value).longValue();
    if (name.endsWith("Bytes") && number >= 1024) {
      int power = Math.min(4, (63 - Long.numberOfLeadingZeros(number)) / 10);
      while (number % (1L << (10 * power)) != 0) {
        power--;
      }
      return (number >> (10 * power))
          + List.of(" B", " KiB", " MiB", " GiB", " TiB").get(power);
    }
    return String.format(Locale.ROOT, "%,d", number)
        + (name.endsWith("Bytes") && number > 0 ? " B" : "");
  }

  @Test
  void every_option_stands_in_the_settings() {
    String settings = text(ROOT.resolve("docs/settings.md"));
    for (Class<?> builder : List.of(
        ChatBuilder.class,
        EndpointOptions.Builder.class,
        JdbiMessageStore.Builder.class,
        JdbiAuthenticator.Builder.class,
        InMemoryMessageStore.Builder.class)) {
      assertThat(Arrays.stream(builder.getDeclaredMethods())
              .filter(method -> Modifier.isPublic(method.getModifiers()))
              .filter(method -> !method.getName().equals("build"))
              .map(method -> "`" + method.getName() + "(")
              .distinct()
              .filter(name -> !settings.contains(name)))
          .as(builder.getName())
          .isEmpty();
    }
  }

  @Test
  void every_error_code_stands_in_the_protocol_with_its_retry() {
    String protocol = text(ROOT.resolve("docs/protocol.md"));
    assertThat(Arrays.stream(ErrorCode.values())
            .map(code ->
                "| `" + code.code() + "` | " + code.retry().name().toLowerCase(Locale.ROOT) + " | ")
            .filter(row -> !protocol.contains("\n" + row)))
        .isEmpty();
  }

  @Test
  void every_close_code_stands_in_the_protocol() throws IllegalAccessException {
    String protocol = text(ROOT.resolve("docs/protocol.md"));
    for (var constant : CloseReason.class.getFields()) {
      if (constant.get(null) instanceof CloseReason reason) {
        assertThat(protocol).contains("| " + reason.code() + " | ");
      }
    }
  }

  @Test
  void every_rule_of_a_door_stands_on_its_page() {
    String pages =
        files(ROOT.resolve("docs/extending")).map(DocsTest::text).reduce("", String::concat);
    List<String> rules = files(ROOT.resolve("chat-core/src/main/java/dev/confab/chat/spi"))
        .flatMap(door -> RULE.matcher(text(door)).results())
        .map((MatchResult rule) -> rule.group(1))
        .toList();
    assertThat(rules).hasSizeGreaterThan(40);
    assertThat(rules).allSatisfy(rule -> assertThat(pages).contains("**" + rule + "** "));
  }

  @Test
  void table_of_containers_names_every_rule_and_container_and_the_versions_of_the_build() {
    String page = text(ROOT.resolve("docs/containers.md"));
    List<String> rows = page.substring(
            page.indexOf("<!-- conformance:begin results -->"),
            page.indexOf("<!-- conformance:end results -->"))
        .lines()
        .filter(line -> line.startsWith("| "))
        .toList();
    List<String> head = List.of(rows.get(0).split("\\s*\\|\\s*"));
    for (int rule = 1; rule <= 23; rule++) {
      assertThat(head).contains("" + rule);
      assertThat(page).containsPattern("(?m)^\\| " + rule + " \\| \\p{Lu}.+ \\| .+ \\|$");
    }
    for (String name : List.of(
        "Tomcat 10.1.",
        "Tomcat 11.",
        "Jetty 12.0.",
        "Jetty 12.1.",
        "Undertow 2.3.",
        "Tyrus 2.2.")) {
      String row = rows.stream()
          .filter(line -> line.startsWith("| " + name))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no row for " + name));
      String version = row.split(" ", -1)[2];
      assertThat(Stream.of("pom.xml", "chat-containers")
              .map(ROOT::resolve)
              .flatMap(DocsTest::files)
              .filter(file -> file.endsWith("pom.xml"))
              .map(DocsTest::text))
          .as("the build has %s", row)
          .anyMatch(pom -> pom.contains("version>" + version + "</"));
      assertThat(row).doesNotContain("✗", "not run").contains("✓");
    }
    for (String name : List.of(
        "GlassFish 7", "Payara Micro 6", "WildFly 39", "Open Liberty 26", "TomEE", "Quarkus")) {
      assertThat(rows).anyMatch(row -> row.startsWith("| " + name));
    }
  }

  // Files.

  private static List<Path> pages() {
    return Stream.concat(
            Stream.of(ROOT.resolve("README.md")),
            files(ROOT.resolve("docs")).filter(file -> file.toString().endsWith(".md")))
        .toList();
  }

  private static Stream<Path> files(Path folder) {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk
          .filter(file -> !file.toString().contains("/target/"))
          .filter(Files::isRegularFile)
          .sorted()
          .toList()
          .stream();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static List<String> lines(Path file) {
    return text(file).lines().toList();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
