package dev.confab.chat.model;

import java.time.Duration;

/**
 * Every bound of a running chat. Each has a default, a unit in its name or type, a range that is checked where the value
 * is given, and an answer for who meets it.
 */
public final class Limits {
  private static final int KIB = 1024;
  private static final int MIB = 1024 * KIB;
  private static final Limits DEFAULTS = builder().build();

  private final int clientFrameBytes;
  private final int clientDataBytes;
  private final int hostDataBytes;
  private final int waitingCommands;
  private final int waitingCommandBytes;
  private final int openSends;
  private final int openSendBytes;
  private final int replyBytes;
  private final int signalBytes;
  private final int writeBytes;
  private final int crowdedWriteBytes;
  private final long inFlightBytes;
  private final int channelsPerConnection;
  private final int connectionsPerUser;
  private final int attributeBytes;
  private final int anonymousPerAddress;
  private final int guestsPerAddress;
  private final long journalBytes;
  private final int journalDrafts;
  private final int batchItems;
  private final int batchBytes;
  private final long tailsBytes;
  private final int tailBytes;
  private final int pageBytes;
  private final long pagesBytes;
  private final int readers;
  private final int historyBytes;
  private final int historyReplyBytes;
  private final int logins;
  private final int failedLogins;
  private final int checks;
  private final int listenerQueue;
  private final int presenceNames;
  private final int watchNamesPerSecond;
  private final Duration stallAfter;
  private final Duration repliesFullFor;
  private final Duration loginWithin;
  private final Duration doorWait;
  private final Duration doorTimeout;
  private final Duration heartbeat;
  private final Duration plainSilence;
  private final Duration presenceGrace;
  private final Duration watchPeriod;
  private final Duration heldWait;
  private final Duration lookupWithin;
  private final Duration channelIdle;

  private Limits(Builder builder) {
    this.clientFrameBytes = builder.clientFrameBytes;
    this.clientDataBytes = builder.clientDataBytes;
    this.hostDataBytes = builder.hostDataBytes;
    this.waitingCommands = builder.waitingCommands;
    this.waitingCommandBytes = builder.waitingCommandBytes;
    this.openSends = builder.openSends;
    this.openSendBytes = builder.openSendBytes;
    this.replyBytes = builder.replyBytes;
    this.signalBytes = builder.signalBytes;
    this.writeBytes = builder.writeBytes;
    this.crowdedWriteBytes = builder.crowdedWriteBytes;
    this.inFlightBytes = builder.inFlightBytes;
    this.channelsPerConnection = builder.channelsPerConnection;
    this.connectionsPerUser = builder.connectionsPerUser;
    this.attributeBytes = builder.attributeBytes;
    this.anonymousPerAddress = builder.anonymousPerAddress;
    this.guestsPerAddress = builder.guestsPerAddress;
    this.journalBytes = builder.journalBytes;
    this.journalDrafts = builder.journalDrafts;
    this.batchItems = builder.batchItems;
    this.batchBytes = builder.batchBytes;
    this.tailsBytes = builder.tailsBytes;
    this.tailBytes = builder.tailBytes;
    this.pageBytes = builder.pageBytes;
    this.pagesBytes = builder.pagesBytes;
    this.readers = builder.readers;
    this.historyBytes = builder.historyBytes;
    this.historyReplyBytes = builder.historyReplyBytes;
    this.logins = builder.logins;
    this.failedLogins = builder.failedLogins;
    this.checks = builder.checks;
    this.listenerQueue = builder.listenerQueue;
    this.presenceNames = builder.presenceNames;
    this.watchNamesPerSecond = builder.watchNamesPerSecond;
    this.stallAfter = builder.stallAfter;
    this.repliesFullFor = builder.repliesFullFor;
    this.loginWithin = builder.loginWithin;
    this.doorWait = builder.doorWait;
    this.doorTimeout = builder.doorTimeout;
    this.heartbeat = builder.heartbeat;
    this.plainSilence = builder.plainSilence;
    this.presenceGrace = builder.presenceGrace;
    this.watchPeriod = builder.watchPeriod;
    this.heldWait = builder.heldWait;
    this.lookupWithin = builder.lookupWithin;
    this.channelIdle = builder.channelIdle;
  }

  /** The defaults. */
  public static Limits defaults() {
    return DEFAULTS;
  }

