package dev.confab.chat.store.jdbi;

import dev.confab.chat.spi.MessageStore;
import java.util.List;
import java.util.Locale;

/** A MariaDB database whose tables are filled from a copy again, while nobody can reach it. */
class MariadbRollbackTest extends RollbackContract {
  private static final List<String> TABLES = List.of("chat_channel", "chat_entry", "chat_key");

  @Override
  Restorable database() {
    return new Copied(MariadbServer.database(), new TcpGate(MariadbServer.port()));
  }

  private record Copied(MariadbServer.Database database, TcpGate gate) implements Restorable {
    @Override
    public MessageStore store() {
      return PostgresqlRollbackTest.pooled(Sources.pool(database.through(gate.port()), 4));
    }

    private String copy(String name) {
      return database.name() + "_" + name.toLowerCase(Locale.ROOT);
    }

    @Override
    public void keep(String name) {
      database.run("create database " + copy(name));
      for (String table : TABLES) {
        database.run(
            "create table " + copy(name) + "." + table + " like " + table,
            "insert into " + copy(name) + "." + table + " select * from " + table);
      }
    }

    @Override
    public void restore(String name) {
      gate.shut();
      for (String table : TABLES) {
        database.run(
            "drop table " + table,
            "create table " + table + " like " + copy(name) + "." + table,
            "insert into " + table + " select * from " + copy(name) + "." + table);
      }
      gate.open();
    }

    @Override
    public void close() {
      gate.close();
    }
  }
}
