package dev.confab.chat.torture;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A process of writers and readers, which can be killed and started again, and then remembers from its notes.
 *
 * <p>It is told, a line each: {@code stall NAME MILLIS}, {@code halt ack} or {@code halt shown} (it dies between the next such
 * receipt and its note), {@code finish} (it says {@code written} when all it had said is answered), {@code goal CHANNEL=SEQ …}
 * (it says {@code read} when all its readers are there). It ends when its input does.
 */
final class Crowd {
  /** What the servers are set to. */
  static final Duration HEARTBEAT = Duration.ofSeconds(2);

  /** After so long without a byte a connection is dead. */
  static final Duration SILENCE = Duration.ofSeconds(7);

  private static final int DIED = 137;

  private final long seed;
  private final List<Integer> ports;
  private final List<String> channels;
  private final AtomicReference<String> haltBefore = new AtomicReference<>("");
  private final Map<String, Duration> stalls = new ConcurrentHashMap<>();
  private volatile boolean finishing;
  private volatile Map<String, Long> goal = Map.of();

  private Crowd(long seed, List<Integer> ports, int channels) {
    this.seed = seed;
    this.ports = List.copyOf(ports);
    this.channels = channels(channels);
  }

  /** The rooms of a round. */
  static List<String> channels(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(number -> "room_" + number).toList();
  }

  /**
   * Runs a crowd.
   *
   * @param arguments folder, name, seed, ports with commas, number of channels, sends a second, writers with keys, writers
   *     without, readers
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    String name = arguments[1];
    Crowd crowd = new Crowd(
        Long.parseLong(arguments[2]),
        Stream.of(arguments[3].split(",", -1)).map(Integer::valueOf).toList(),
        Integer.parseInt(arguments[4]));
    int rate = Integer.parseInt(arguments[5]);
    int keyed = Integer.parseInt(arguments[6]);
    int unkeyed = Integer.parseInt(arguments[7]);
    int readers = Integer.parseInt(arguments[8]);

    Duration pace = Duration.ofNanos(1_000_000_000L * (keyed + unkeyed) / Math.max(1, rate));
    List<Thread> writing = new ArrayList<>();
    for (int i = 1; i <= keyed + unkeyed; i++) {
      String each = name + (i <= keyed ? "k" : "u") + i;
      Writer writer = new Writer(each, i <= keyed, i % 2 == 1, pace, crowd, folder);
      writing.add(started(each, writer::run));
    }
    List<Thread> reading = new ArrayList<>();
    for (int i = 1; i <= readers; i++) {
      String each = name + "r" + i;
      // Every other one moves often.
      Duration stay = i % 2 == 0 ? Duration.ofSeconds(6) : Duration.ofMinutes(30);
      Reader reader = new Reader(each, i % 3 != 0, stay, crowd, folder);
      reading.add(started(each, reader::run));
    }
    started("written", () -> {
      for (Thread each : writing) {
        each.join();
      }
      System.out.println("written");
    });
    started("read", () -> {
      for (Thread each : reading) {
        each.join();
      }
      System.out.println("read");
    });
    System.out.println("here");
    crowd.listen();
    System.exit(0);
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  private static Thread started(String name, Work work) {
    Thread thread = new Thread(
        () -> {
          try {
            work.run();
          } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
          } catch (RuntimeException | Error broken) {
            broken.printStackTrace();
            // Noticed by its exit code: a crowd that is broken proves nothing.
            Runtime.getRuntime().halt(3);
          }
        },
        name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void listen() throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "stall" -> stalls.put(words[1], Duration.ofMillis(Long.parseLong(words[2])));
        case "halt" -> haltBefore.set(words[1]);
        case "finish" -> finishing = true;
        case "goal" -> {
          Map<String, Long> ends = new LinkedHashMap<>();
          Stream.of(words).skip(1).forEach(word -> {
            String[] end = word.split("=", -1);
            ends.put(end[0], Long.valueOf(end[1]));
          });
          goal = ends;
        }
        default -> throw new IllegalArgumentException(line);
      }
    }
  }

  long seed() {
    return seed;
  }

  List<Integer> ports() {
    return ports;
  }

  List<String> channels() {
    return channels;
  }

  /** The first room is busy, the last nearly silent. */
  String room(Random random) {
    int last = channels.size() - 1;
    int dice = random.nextInt(1_000);
    if (dice < 450) {
      return channels.get(0);
    }
    return dice == 999 || last < 2
        ? channels.get(last)
        : channels.get(1 + random.nextInt(last - 1));
  }

  boolean finishing() {
    return finishing;
  }

  /** Where readers end; empty as long as that is not known. */
  Map<String, Long> goal() {
    return goal;
  }

  /** How long this reader is to read nothing, told once. */
  Duration stall(String reader) {
    Duration stall = stalls.remove(reader);
    return stall == null ? Duration.ZERO : stall;
  }

  /** Dies here, without a further line, if it was told to: between a receipt and its note. */
  void haltIfTold(String receipt) {
    // One in a few, so that it is not always the first connection that hears something.
    if (receipt.equals(haltBefore.get()) && ThreadLocalRandom.current().nextInt(4) == 0) {
      Runtime.getRuntime().halt(DIED);
    }
  }
}