  /** A builder that starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Bytes of UTF-8 a client's frame may have; at the bound: the connection is closed with 1009. */
  public int clientFrameBytes() {
    return clientFrameBytes;
  }

  /** Bytes of minified JSON a client may send as {@code data}; at the bound: {@code too_large}. */
  public int clientDataBytes() {
    return clientDataBytes;
  }

  /** Bytes of minified JSON the host may publish as {@code data}; at the bound: {@code too_large}. */
  public int hostDataBytes() {
    return hostDataBytes;
  }

  /**
   * Commands of one connection that wait for their turn; at the bound: {@code overloaded}, in the order of
   * requests; closed with 4103 when four times as many were refused and wait to be told.
   */
  public int waitingCommands() {
    return waitingCommands;
  }

  /** Bytes of the frames these commands came in; at the bound: {@code overloaded}, in the order of requests. */
  public int waitingCommandBytes() {
    return waitingCommandBytes;
  }

  /** Sends of one connection without outcome yet; at the bound: {@code overloaded}. */
  public int openSends() {
    return openSends;
  }

  /** Bytes of these sends; at the bound: {@code overloaded}. */
  public int openSendBytes() {
    return openSendBytes;
  }

  /**
   * Bytes of replies that wait for one connection; at the bound: its commands wait; still full after {@link
   * #repliesFullFor()}: closed with 4101.
   */
  public int replyBytes() {
    return replyBytes;
  }

  /**
   * Bytes of signals and presence that wait for one connection; at the bound: the oldest of the same channel are
   * dropped.
   */
  public int signalBytes() {
    return signalBytes;
  }

  /** Bytes of one write, or one entry if that is larger; at the bound: the rest waits. */
  public int writeBytes() {
    return writeBytes;
  }

  /**
   * Bytes a write shrinks to, and no further, as more is in flight, or one entry if that is larger; at the bound: the rest
   * waits.
   */
  public int crowdedWriteBytes() {
    return crowdedWriteBytes;
  }

  /**
   * Bytes of all writes in flight. Long before, writes become small: half as large for each sixteenth of it that is in flight,
   * down to {@link #crowdedWriteBytes()}; at the bound: they stay so small.
   */
  public long inFlightBytes() {
    return inFlightBytes;
  }

  /** Channels one connection may be subscribed to; at the bound: {@code too_many_channels}. */
  public int channelsPerConnection() {
    return channelsPerConnection;
  }

  /** Connections one user may have; at the bound: {@code too_many_connections}. */
  public int connectionsPerUser() {
    return connectionsPerUser;
  }

  /**
   * Bytes of what the host keeps with one connection, as one JSON object; at the bound: {@code too_large} and nothing is
   * changed.
   */
  public int attributeBytes() {
    return attributeBytes;
  }

  /**
   * Connections without login one address may have; at the bound: closed with 4101 before anything else; addresses
   * the transport does not know are not counted.
   */
  public int anonymousPerAddress() {
    return anonymousPerAddress;
  }

  /**
   * Guests, which are users whose id is their connection's, that one address may have; at the bound: {@code
   * too_many_connections}; addresses the transport does not know are not counted.
   */
  public int guestsPerAddress() {
    return guestsPerAddress;
  }

  /** Bytes of drafts that wait to be committed; at the bound: {@code overloaded}. */
  public long journalBytes() {
    return journalBytes;
  }

  /** Drafts that wait to be committed; at the bound: {@code overloaded}. */
  public int journalDrafts() {
    return journalDrafts;
  }

  /** Items of one transaction; at the bound: the rest goes with the next one. */
  public int batchItems() {
    return batchItems;
  }

  /** Bytes of one transaction, or one item if that is larger; at the bound: the rest goes with the next one. */
  public int batchBytes() {
    return batchBytes;
  }

  /**
   * Bytes of the newest entries kept in memory, all channels together; at the bound: oldest entries of the least
   * recently used channels go; readers that still need them read from the store.
   */
  public long tailsBytes() {
    return tailsBytes;
  }

  /** Bytes of the newest entries kept in memory for one channel; at the bound: its oldest entries go. */
  public int tailBytes() {
    return tailBytes;
  }

  /**
   * Bytes of one page read from the store for a reader that is behind, or one entry if that is larger; at the
   * bound: the rest is the next page.
   */
  public int pageBytes() {
    return pageBytes;
  }

