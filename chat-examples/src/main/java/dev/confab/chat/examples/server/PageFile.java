package dev.confab.chat.examples.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A file of the page, ready to be served. No record: its bytes are not to be changed.
 *
 * <p>All of them are read when the server starts, and only these are served: what a request asks for never becomes a path.
 */
final class PageFile {
  private static final Map<String, String> TYPES = Map.of(
      "html", "text/html; charset=utf-8",
      "css", "text/css; charset=utf-8",
      "js", "text/javascript; charset=utf-8",
      "json", "application/json",
      "svg", "image/svg+xml",
      "png", "image/png",
      "ico", "image/x-icon",
      "woff2", "font/woff2");

  private final String type;
  private final String tag;
  private final byte[] bytes;

  private PageFile(String type, byte[] bytes) {
    this.type = type;
    this.bytes = bytes;
    this.tag = '"' + hash(bytes) + '"';
  }

  /** The files below the folder {@code web} of our jar, by the path they are served at, as in {@code /page.js}. */
  static Map<String, PageFile> all() {
    URL folder = PageFile.class.getResource("/web");
    if (folder == null) {
      throw new IllegalStateException("the folder web is missing from the jar");
    }
    try {
      URI uri = folder.toURI();
      if (!uri.getScheme().equals("jar")) {
        return below(Path.of(uri));
      }
      try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
        return below(jar.getPath("/web"));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static Map<String, PageFile> below(Path root) throws IOException {
    List<Path> paths;
    try (Stream<Path> found = Files.walk(root)) {
      paths = found.filter(Files::isRegularFile).toList();
    }
    Map<String, PageFile> files = new HashMap<>();
    for (Path path : paths) {
      String name = "/" + root.relativize(path).toString().replace('\\', '/');
      String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
      if (type == null) {
        throw new IllegalStateException("of what type is " + name + "? Add it to the types.");
      }
      files.put(name, new PageFile(type, Files.readAllBytes(path)));
    }
    return Map.copyOf(files);
  }

  private static String hash(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return new BigInteger(1, digest).toString(36);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Its content type. */
  String type() {
    return type;
  }

  /** Names its content, with quotes, as in an {@code ETag}. */
  String tag() {
    return tag;
  }

  /** Its content, which nobody changes. */
  byte[] bytes() {
    return bytes;
  }
}
