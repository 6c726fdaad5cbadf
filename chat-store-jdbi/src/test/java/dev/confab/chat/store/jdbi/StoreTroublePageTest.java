package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page about trouble names tests that are there, and every fault that is tested with a whole chat. */
class StoreTroublePageTest {
  private static final Pattern TEST = Pattern.compile("`([a-z]+(?:_[a-z0-9]+){4,})`");
  private static final Pattern FAULT =
      Pattern.compile("`([A-Z]+(?:_[A-Z]+)*_(?:POSTGRESQL|MARIADB|SQLITE))`");

  private static String page() {
    return text(Path.of("..", "docs", "store-trouble.md"));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> named(Pattern pattern) {
    return pattern
        .matcher(page())
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void every_test_the_page_names_is_there() throws IOException {
    StringBuilder tests = new StringBuilder();
    for (Path root : List.of(Path.of("src", "test"), Path.of("..", "chat-core", "src", "test"))) {
      try (Stream<Path> files = Files.walk(root)) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .forEach(file -> tests.append(text(file)));
      }
    }
    assertThat(named(TEST)).hasSizeGreaterThan(15);
    for (String name : named(TEST)) {
      assertThat(tests).contains("void " + name + "(");
    }
  }

  @Test
  void every_fault_is_on_the_page_and_no_other() {
    assertThat(named(FAULT))
        .isEqualTo(Stream.of(ChatTroubleTest.Fault.values())
            .map(Enum::name)
            .collect(Collectors.toCollection(TreeSet::new)));
  }
}