  /** Bytes of all such pages together; at the bound: who finds it full waits in line. */
  public long pagesBytes() {
    return pagesBytes;
  }

  /** Threads that read from the store; at the bound: questions wait. */
  public int readers() {
    return readers;
  }

  /** Bytes of messages of one channel in one reply; at the bound: {@code more} says that it was cut. */
  public int historyBytes() {
    return historyBytes;
  }

  /** Bytes of messages of all channels in one reply; at the bound: {@code more} says that it was cut. */
  public int historyReplyBytes() {
    return historyReplyBytes;
  }

  /** Logins that are asked of the application at once; at the bound: the others wait. */
  public int logins() {
    return logins;
  }

  /** How many logins of one connection may fail, before and after one that did not; at the bound: closed with 4103. */
  public int failedLogins() {
    return failedLogins;
  }

  /** Policies, interceptors and own ops that run at once; at the bound: the others wait. */
  public int checks() {
    return checks;
  }

  /** Happenings that wait for a listener; at the bound: further ones are dropped and counted. */
  public int listenerQueue() {
    return listenerQueue;
  }

  /**
   * Users of a channel up to which each join and leave is told by name; at the bound: {@code presence} events with
   * the count, at most one a second.
   */
  public int presenceNames() {
    return presenceNames;
  }

  /** Channels whose heads are asked of the store in one second; at the bound: the period grows. */
  public int watchNamesPerSecond() {
    return watchNamesPerSecond;
  }

  /**
   * How long a write of up to 30 KiB may take; larger ones take a second longer for each KiB; at the bound: closed
   * with 4004.
   */
  public Duration stallAfter() {
    return stallAfter;
  }

  /** How long {@link #replyBytes()} may stay full; at the bound: closed with 4101. */
  public Duration repliesFullFor() {
    return repliesFullFor;
  }

  /** How long a connection may stay without login; at the bound: closed with 4102. */
  public Duration loginWithin() {
    return loginWithin;
  }

  /**
   * How long a command waits for one of the {@link #logins()} or {@link #checks()} places; at the bound: {@code unavailable}.
   */
  public Duration doorWait() {
    return doorWait;
  }

  /**
   * How long a login, policy, interceptor or own op may take; at the bound: {@code unavailable}; its place stays
   * taken until it returns.
   */
  public Duration doorTimeout() {
    return doorTimeout;
  }

  /**
   * After how long without sending anything the server pings; at the bound: two silent intervals of a {@code
   * chat.v1} client: closed with 4003.
   */
  public Duration heartbeat() {
    return heartbeat;
  }

  /** How long a plain client may be silent; at the bound: closed with 4003. */
  public Duration plainSilence() {
    return plainSilence;
  }

  /**
   * How long after a user's last connection left the leave is told; at the bound: a reload is neither leave nor
   * join.
   */
  public Duration presenceGrace() {
    return presenceGrace;
  }

  /** How often the store is asked for the heads of the channels followed here. */
  public Duration watchPeriod() {
    return watchPeriod;
  }

  /**
   * How long a send waits for a channel that another transaction holds; at the bound: {@code store_unavailable}.
   */
  public Duration heldWait() {
    return heldWait;
  }

  /** How long an unknown outcome of a commit is looked up; at the bound: {@code outcome_unknown}. */
  public Duration lookupWithin() {
    return lookupWithin;
  }

  /** How long a channel nobody uses stays open in memory; at the bound: its tail is dropped. */
  public Duration channelIdle() {
    return channelIdle;
  }

