package dev.confab.chat.store.jdbi;

import dev.confab.chat.spi.MessageStore;
import java.nio.file.Path;
import java.sql.SQLException;
import org.h2.tools.DeleteDbFiles;
import org.h2.tools.Restore;
import org.h2.tools.Server;

/** An H2 file that is replaced by a backup, while nobody can reach its server. */
class H2RollbackTest extends RollbackContract {
  @Override
  Restorable database() {
    Path directory = H2Files.directory();
    try {
      Server server = Server.createTcpServer(
              "-tcpPort", "0", "-baseDir", directory.toString(), "-ifNotExists")
          .start();
      return new Copied(directory, server, new TcpGate(server.getPort()));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Copied(Path directory, Server server, TcpGate gate) implements Restorable {
    private String url(int port) {
      return "jdbc:h2:tcp://127.0.0.1:" + port + "/./chat;DB_CLOSE_DELAY=-1";
    }

    @Override
    public MessageStore store() {
      return PostgresqlRollbackTest.pooled(Sources.pool(H2Files.source(url(gate.port())), 4));
    }

    private Path copy(String name) {
      return directory.resolve(name + ".zip");
    }

    @Override
    public void keep(String name) {
      H2Files.run(H2Files.source(url(server.getPort())), "backup to '" + copy(name) + "'");
    }

    @Override
    public void restore(String name) {
      gate.shut();
      H2Files.run(H2Files.source(url(server.getPort())), "shutdown");
      DeleteDbFiles.execute(directory.toString(), "chat", true);
      Restore.execute(copy(name).toString(), directory.toString(), "chat");
      gate.open();
    }

    @Override
    public void close() {
      gate.close();
      server.stop();
    }
  }
}
