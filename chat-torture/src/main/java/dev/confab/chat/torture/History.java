package dev.confab.chat.torture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the files of a round tell.
 *
 * @param writers the notes of each writer, see {@link Writer}
 * @param readers the notes of each reader, see {@link Reader}; among them those who read everything at the end, {@code fresh-N}
 * @param log the entries the database held at the end, {@code G channel seq id kind no sender key label print}, and the heads,
 *     {@code H channel head headId no floor}
 * @param servers what became of the servers: {@code start N}, {@code kill N}, {@code stop N code}, {@code died N code},
 *     {@code memory N}, {@code nostart N}; and how many there are, {@code servers COUNT}
 * @param faults what was broken, {@code F fault server detail}, and when a server, or with 0 all
 *     of them, could not ask the database, {@code O from to server}
 */
record History(
    Map<String, List<String[]>> writers,
    Map<String, List<String[]>> readers,
    List<String[]> log,
    List<String[]> servers,
    List<String[]> faults) {

  /** Reads what is in the folder of a round. */
  static History read(Path folder) {
    return new History(
        all(folder, "writer-"),
        all(folder, "reader-"),
        Notes.read(folder.resolve("log.tsv")),
        Notes.read(folder.resolve("servers.tsv")),
        Notes.read(folder.resolve("faults.tsv")));
  }

  private static Map<String, List<String[]>> all(Path folder, String beginning) {
    Map<String, List<String[]>> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith(beginning) && name.endsWith(".tsv")) {
          all.put(
              name.substring(beginning.length(), name.length() - ".tsv".length()),
              Notes.read(file));
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return all;
  }
}