  /** Collects limits; each method refuses a value outside the range with {@link IllegalArgumentException}. */
  public static final class Builder {
    private int clientFrameBytes = 64 * KIB;
    private int clientDataBytes = 32 * KIB;
    private int hostDataBytes = MIB;
    private int waitingCommands = 1_024;
    private int waitingCommandBytes = MIB;
    private int openSends = 1_024;
    private int openSendBytes = MIB;
    private int replyBytes = MIB;
    private int signalBytes = 64 * KIB;
    private int writeBytes = 64 * KIB;
    private int crowdedWriteBytes = 4 * KIB;
    private long inFlightBytes = 64L * MIB;
    private int channelsPerConnection = 1_000;
    private int connectionsPerUser = 32;
    private int attributeBytes = 16 * KIB;
    private int anonymousPerAddress = 64;
    private int guestsPerAddress = 1_000;
    private long journalBytes = 16L * MIB;
    private int journalDrafts = 50_000;
    private int batchItems = 500;
    private int batchBytes = MIB;
    private long tailsBytes = 64L * MIB;
    private int tailBytes = 4 * MIB;
    private int pageBytes = 64 * KIB;
    private long pagesBytes = 16L * MIB;
    private int readers = 4;
    private int historyBytes = 256 * KIB;
    private int historyReplyBytes = MIB;
    private int logins = 32;
    private int failedLogins = 10;
    private int checks = 64;
    private int listenerQueue = 10_000;
    private int presenceNames = 200;
    private int watchNamesPerSecond = 5_000;
    private Duration stallAfter = Duration.ofSeconds(30);
    private Duration repliesFullFor = Duration.ofSeconds(10);
    private Duration loginWithin = Duration.ofSeconds(10);
    private Duration doorWait = Duration.ofMinutes(1);
    private Duration doorTimeout = Duration.ofSeconds(10);
    private Duration heartbeat = Duration.ofSeconds(25);
    private Duration plainSilence = Duration.ofMinutes(3);
    private Duration presenceGrace = Duration.ofSeconds(10);
    private Duration watchPeriod = Duration.ofSeconds(1);
    private Duration heldWait = Duration.ofSeconds(5);
    private Duration lookupWithin = Duration.ofSeconds(10);
    private Duration channelIdle = Duration.ofSeconds(30);

    private Builder() {}

    /** Sets {@link Limits#clientFrameBytes()}; default 64 KiB. */
    public Builder clientFrameBytes(int value) {
      this.clientFrameBytes = within("clientFrameBytes", value, 1024, 16 * MIB);
      return this;
    }

    /** Sets {@link Limits#clientDataBytes()}; default 32 KiB. */
    public Builder clientDataBytes(int value) {
      this.clientDataBytes = within("clientDataBytes", value, 256, 16 * MIB);
      return this;
    }

    /** Sets {@link Limits#hostDataBytes()}; default 1 MiB. */
    public Builder hostDataBytes(int value) {
      this.hostDataBytes = within("hostDataBytes", value, 256, 16 * MIB);
      return this;
    }

    /** Sets {@link Limits#waitingCommands()}; default 1,024. */
    public Builder waitingCommands(int value) {
      this.waitingCommands = within("waitingCommands", value, 1, 1_000_000);
      return this;
    }

    /** Sets {@link Limits#waitingCommandBytes()}; default 1 MiB. */
    public Builder waitingCommandBytes(int value) {
      this.waitingCommandBytes = within("waitingCommandBytes", value, 1024, 1_024 * MIB);
      return this;
    }

    /** Sets {@link Limits#openSends()}; default 1,024. */
    public Builder openSends(int value) {
      this.openSends = within("openSends", value, 1, 1_000_000);
      return this;
    }

    /** Sets {@link Limits#openSendBytes()}; default 1 MiB. */
    public Builder openSendBytes(int value) {
      this.openSendBytes = within("openSendBytes", value, 1024, 1_024 * MIB);
      return this;
    }

    /** Sets {@link Limits#replyBytes()}; default 1 MiB. */
    public Builder replyBytes(int value) {
      this.replyBytes = within("replyBytes", value, 1024, 1_024 * MIB);
      return this;
    }

    /** Sets {@link Limits#signalBytes()}; default 64 KiB. */
    public Builder signalBytes(int value) {
      this.signalBytes = within("signalBytes", value, 0, 64 * MIB);
      return this;
    }

    /** Sets {@link Limits#writeBytes()}; default 64 KiB. */
    public Builder writeBytes(int value) {
      this.writeBytes = within("writeBytes", value, 1024, 16 * MIB);
      return this;
    }

    /** Sets {@link Limits#crowdedWriteBytes()}; default 4 KiB. */
    public Builder crowdedWriteBytes(int value) {
      this.crowdedWriteBytes = within("crowdedWriteBytes", value, 256, 16 * MIB);
      return this;
    }

    /** Sets {@link Limits#inFlightBytes()}; default 64 MiB. */
    public Builder inFlightBytes(long value) {
      this.inFlightBytes = within("inFlightBytes", value, 1024, 1L << 40);
      return this;
    }

