package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.confab.chat.spi.MessageStore;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** A PostgreSQL server that is gone, and its standby, which did not receive the last messages, in its place. */
class PostgresqlStandbyTest {
  private static final File WORK = new File("target/postgresql").getAbsoluteFile();
  private static final Path PRIMARY = directory("primary");
  private static final Path STANDBY = directory("standby");

  private static Path directory(String name) {
    return WORK.toPath().resolve(name + "-" + ProcessHandle.current().pid());
  }

  @Test
  void a_standby_that_lagged_takes_over_under_running_nodes() throws Exception {
    try (EmbeddedPostgres primary = server(PRIMARY, true);
        TcpGate replication = new TcpGate(primary.getPort())) {
      copy(primary, replication.port());
      try (EmbeddedPostgres standby = server(STANDBY, false);
          TcpGate way = new TcpGate(primary.getPort());
          ChatNode one = new ChatNode(store(way), Duration.ofMillis(50));
          ChatNode other = new ChatNode(store(way), Duration.ofMillis(50));
          ChatClient sender = one.v1();
          ChatClient reader = one.v1();
          ChatClient otherReader = other.v1();
          ChatClient plain = other.plain()) {
        for (ChatClient each : List.of(reader, otherReader, plain)) {
          each.follow("room_1");
        }
        String common = sender.say("room_1", "common", "k1").path("cursor").asText();
        for (ChatClient each : List.of(reader, otherReader, plain)) {
          each.message(1, "common");
        }
        String reached = ask(primary.getPort(), "select pg_current_wal_lsn()::text");
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> ask(
                    standby.getPort(),
                    "select pg_last_wal_replay_lsn() >= '" + reached + "'::pg_lsn")
                .equals("t"));

        replication.shut();
        String lost = "";
        for (int seq = 2; seq <= 4; seq++) {
          lost = sender.say("room_1", "lost", "k" + seq).path("cursor").asText();
          for (ChatClient each : List.of(reader, otherReader, plain)) {
            each.message(seq, "lost");
          }
        }
        way.shut();
        assertThat(ask(standby.getPort(), "select pg_promote()")).isEqualTo("t");
        way.leadTo(standby.getPort());
        way.open();

        reader.reset(1);
        otherReader.reset(1);
        assertThat(plain.closeCode()).isEqualTo(4300);
        assertThat(sender.say("room_1", "new", "k5").path("seq").asInt()).isEqualTo(2);
        reader.message(2, "new");
        otherReader.message(2, "new");
        for (ChatNode node : List.of(one, other)) {
          try (ChatClient wasThere = node.v1();
              ChatClient wasAway = node.v1()) {
            JsonNode reply = wasThere.resume("room_1", lost);
            assertThat(reply.path("reset").asBoolean()).as("%s", reply).isTrue();
            assertThat(wasAway.resume("room_1", common).has("reset")).isFalse();
            wasAway.message(2, "new");
          }
        }
      }
    } finally {
      delete(PRIMARY);
      delete(STANDBY);
    }
  }

  private static EmbeddedPostgres server(Path data, boolean fresh) throws IOException {
    return EmbeddedPostgres.builder()
        .setOverrideWorkingDirectory(WORK)
        .setDataDirectory(data)
        .setCleanDataDirectory(fresh)
        .setServerConfig("wal_level", "replica")
        .setServerConfig("hot_standby", "on")
        .setServerConfig("wal_retrieve_retry_interval", "100ms")
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setOutputRedirector(Redirect.DISCARD)
        .setErrorRedirector(Redirect.DISCARD)
        .start();
  }

  private static MessageStore store(TcpGate way) {
    return PostgresqlRollbackTest.pooled(Sources.pool(source(way.port()), 4));
  }

  private static DataSource source(int port) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {"127.0.0.1"});
    source.setPortNumbers(new int[] {port});
    source.setDatabaseName("postgres");
    source.setUser("postgres");
    // In seconds: nothing in these tests may hang.
    source.setConnectTimeout(5);
    source.setSocketTimeout(30);
    return source;
  }

  private static String ask(int port, String query) {
    return Sources.lines(source(port), query).get(0);
  }

  /** A base backup, taken while the server runs, that follows it through this port. */
  private static void copy(EmbeddedPostgres primary, int replicationPort)
      throws IOException, SQLException {
    try (Connection connection = primary.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("select pg_backup_start('standby', true)");
      copyFiles();
      try (ResultSet rows = statement.executeQuery("select labelfile from pg_backup_stop(false)")) {
        rows.next();
        Files.writeString(STANDBY.resolve("backup_label"), rows.getString(1));
      }
    }
    Files.createFile(STANDBY.resolve("standby.signal"));
    Files.writeString(
        STANDBY.resolve("postgresql.auto.conf"),
        "primary_conninfo = 'host=127.0.0.1 port=" + replicationPort + " user=postgres'\n");
  }

  private static void copyFiles() throws IOException {
    Files.createDirectories(
        STANDBY,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    List<Path> sources;
    try (Stream<Path> files = Files.walk(PRIMARY)) {
      sources = new ArrayList<>(files.toList());
    }
    for (Path file : sources) {
      Path relative = PRIMARY.relativize(file);
      Path target = STANDBY.resolve(relative);
      boolean directory = Files.isDirectory(file);
      if (directory) {
        Files.createDirectories(target);
      } else if (!relative.startsWith("postmaster.pid") && !relative.startsWith("pg_wal")) {
        try {
          Files.copy(file, target);
        } catch (NoSuchFileException gone) {
          // It was removed meanwhile, which the log of the server knows.
        }
      }
    }
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .sorted(java.util.Comparator.reverseOrder())
          .forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
