package dev.confab.chat.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.h2.jdbcx.JdbcDataSource;

/** H2 inside this process: a file a database. It does not wait for the disk when it commits, whatever it is told. */
record H2Files(Path directory) implements DatabaseServer {
  @Override
  public Database create() throws IOException {
    Path home = Files.createTempDirectory(Files.createDirectories(directory), "chat");
    JdbcDataSource source = new JdbcDataSource();
    source.setURL("jdbc:h2:file:" + home.resolve("chat").toAbsolutePath() + ";LOCK_TIMEOUT=30000");
    source.setUser("sa");
    return new PooledDatabase(source) {
      @Override
      public String insert() {
        return "select seq from final table (" + INSERT + ")";
      }

      @Override
      void drop() {
        Folders.delete(home);
      }
    };
  }

  @Override
  public void close() {
    Folders.delete(directory);
  }
}
