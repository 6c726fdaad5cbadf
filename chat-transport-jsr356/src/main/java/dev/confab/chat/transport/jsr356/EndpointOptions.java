package dev.confab.chat.transport.jsr356;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** How an endpoint treats opening requests and idle connections. Immutable; the defaults suit a page on the same server. */
public final class EndpointOptions {
  private static final Duration LONGEST_IDLE = Duration.ofDays(1);

  private final Origins origins;
  private final Set<String> keptHeaders;
  private final Duration idleTimeout;
  private final boolean compression;
  private final boolean behindProxy;
  private final HandshakeAttributes attributes;

  private EndpointOptions(Builder builder) {
    this.origins = builder.origins;
    this.keptHeaders = Set.copyOf(builder.keptHeaders);
    this.idleTimeout = builder.idleTimeout;
    this.compression = builder.compression;
    this.behindProxy = builder.behindProxy;
    this.attributes = builder.attributes;
  }

  /** The defaults. */
  public static EndpointOptions defaults() {
    return builder().build();
  }

  /** A builder that starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  Origins origins() {
    return origins;
  }

  Set<String> keptHeaders() {
    return keptHeaders;
  }

  Duration idleTimeout() {
    return idleTimeout;
  }

  boolean compression() {
    return compression;
  }

  boolean behindProxy() {
    return behindProxy;
  }

  HandshakeAttributes attributes() {
    return attributes;
  }

  /** Collects options; each method refuses a value outside the range with {@link IllegalArgumentException}. */
  public static final class Builder {
    private Origins origins = Origins.same();
    private final Set<String> keptHeaders = new TreeSet<>();
    private Duration idleTimeout = Duration.ofMinutes(5);
    private boolean compression;
    private boolean behindProxy;
    private HandshakeAttributes attributes = request -> Map.of();

    private Builder() {}

    /** Which pages may connect; default {@link Origins#same()}. Others are answered 403, or opened and closed with 1008. */
    public Builder origins(Origins value) {
      this.origins = value;
      return this;
    }

    /**
     * Headers of the opening request that the handshake keeps until login, for instance {@code cookie} or {@code
     * authorization}, whatever their case; default none. May be called again to add more.
     */
    public Builder keepHeaders(String... names) {
      Arrays.stream(names).map(name -> name.toLowerCase(Locale.ROOT)).forEach(keptHeaders::add);
      return this;
    }

    /**
     * How long a connection may be silent in both directions before it is ended, by the container or, a little later, by the
     * endpoint; default 5 minutes, zero for ever, else 1 s to 1 day. A client's own pings may count for nothing. More than two
     * heartbeats of the chat, which usually notices much earlier.
     */
    public Builder idleTimeout(Duration value) {
      if (!value.isZero()
          && (value.compareTo(Duration.ofSeconds(1)) < 0 || value.compareTo(LONGEST_IDLE) > 0)) {
        throw new IllegalArgumentException("idleTimeout must be zero or at least PT1S and at most "
            + LONGEST_IDLE + ", got " + value);
      }
      this.idleTimeout = value;
      return this;
    }

    /**
     * Lets the container agree to extensions such as {@code permessage-deflate}; default off, because each connection pays for
     * it with memory and each message with time, once for every recipient.
     */
    public Builder compression(boolean value) {
      this.compression = value;
      return this;
    }

    /**
     * Believes {@code X-Forwarded-Proto} and {@code X-Forwarded-Host} (the first value) for what the same origin is, and {@code
     * X-Forwarded-For} (the last value) for the client's address; default not. Only right where every request comes through a
     * proxy that sets them.
     */
    public Builder behindProxy() {
      this.behindProxy = true;
      return this;
    }

    /** Adds attributes of the application's own to each handshake; default none. */
    public Builder attributes(HandshakeAttributes value) {
      this.attributes = value;
      return this;
    }

    /** The options as set. */
    public EndpointOptions build() {
      return new EndpointOptions(this);
    }
  }
}
