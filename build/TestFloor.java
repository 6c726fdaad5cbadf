import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;

/**
 * Fails the build when fewer tests ran than the module states in {@code confab.tests.floor}: a test
 * class with a wrong name, or an engine that discovers nothing, would otherwise leave the build
 * green.
 *
 * <p>Run by the build at {@code verify}: {@code java TestFloor.java MODULE REPORTS FLOOR
 * BUILD_START}. Reports older than the build are those of an earlier one and do not count, nor do
 * skipped tests.
 */
public final class TestFloor {
  private TestFloor() {}

  public static void main(String[] arguments) throws Exception {
    String module = arguments[0];
    Path reports = Path.of(arguments[1]);
    int floor = Integer.parseInt(arguments[2]);
    Instant buildStart = Instant.parse(arguments[3]);

    int ran = Files.isDirectory(reports) ? testsRun(reports, buildStart) : 0;
    if (ran < floor) {
      System.err.println(module + " must run at least " + floor + " tests, but only " + ran
          + " ran: look for a test class whose name does not end in Test, for skipped tests, or lower confab.tests.floor"
          + " in its pom.xml if tests were removed on purpose.");
      System.exit(1);
    }
    System.out.println(module + ": " + ran + " tests ran, at least " + floor + " must.");
  }

  private static int testsRun(Path reports, Instant buildStart) throws Exception {
    int ran = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(reports, "TEST-*.xml")) {
      for (Path file : files) {
        if (!Files.getLastModifiedTime(file).toInstant().isBefore(buildStart)) {
          ran += testsRun(file);
        }
      }
    }
    return ran;
  }

  private static int testsRun(Path report) throws Exception {
    Element suite = DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(report.toFile())
        .getDocumentElement();
    return number(suite, "tests") - number(suite, "skipped");
  }

  private static int number(Element suite, String attribute) throws IOException {
    String value = suite.getAttribute(attribute);
    if (value.isEmpty()) {
      throw new IOException("a test report has no attribute " + attribute + ": " + suite.getAttribute("name"));
    }
    return Integer.parseInt(value);
  }
}
