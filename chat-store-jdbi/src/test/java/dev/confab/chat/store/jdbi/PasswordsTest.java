package dev.confab.chat.store.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Against hashes that other programs made. */
class PasswordsTest {
  /** Made by libxcrypt's crypt(3), which PHP's password_hash agrees with. */
  private static final Map<String, String> FOREIGN = Map.of(
      "secret",
      "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
      "x".repeat(71),
      "$2y$04$abcdefghijklmnopqrstuu.gc7UY/21CSNJGJg21jJzx9QiOpJ9bO",
      "x".repeat(72),
      "$2y$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i",
      "x".repeat(80),
      "$2y$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i",
      "p\u00e4ssw\u00f6rd",
      "$2y$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC",
      "\u00e9".repeat(36),
      "$2y$04$abcdefghijklmnopqrstuuKiIlCeXB6chNXkLyAo8C7XcLPzh6zUe",
      // The password that Laravel's user factory gives everybody.
      "password",
      "$2y$10$92IXUNpkjO0rOQ5byMi.Ye4oKoEa3Ro9llC/.og/at2.uheWG/igi");

  @Test
  void hashes_of_other_programs_are_taken_at_every_length() {
    FOREIGN.forEach((password, hash) -> {
      assertThat(Passwords.matches(password, hash)).as("%s", hash).isTrue();
      assertThat(Passwords.matches("y" + password, hash)).as("not %s", hash).isFalse();
      assertThat(Passwords.matches("", hash)).isFalse();
    });
    assertThat(Passwords.matches("x".repeat(70), FOREIGN.get("x".repeat(71)))).isFalse();
    assertThat(Passwords.matches("x".repeat(71), FOREIGN.get("x".repeat(72)))).isFalse();
  }

  @Test
  void older_marks_of_the_same_hash_are_taken() {
    String rest = "$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";
    for (String mark : new String[] {"$2a", "$2b", "$2y"}) {
      assertThat(Passwords.matches("secret", mark + rest)).isTrue();
      assertThat(Passwords.matches("Secret", mark + rest)).isFalse();
    }
  }

  @Test
  void own_hashes_are_as_laravel_writes_them_and_never_the_same() {
    String one = Passwords.hash("secret", 4);
    assertThat(one).startsWith("$2y$04$").hasSize(60).isNotEqualTo(Passwords.hash("secret", 4));
    assertThat(Passwords.matches("secret", one)).isTrue();
    String longest = Passwords.hash("x".repeat(72), 4);
    assertThat(longest).startsWith("$2y$04$");
    assertThat(Passwords.matches("x".repeat(72), longest)).isTrue();
  }

  @Test
  void only_hashes_of_bearable_cost_are_compared() {
    String rest = "$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";
    assertThat(Passwords.cost("$2y$05" + rest)).isEqualTo(OptionalInt.of(5));
    assertThat(Passwords.cost("$2y$31" + rest)).isEmpty();
    assertThat(Passwords.cost("$2y$03" + rest)).isEmpty();
    assertThat(Passwords.cost("$2y$0x" + rest)).isEmpty();
    assertThat(Passwords.cost("$1$05" + rest)).isEmpty();
    assertThat(Passwords.cost("secret")).isEmpty();
    assertThat(Passwords.cost("")).isEmpty();
  }
}
