package dev.confab.chat.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Each scenario with servers of its own at a small size, each container at least once. What is looked at are counts, never
 * times; that members are shown what they must be the scenarios look at themselves.
 */
class ServersTest {
  private Path directory = Path.of("");
  private Path page = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    Path tests = Files.createDirectories(Path.of("target", "scenarios"));
    directory = Files.createTempDirectory(tests, "run");
    page = directory.resolve("page.md");
  }

  @Test
  void fan_out_shows_everybody_everything() throws IOException {
    List<String[]> figures = run(
        "fan-out chat.v1",
        List.of("fan-out", "--containers", "tomcat", "--members", "20", "--outstanding", "1,8"),
        List.of("--seconds", "0.2", "--warm-up", "0.1"));

    // Two contenders, two loads.
    assertThat(figures).hasSize(4);
    assertThat(figures).allSatisfy(cells -> {
      assertThat(Long.parseLong(cells[6])).as("deliveries").isPositive();
      assertThat(Long.parseLong(cells[9]))
          .as("bytes hold the data")
          .isGreaterThan(128 * Long.parseLong(cells[6]));
    });
    assertThat(figures.stream().filter(cells -> cells[5].equals("1")))
        .allSatisfy(cells -> assertThat(Long.parseLong(cells[10]))
            .as("nothing can be joined")
            .isGreaterThanOrEqualTo(Long.parseLong(cells[6])));
    assertThat(directory.resolve("images/benchmark-fan-out-chat.v1.svg"))
        .content()
        .contains("Tomcat, 20 members, 8");
  }

  @Test
  void plain_clients_are_shown_one_object_a_frame() throws IOException {
    List<String[]> figures = run(
        "fan-out plain",
        List.of(
            "fan-out", "--plain", "--containers", "jetty", "--members", "10", "--outstanding", "8"),
        List.of("--seconds", "0.2", "--warm-up", "0.1"));

    assertThat(figures.stream().map(cells -> cells[2]))
        .containsExactly("CONFAB", "SINGLE", "BATCHED");
    // Replies are frames, too.
    assertThat(figures)
        .allSatisfy(cells ->
            assertThat(Long.parseLong(cells[10])).isGreaterThanOrEqualTo(Long.parseLong(cells[6])));
  }

  @Test
  void many_rooms_are_published_to_in_turn_and_kept_in_a_database() throws IOException {
    List<String[]> figures = run(
        "many-rooms chat.v1 sqlite",
        List.of("fan-out", "--rooms", "5", "--containers", "tyrus", "--members", "3"),
        List.of("--outstanding", "8", "--store", "sqlite", "--seconds", "0.2", "--warm-up", "0.1"));

    assertThat(figures).hasSize(2);
  }

  @Test
  void latency_is_taken_of_each_delivery_that_was_due() throws IOException {
    List<String[]> figures = run(
        "latency chat.v1",
        List.of("latency", "--containers", "undertow", "--rooms", "2x5", "--rate", "500"),
        List.of("--seconds", "0.2", "--warm-up", "0.1"));

    assertThat(figures).hasSize(2).allSatisfy(cells -> {
      assertThat(cells[6]).as("deliveries").isEqualTo("100");
      assertThat(Long.parseLong(cells[8]))
          .as("p99")
          .isGreaterThanOrEqualTo(Long.parseLong(cells[7]));
    });
  }

  @Test
  void idle_connections_are_counted_until_they_have_joined() throws IOException {
    List<String[]> figures = run(
        "idle chat.v1",
        List.of("idle", "--containers", "jetty", "--connections", "60", "--rooms", "20"),
        List.of());

    assertThat(figures.stream().map(cells -> cells[2])).containsExactly("CONFAB", "JOINED");
    assertThat(figures)
        .allSatisfy(cells -> assertThat(Double.parseDouble(cells[8])).isPositive());
  }

  @Test
  void peers_show_everybody_everything_too() throws IOException {
    List<String> expected = new ArrayList<>(List.of(
        "Confab on Undertow chat.v1",
        "Confab on Undertow plain",
        "CometD",
        "Spring STOMP",
        "netty-socketio"));
    // The tool goes on without these two, and so does this test, if they can not be had.
    if (nodeIsThere()) {
      expected.addAll(List.of("Socket.IO", "Node ws"));
    }

    List<String[]> figures = run(
        "peers",
        List.of("peers", "--containers", "undertow", "--members", "10", "--outstanding", "4"),
        List.of("--seconds", "0.2", "--warm-up", "0.1"));

    assertThat(figures.stream().map(cells -> cells[1])).containsExactlyElementsOf(expected);
    assertThat(figures)
        .allSatisfy(
            cells -> assertThat(Long.parseLong(cells[4])).as("deliveries").isPositive());
  }

  private boolean nodeIsThere() {
    try {
      NodePeers unused = NodePeers.in(directory.resolve("node"));
      return true;
    } catch (IOException failure) {
      System.err.println("Socket.IO and ws are not looked at: " + failure.getMessage());
      return false;
    }
  }

  @Test
  void one_stalled_client_is_told_and_the_others_are_shown_what_was_due() throws IOException {
    List<String[]> figures = run(
        "stalled client",
        List.of("stalled", "--containers", "jetty", "--contenders", "confab", "--members", "4"),
        List.of(
            "--rate",
            "200",
            "--seconds",
            "0.2",
            "--warm-up",
            "0.1",
            "--stalled-seconds",
            "0.4",
            "--fill-seconds",
            "0.1"));

    assertThat(figures.stream().map(cells -> cells[3])).containsExactly("chat.v1", "plain");
    assertThat(figures).allSatisfy(cells -> {
      assertThat(cells[11]).as("due: 20 messages to 4").isEqualTo("80");
      assertThat(Long.parseLong(cells[12])).as("shown").isBetween(1L, 80L);
      assertThat(cells[13]).as("too little came to fill its buffers").isEqualTo("false");
    });
  }

  @Test
  void a_small_room_is_measured_alone_and_beside_a_large_one() throws IOException {
    List<String[]> figures = run(
        "large-room chat.v1",
        List.of("large-room", "--containers", "tyrus", "--contenders", "confab", "--large", "50"),
        List.of("--large-rate", "20", "--seconds", "0.3", "--warm-up", "0.2"));

    assertThat(figures)
        .hasSize(1)
        .allSatisfy(
            cells -> assertThat(Long.parseLong(cells[8])).as("p99 beside it").isPositive());
  }

  @Test
  void the_load_counts_what_a_server_sends_that_only_sends() throws IOException {
    List<String[]> figures =
        run("ceiling", List.of("ceiling", "--members", "5"), List.of("--seconds", "0.2"));

    assertThat(figures).hasSize(1);
    assertThat(Long.parseLong(figures.get(0)[2])).as("deliveries").isPositive();
  }

  /** Runs it and gives its raw results, but for their head; its table stands in the page. */
  private List<String[]> run(String name, List<String> arguments, List<String> more)
      throws IOException {
    Files.writeString(page, "before\n<!-- " + name + " -->\n<!-- /" + name + " -->\nafter\n");
    List<String> all = new ArrayList<>(arguments);
    all.addAll(more);
    all.addAll(
        List.of("--runs", "1", "--together", "--server-jvm", "-Xmx128m -XX:TieredStopAtLevel=1"));
    all.addAll(List.of("--directory", directory.toString(), "--page", page.toString()));

    assertThat(Benchmarks.commandLine().execute(all.toArray(String[]::new))).isZero();

    assertThat(page).content().contains("server and load share all cores", "|---:|");
    return Files.readAllLines(directory.resolve(name.replace(' ', '-') + ".csv")).stream()
        .skip(1)
        .map(line -> line.split(",", -1))
        .toList();
  }
}
