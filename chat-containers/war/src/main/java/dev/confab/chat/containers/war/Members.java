package dev.confab.chat.containers.war;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** The members of the club: the application's own users, here of a file that lies in the WAR. A bean, where there is CDI. */
@ApplicationScoped
public class Members {
  /** Somebody who belongs to the club. */
  public record Member(String id, String name) {}

  /** What an unknown member's password is compared with, so that it takes as long as a known one's. */
  private static final String NOBODY = "-:00:00";

  private static final int ROUNDS = 120_000;

  private final Properties file = new Properties();

  /** Reads the file: {@code id = name : salt : hash}. */
  public Members() {
    try (InputStream in = Members.class.getResourceAsStream("/members.properties")) {
      file.load(Objects.requireNonNull(in, "members.properties is missing"));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Who this is; empty if the password is wrong or nobody has the id. */
  public Optional<Member> login(String id, String password) {
    String[] parts = file.getProperty(id, NOBODY).split(":", 3);
    HexFormat hex = HexFormat.of();
    byte[] hash = hash(password, hex.parseHex(parts[1]));
    return MessageDigest.isEqual(hash, hex.parseHex(parts[2]))
        ? Optional.of(new Member(id, parts[0]))
        : Optional.empty();
  }

  private static byte[] hash(String password, byte[] salt) {
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
          .generateSecret(new PBEKeySpec(password.toCharArray(), salt, ROUNDS, 256))
          .getEncoded();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