    /** Sets {@link Limits#channelsPerConnection()}; default 1,000. */
    public Builder channelsPerConnection(int value) {
      this.channelsPerConnection = within("channelsPerConnection", value, 1, 1_000_000);
      return this;
    }

    /** Sets {@link Limits#connectionsPerUser()}; default 32. */
    public Builder connectionsPerUser(int value) {
      this.connectionsPerUser = within("connectionsPerUser", value, 1, 1_000_000);
      return this;
    }

    /** Sets {@link Limits#attributeBytes()}; default 16 KiB. */
    public Builder attributeBytes(int value) {
      this.attributeBytes = within("attributeBytes", value, 0, 16 * MIB);
      return this;
    }

    /** Sets {@link Limits#anonymousPerAddress()}; default 64. */
    public Builder anonymousPerAddress(int value) {
      this.anonymousPerAddress = within("anonymousPerAddress", value, 1, 1_000_000);
      return this;
    }

    /** Sets {@link Limits#guestsPerAddress()}; default 1,000. */
    public Builder guestsPerAddress(int value) {
      this.guestsPerAddress = within("guestsPerAddress", value, 1, 1_000_000);
      return this;
    }

    /** Sets {@link Limits#journalBytes()}; default 16 MiB. */
    public Builder journalBytes(long value) {
      this.journalBytes = within("journalBytes", value, 1024, 1L << 40);
      return this;
    }

    /** Sets {@link Limits#journalDrafts()}; default 50,000. */
    public Builder journalDrafts(int value) {
      this.journalDrafts = within("journalDrafts", value, 1, 10_000_000);
      return this;
    }

    /** Sets {@link Limits#batchItems()}; default 500. */
    public Builder batchItems(int value) {
      this.batchItems = within("batchItems", value, 1, 10_000);
      return this;
    }

    /** Sets {@link Limits#batchBytes()}; default 1 MiB. */
    public Builder batchBytes(int value) {
      this.batchBytes = within("batchBytes", value, 1024, 1_024 * MIB);
      return this;
    }

    /** Sets {@link Limits#tailsBytes()}; default 64 MiB. */
    public Builder tailsBytes(long value) {
      this.tailsBytes = within("tailsBytes", value, 0, 1L << 40);
      return this;
    }

    /** Sets {@link Limits#tailBytes()}; default 4 MiB. */
    public Builder tailBytes(int value) {
      this.tailBytes = within("tailBytes", value, 0, 1_024 * MIB);
      return this;
    }

    /** Sets {@link Limits#pageBytes()}; default 64 KiB. */
    public Builder pageBytes(int value) {
      this.pageBytes = within("pageBytes", value, 1024, 16 * MIB);
      return this;
    }

    /** Sets {@link Limits#pagesBytes()}; default 16 MiB. */
    public Builder pagesBytes(long value) {
      this.pagesBytes = within("pagesBytes", value, 1024, 1L << 40);
      return this;
    }

    /** Sets {@link Limits#readers()}; default 4. */
    public Builder readers(int value) {
      this.readers = within("readers", value, 1, 256);
      return this;
    }

    /** Sets {@link Limits#historyBytes()}; default 256 KiB. */
    public Builder historyBytes(int value) {
      this.historyBytes = within("historyBytes", value, 1024, 64 * MIB);
      return this;
    }

    /** Sets {@link Limits#historyReplyBytes()}; default 1 MiB. */
    public Builder historyReplyBytes(int value) {
      this.historyReplyBytes = within("historyReplyBytes", value, 1024, 64 * MIB);
      return this;
    }

    /** Sets {@link Limits#logins()}; default 32. */
    public Builder logins(int value) {
      this.logins = within("logins", value, 1, 10_000);
      return this;
    }

    /** Sets {@link Limits#failedLogins()}; default 10. */
    public Builder failedLogins(int value) {
      this.failedLogins = within("failedLogins", value, 1, 1_000_000);
      return this;
    }

    /** Sets {@link Limits#checks()}; default 64. */
    public Builder checks(int value) {
      this.checks = within("checks", value, 1, 10_000);
      return this;
    }

