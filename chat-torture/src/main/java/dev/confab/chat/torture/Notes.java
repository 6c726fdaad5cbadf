package dev.confab.chat.torture;

import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of what somebody did or saw, a line each, its fields parted by tabs and the last the time. A line is with the system
 * when {@link #note} returns, so that killing the process loses none. Safe for use by several threads.
 */
final class Notes implements Closeable {
  private final FileOutputStream out;

  private Notes(FileOutputStream out) {
    this.out = out;
  }

  /** Opens for adding; a last line that a kill tore in two is removed first. */
  static Notes append(Path file) {
    try {
      cutTornLine(file);
      return new Notes(new FileOutputStream(file.toFile(), true));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static void cutTornLine(Path file) throws IOException {
    if (!Files.exists(file)) {
      return;
    }
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      long end = open.length();
      while (end > 0) {
        open.seek(end - 1);
        if (open.read() == '\n') {
          break;
        }
        end--;
      }
      open.setLength(end);
    }
  }

  /** Writes one line. */
  void note(Object... fields) {
    StringBuilder line = new StringBuilder();
    for (Object field : fields) {
      line.append(field).append('\t');
    }
    byte[] bytes = line.append(System.currentTimeMillis())
        .append('\n')
        .toString()
        .getBytes(StandardCharsets.UTF_8);
    synchronized (this) {
      try {
        out.write(bytes);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }

  /** All whole lines of a file, each in its fields; none if there is no such file. */
  static List<String[]> read(Path file) {
    try {
      List<String[]> lines = new ArrayList<>();
      if (!Files.exists(file)) {
        return lines;
      }
      String text = Files.readString(file);
      int from = 0;
      for (int to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
        lines.add(text.substring(from, to).split("\t", -1));
        from = to + 1;
      }
      return lines;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
