package dev.confab.chat.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;

/**
 * Where the databases lie.
 *
 * @param fileSystem what it is formatted with
 * @param flush how long a write of 4 KiB behind the end of a file takes to be on the disk, the median of many
 */
record Disk(String fileSystem, Duration flush) {
  private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs", "devtmpfs");
  private static final int BLOCK = 4 * 1024;
  private static final int WRITES = 60;

  /**
   * Looks at the disk this directory is on.
   *
   * @throws IllegalStateException if it is none: what is never written to a disk is never waited for
   */
  static Disk of(Path directory) throws IOException {
    Files.createDirectories(directory);
    FileStore store = Files.getFileStore(directory);
    if (IN_MEMORY.contains(store.type())) {
      throw new IllegalStateException(
          directory + " is in memory (" + store.type() + "); durable writes need a disk");
    }
    return new Disk(store.type(), flush(directory));
  }

  private static Duration flush(Path directory) throws IOException {
    Path file = Files.createTempFile(directory, "flush", ".probe");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long[] nanos = new long[WRITES];
      for (int write = 0; write < WRITES; write++) {
        long begin = System.nanoTime();
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        while (block.hasRemaining()) {
          channel.write(block);
        }
        channel.force(false);
        nanos[write] = System.nanoTime() - begin;
      }
      Arrays.sort(nanos);
      return Duration.ofNanos(nanos[WRITES / 2]);
    } finally {
      Files.delete(file);
    }
  }

  @Override
  public String toString() {
    return fileSystem + ", an appended and flushed 4 KiB block takes "
        + Numbers.millis((double) flush.toNanos()) + " ms";
  }
}
