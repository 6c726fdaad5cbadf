package dev.confab.chat.dialects;

import dev.confab.chat.model.Credentials;
import dev.confab.chat.model.Handshake;
import java.util.Map;
import java.util.Optional;

/**
 * That somebody has shown a signature for a presence channel, on its way to the authenticator.
 *
 * @param by on which passes it is noted: those of one dialect, whose word is not another's
 * @param member whom the application has signed
 */
record SignedIn(Passes by, SignedMember member) {
  /** Where the door to the authenticator shows it: a value of ours, which no client can send. */
  private static final String ATTRIBUTE = "dev.confab.chat.dialects.pusher";

  /** What is shown at the door. */
  Credentials proof(String path) {
    return new Credentials.Proof(new Handshake(
        path,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        Map.of(ATTRIBUTE, this)));
  }

  /** Whom these credentials show to be signed in by these passes; empty if they show something else. */
  static Optional<SignedMember> shown(Credentials credentials, Passes by) {
    return credentials instanceof Credentials.Proof proof
            && proof.handshake().attributes().get(ATTRIBUTE) instanceof SignedIn signed
            && signed.by() == by
        ? Optional.of(signed.member())
        : Optional.empty();
  }
}
