package dev.confab.chat.transport.jsr356.conformance;

import dev.confab.chat.testkit.Offends;
import dev.confab.chat.testkit.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Writes what became of the tests of a contract on a container into {@code target/conformance}, a file of tab-separated lines
 * for each class; {@code build/Conformance.java} makes a table of them. Of offenders nothing is written. The system property
 * {@code confab.conformance} names another folder.
 */
public final class ConformanceReport implements BeforeAllCallback, TestWatcher, AfterAllCallback {
  private static final String FOLDER = "confab.conformance";

  /** Of the class that runs just now; tests of one JVM run one after the other. */
  private static final Map<String, String> NOTES = new ConcurrentSkipListMap<>();

  private final List<String> results = new ArrayList<>();

  /** For JUnit. */
  public ConformanceReport() {}

  /** Writes down what the container at hand does in its own way. */
  public static void note(String what, String how) {
    NOTES.put(what, how);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    NOTES.clear();
    results.clear();
  }

  @Override
  public void testSuccessful(ExtensionContext context) {
    result(context, "passed");
  }

  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    result(context, "failed");
  }

  @Override
  public void testAborted(ExtensionContext context, Throwable cause) {
    result(context, "not applicable");
  }

  @Override
  public void testDisabled(ExtensionContext context, Optional<String> reason) {
    result(context, "not run");
  }

  private void result(ExtensionContext context, String how) {
    String rule = context
        .getTestMethod()
        .map(method -> method.getAnnotation(Rule.class))
        .map(Rule::value)
        .orElse("-");
    results.add(line("test", rule, how + "\t" + context.getDisplayName()));
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    Class<?> suite = context.getRequiredTestClass();
    if (suite.isAnnotationPresent(Offends.class)) {
      return;
    }
    List<String> lines = new ArrayList<>();
    lines.add(line("container", name(suite), LocalDate.now(ZoneOffset.UTC).toString()));
    lines.add(line("java", Runtime.version().toString(), System.getProperty("os.name")));
    lines.addAll(new TreeSet<>(results));
    NOTES.forEach((what, how) -> lines.add(line("note", what, how)));
    write(
        Path.of(System.getProperty(FOLDER, "target/conformance")),
        suite.getSimpleName() + ".tsv",
        lines);
  }

  private static String name(Class<?> suite) throws ReflectiveOperationException {
    var constructor = suite.getDeclaredConstructor();
    constructor.setAccessible(true);
    Object contract = constructor.newInstance();
    if (contract instanceof ProcessContract outside) {
      return outside.containerName();
    }
    try (Container container = contract instanceof ContainerContract endpoints
        ? endpoints.container()
        : ((ContainerTransportContract) contract).container()) {
      return container.name();
    }
  }

  private static void write(Path folder, String file, List<String> lines) throws IOException {
    Files.createDirectories(folder);
    Files.write(folder.resolve(file), lines);
  }

  private static String line(String kind, String first, String second) {
    return kind + "\t" + first + "\t" + second;
  }
}
