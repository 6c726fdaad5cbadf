package dev.confab.chat.containers.war;

import dev.confab.chat.Chat;
import dev.confab.chat.ChatBuilder;
import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.store.jdbi.JdbiMessageStore;
import jakarta.enterprise.inject.spi.CDI;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;

/** The two chats of the club. They share nothing. */
// docs:begin chats
public final class ClubChats implements AutoCloseable {
  private final Chat members;
  private final Chat staff;

  /**
   * Opens them.
   *
   * @param database where the members' messages are kept; in memory if there is none. Those of the staff always are.
   */
  public ClubChats(Members known, OpeningHours hours, Optional<DataSource> database) {
    ChatBuilder builder = Chat.builder()
        .authenticator(shown -> member(known, shown))
        .on("hours", call -> Json.string(hours.today()))
        .on(
            "noticeboard",
            call -> Json.string(CDI.current().select(OpeningHours.class).get().today()));
    database.map(JdbiMessageStore::create).ifPresent(builder::store);
    members = builder.build();
    staff = Chat.builder().authenticator(ClubChats::staff).build();
  }

  /** A member shows a name and a password. */
  private static Identity member(Members known, Credentials shown) {
    if (shown instanceof Credentials.Password login) {
      return known
          .login(login.name(), login.password())
          .map(member -> Identity.of(member.id(), member.name()))
          .orElseThrow(() -> new RefusedException(ErrorCode.BAD_CREDENTIALS));
    }
    throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
  }

  /** Staff show nothing: the container has logged them in before it lets them connect. */
  private static Identity staff(Credentials shown) {
    if (shown instanceof Credentials.Proof proof) {
      return proof
          .handshake()
          .principal()
          .map(name -> Identity.of(name, name))
          .orElseThrow(() -> new RefusedException(ErrorCode.BAD_CREDENTIALS));
    }
    throw new RefusedException(ErrorCode.BAD_CREDENTIALS);
  }

  /** Where members chat. */
  public Chat members() {
    return members;
  }

  /** Where staff chat. */
  public Chat staff() {
    return staff;
  }

  @Override
  public void close() {
    members.close(Duration.ofSeconds(5));
    staff.close(Duration.ofSeconds(5));
  }
}
// docs:end chats