    /** Sets {@link Limits#listenerQueue()}; default 10,000. */
    public Builder listenerQueue(int value) {
      this.listenerQueue = within("listenerQueue", value, 1, 10_000_000);
      return this;
    }

    /** Sets {@link Limits#presenceNames()}; default 200. */
    public Builder presenceNames(int value) {
      this.presenceNames = within("presenceNames", value, 0, 10_000);
      return this;
    }

    /** Sets {@link Limits#watchNamesPerSecond()}; default 5,000. */
    public Builder watchNamesPerSecond(int value) {
      this.watchNamesPerSecond = within("watchNamesPerSecond", value, 1, 10_000_000);
      return this;
    }

    /** Sets {@link Limits#stallAfter()}; default 30 s. */
    public Builder stallAfter(Duration value) {
      this.stallAfter = within("stallAfter", value, Duration.ofMillis(100), Duration.ofDays(1));
      return this;
    }

    /** Sets {@link Limits#repliesFullFor()}; default 10 s. */
    public Builder repliesFullFor(Duration value) {
      this.repliesFullFor =
          within("repliesFullFor", value, Duration.ofMillis(100), Duration.ofDays(1));
      return this;
    }

    /** Sets {@link Limits#loginWithin()}; default 10 s. */
    public Builder loginWithin(Duration value) {
      this.loginWithin = within("loginWithin", value, Duration.ofMillis(100), Duration.ofDays(1));
      return this;
    }

    /** Sets {@link Limits#doorWait()}; default 1 min. */
    public Builder doorWait(Duration value) {
      this.doorWait = within("doorWait", value, Duration.ofMillis(10), Duration.ofDays(1));
      return this;
    }

    /** Sets {@link Limits#doorTimeout()}; default 10 s. */
    public Builder doorTimeout(Duration value) {
      this.doorTimeout = within("doorTimeout", value, Duration.ofMillis(10), Duration.ofDays(1));
      return this;
    }

    /** Sets {@link Limits#heartbeat()}; default 25 s. */
    public Builder heartbeat(Duration value) {
      this.heartbeat = within("heartbeat", value, Duration.ofMillis(100), Duration.ofDays(1));
      return this;
    }

    /** Sets {@link Limits#plainSilence()}; default 3 min. */
    public Builder plainSilence(Duration value) {
      this.plainSilence = within("plainSilence", value, Duration.ofMillis(100), Duration.ofDays(1));
      return this;
    }

    /** Sets {@link Limits#presenceGrace()}; default 10 s. */
    public Builder presenceGrace(Duration value) {
      this.presenceGrace = within("presenceGrace", value, Duration.ofMillis(0), Duration.ofDays(1));
      return this;
    }

    /** Sets {@link Limits#watchPeriod()}; default 1 s. */
    public Builder watchPeriod(Duration value) {
      this.watchPeriod = within("watchPeriod", value, Duration.ofMillis(10), Duration.ofDays(1));
      return this;
    }

    /** Sets {@link Limits#heldWait()}; default 5 s. */
    public Builder heldWait(Duration value) {
      this.heldWait = within("heldWait", value, Duration.ofMillis(1), Duration.ofDays(1));
      return this;
    }

    /** Sets {@link Limits#lookupWithin()}; default 10 s; at most 30 s, because stores keep what is younger than a minute. */
    public Builder lookupWithin(Duration value) {
      this.lookupWithin =
          within("lookupWithin", value, Duration.ofMillis(1), Duration.ofSeconds(30));
      return this;
    }

    /** Sets {@link Limits#channelIdle()}; default 30 s. */
    public Builder channelIdle(Duration value) {
      this.channelIdle = within("channelIdle", value, Duration.ofMillis(0), Duration.ofDays(1));
      return this;
    }

    /** The limits as set. */
    public Limits build() {
      return new Limits(this);
    }

    private static int within(String name, int value, int least, int most) {
      return (int) within(name, (long) value, least, most);
    }

    private static long within(String name, long value, long least, long most) {
      if (value < least || value > most) {
        throw new IllegalArgumentException(
            name + " must be at least " + least + " and at most " + most + ", got " + value);
      }
      return value;
    }

    private static Duration within(String name, Duration value, Duration least, Duration most) {
      if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
        throw new IllegalArgumentException(
            name + " must be at least " + least + " and at most " + most + ", got " + value);
      }
      return value;
    }
  }
}
