package dev.confab.chat.protocol;

import java.util.Locale;

/** Why one command was refused; the connection lives on. The name in lower case is the contract with clients. */
public enum ErrorCode {
  /** Not JSON, not an object, no op, or data that is refused. */
  BAD_FRAME(Retry.NO, "Json format error"),
  /** A missing, wrong or unknown argument or option. */
  BAD_ARGS(Retry.NO, "Wrong arguments"),
  /** No such op. */
  UNKNOWN_OP(Retry.NO, "Unknown op"),
  /** Not logged in. */
  NOT_AUTHENTICATED(Retry.AUTH, "No access"),
  /** A wrong name or password; never which. */
  BAD_CREDENTIALS(Retry.NO, "Invalid name or password"),
  /** The token was good once. */
  TOKEN_EXPIRED(Retry.AUTH, "Token expired"),
  /** The token never was good. */
  TOKEN_INVALID(Retry.AUTH, "Invalid token"),
  /** Logged in as somebody else. */
  ALREADY_AUTHENTICATED(Retry.NO, "Already logged in as another user"),
  /** The policy says no. */
  DENIED(Retry.NO, "No access"),
  /** May not write for a while. */
  MUTED(Retry.LATER, "Muted"),
  /** May not take part. */
  BANNED(Retry.NO, "Banned"),
  /** A text of nothing but white space. */
  EMPTY_MESSAGE(Retry.NO, "Empty message"),
  /** Longer than the channel allows. */
  TOO_LARGE(Retry.NO, "Message too large"),
  /** An interceptor refused it. */
  REJECTED(Retry.NO, "Rejected"),
  /** Too often. */
  RATE_LIMITED(Retry.LATER, "Too many messages"),
  /** More subscriptions than one connection may have. */
  TOO_MANY_CHANNELS(Retry.NO, "Too many channels"),
  /** More connections than one user may have. */
  TOO_MANY_CONNECTIONS(Retry.NO, "Too many connections"),
  /** Not a valid channel name. */
  CHANNEL_NAME(Retry.NO, "Invalid channel name"),
  /** The application's login, policy or op did not answer in time. */
  UNAVAILABLE(Retry.LATER, "Temporarily unavailable"),
  /** The store can not be reached; nothing was recorded. */
  STORE_UNAVAILABLE(Retry.SAME, "Storage unavailable, nothing was recorded"),
  /** The commit may have happened; repeat with the same key. */
  OUTCOME_UNKNOWN(Retry.SAME, "Outcome unknown, repeat with the same key"),
  /** A bounded queue is full. */
  OVERLOADED(Retry.LATER, "Overloaded"),
  /** A bug of ours. */
  INTERNAL(Retry.LATER, "Internal error");

  /** Whether trying again makes sense. */
  public enum Retry {
    /** Not like this. */
    NO,
    /** With the same key, as soon as it may be. */
    SAME,
    /** After a while. */
    LATER,
    /** After a login. */
    AUTH
  }

  private final Retry retry;
  private final String sentence;
  private final String code = name().toLowerCase(Locale.ROOT);

  ErrorCode(Retry retry, String sentence) {
    this.retry = retry;
    this.sentence = sentence;
  }

  /** What stands on the wire. */
  public String code() {
    return code;
  }

  /** Whether trying again makes sense. */
  public Retry retry() {
    return retry;
  }

  /** The sentence for people where no better one is given. */
  public String sentence() {
    return sentence;
  }
}
