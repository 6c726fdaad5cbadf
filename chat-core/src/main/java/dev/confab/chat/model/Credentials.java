package dev.confab.chat.model;

import java.util.Optional;

/** What somebody shows to prove who they are. No form of it ever prints its secret. */
public sealed interface Credentials {
  /**
   * A name and a password.
   *
   * @param name what the user calls herself; not checked in any way yet
   * @param password the password
   */
  record Password(String name, String password) implements Credentials {
    @Override
    public String toString() {
      return "Password[…]";
    }
  }

  /**
   * A token of the application's own making.
   *
   * @param value the token
   */
  record Token(String value) implements Credentials {
    @Override
    public String toString() {
      return "Token[…]";
    }
  }

  /**
   * What the opening request proved, before the client said anything.
   *
   * @param handshake the request
   */
  record Proof(Handshake handshake) implements Credentials {
    @Override
    public String toString() {
      return "Proof[…]";
    }
  }

  /**
   * Nothing at all: somebody who wants in without an account, as some protocols let everybody. An authenticator that knows no
   * guests refuses this like any other kind it does not take.
   *
   * @param connection the connection: unguessable and never used again
   * @param name what the guest wants to be called; not checked in any way yet
   */
  record Guest(ConnectionId connection, Optional<String> name) implements Credentials {}
}
