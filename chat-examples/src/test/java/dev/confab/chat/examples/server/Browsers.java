package dev.confab.chat.examples.server;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.brotli.dec.BrotliInputStream;

/**
 * Where a Chromium for the tests is: {@code -Dconfab.browser=PATH} or {@code CONFAB_BROWSER}, else one on the PATH, else that of
 * the npm package {@code @sparticuz/chromium} (Linux on x64), fetched once by the npm client and kept in {@code ~/.cache/confab}.
 * Where none of these is, the tests are skipped, unless it is {@code required}; {@code none} skips them anyway.
 */
final class Browsers {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final String PACKAGE = "@sparticuz/chromium";
  private static final String VERSION = "153.0.0";
  private static final String SHA_512 =
      "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==";

  private static final Path KEPT =
      Path.of(System.getProperty("user.home"), ".cache", "confab", "chromium-" + VERSION);

  private Browsers() {}

  /**
   * A program to start.
   *
   * @param program its path
   * @param environment what it needs besides
   */
  record Found(Path program, Map<String, String> environment) {}

  /** This run does without a browser; the message says why. */
  static final class NoBrowserException extends Exception {
    private static final long serialVersionUID = 1L;

    private NoBrowserException(String why) {
      super(why);
    }
  }

  private static Optional<String> named() {
    return Optional.ofNullable(System.getProperty("confab.browser"))
        .or(() -> Optional.ofNullable(System.getenv("CONFAB_BROWSER")))
        .filter(name -> !name.isBlank());
  }

  /**
   * A browser.
   *
   * @throws NoBrowserException if none is wanted, or there is none and it is not required
   * @throws AssertionError if there is none although it is required, or npm could not fetch one
   */
  static Found find() throws NoBrowserException {
    String wish = named().orElse("");
    switch (wish) {
      case "none" -> throw new NoBrowserException("none is wanted");
      case "", "required" -> {}
      default -> {
        return new Found(Path.of(wish), Map.of());
      }
    }
    Optional<Path> installed =
        NAMES.stream().flatMap(name -> onPath(name).stream()).findFirst();
    if (installed.isPresent()) {
      return new Found(installed.get(), Map.of());
    }
    if (Files.isDirectory(KEPT) || canFetch()) {
      return fetched();
    }
    String missing = "there is neither a Chromium nor, on Linux on x64, npm on the PATH";
    if (wish.equals("required")) {
      throw new AssertionError("A browser is required, but " + missing);
    }
    throw new NoBrowserException(missing);
  }

  private static boolean canFetch() {
    return System.getProperty("os.name").equals("Linux")
        && System.getProperty("os.arch").equals("amd64")
        && onPath("npm").isPresent();
  }

  private static Optional<Path> onPath(String name) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Found fetched() {
    try {
      if (!Files.isDirectory(KEPT)) {
        fetch(KEPT);
      }
    } catch (IOException failure) {
      throw new AssertionError(
          "The page is tested in a browser, and npm could not fetch one (" + failure.getMessage()
              + "): install chromium, or name one by -Dconfab.browser=PATH, or do without by"
              + " -Dconfab.browser=none.",
          failure);
    }
    return new Found(
        KEPT.resolve("chromium"),
        Map.of(
            "LD_LIBRARY_PATH", KEPT.resolve("lib").toString(),
            "FONTCONFIG_PATH", KEPT.toString()));
  }

  /** Made beside and then moved, so that what is there is whole, whoever else does the same. */
  private static void fetch(Path kept) throws IOException {
    Path npm = onPath("npm").orElseThrow(() -> new IOException("npm is not on the PATH"));
    Files.createDirectories(kept.getParent());
    Path work = Files.createTempDirectory(kept.getParent(), "unpacking");
    try {
      run(work, npm.toString(), "pack", PACKAGE + "@" + VERSION, "--ignore-scripts", "--silent");
      Path archive = work.resolve("sparticuz-chromium-" + VERSION + ".tgz");
      requireHash(archive);
      run(work, "tar", "xzf", archive.toString());
      Path bin = work.resolve("package").resolve("bin");
      Path whole = Files.createDirectory(work.resolve("whole"));
      unpack(bin.resolve("chromium.br"), whole.resolve("chromium"));
      if (!whole.resolve("chromium").toFile().setExecutable(true)) {
        throw new IOException("it can not be made executable");
      }
      for (String part : List.of("al2023", "fonts", "swiftshader")) {
        Path tar = work.resolve(part + ".tar");
        unpack(bin.resolve(part + ".tar.br"), tar);
        run(whole, "tar", "xf", tar.toString());
      }
      Files.move(whole, kept, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      delete(work);
    }
  }

  private static void unpack(Path packed, Path to) throws IOException {
    try (InputStream in = new BrotliInputStream(Files.newInputStream(packed), 1 << 16);
        OutputStream out = Files.newOutputStream(to)) {
      in.transferTo(out);
    }
  }

  private static void requireHash(Path archive) throws IOException {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(archive));
      if (!Base64.getEncoder().encodeToString(hash).equals(SHA_512)) {
        throw new IOException("what npm fetched is not what it was");
      }
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static void run(Path directory, String... command) throws IOException {
    Path said = directory.resolveSibling("said-" + UUID.randomUUID());
    Process process = new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(said.toFile())
        .start();
    try {
      if (!process.waitFor(100, TimeUnit.SECONDS) || process.exitValue() != 0) {
        String words = Files.readString(said).strip();
        throw new IOException(
            command[0] + " failed: " + words.substring(0, Math.min(300, words.length())));
      }
    } catch (InterruptedException interrupted) {
      throw new IOException(interrupted);
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(said);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
