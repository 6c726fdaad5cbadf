package dev.confab.chat.benchmarks;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The peers that run on Node, and what npm fetches for them: what the lock file names, and nothing else. */
final class NodePeers {
  private static final List<String> FILES =
      List.of("package.json", "package-lock.json", "peers.js");
  private static final long FETCHED_WITHIN_SECONDS = 60;

  private final Path node;
  private final Path script;

  private NodePeers(Path node, Path script) {
    this.node = node;
    this.script = script;
  }

  /**
   * Makes them ready in this directory, unless they are there.
   *
   * @throws IOException if they can not be, in a sentence that says why
   */
  static NodePeers in(Path directory) throws IOException {
    Path node = onPath("node").orElseThrow(() -> new IOException("node is not on the PATH"));
    Path npm = onPath("npm").orElseThrow(() -> new IOException("npm is not on the PATH"));
    Files.createDirectories(directory);
    boolean same = true;
    for (String name : FILES) {
      same &= put(name, directory.resolve(name));
    }
    if (!same || !Files.isDirectory(directory.resolve("node_modules"))) {
      fetch(npm, directory);
    }
    return new NodePeers(node, directory.resolve("peers.js").toAbsolutePath());
  }

  private static Optional<Path> onPath(String name) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** False if it was not there, or was another. */
  private static boolean put(String name, Path to) throws IOException {
    try (InputStream in = NodePeers.class.getResourceAsStream("node/" + name)) {
      if (in == null) {
        throw new FileNotFoundException(name);
      }
      byte[] content = in.readAllBytes();
      if (Files.exists(to) && Arrays.equals(content, Files.readAllBytes(to))) {
        return true;
      }
      // Whole or not at all, should two do it at once.
      Path beside = Files.createTempFile(to.toAbsolutePath().getParent(), name, ".part");
      Files.write(beside, content);
      Files.move(beside, to, StandardCopyOption.REPLACE_EXISTING);
      return false;
    }
  }

  private static void fetch(Path npm, Path directory) throws IOException {
    Path said = directory.resolve("npm.log");
    Process process = new ProcessBuilder(
            npm.toString(),
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefer-offline",
            "--fetch-retries=0",
            "--fetch-timeout=20000")
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectInput(Redirect.from(new File("/dev/null")))
        .redirectOutput(said.toFile())
        .start();
    try {
      if (!process.waitFor(FETCHED_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("npm did not end within " + FETCHED_WITHIN_SECONDS + " s");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", interrupted);
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IOException("npm could not fetch them, see " + said);
    }
  }

  /** What runs one of them. */
  List<String> program(String peer) {
    return List.of(node.toString(), script.toString(), peer);
  }
}
