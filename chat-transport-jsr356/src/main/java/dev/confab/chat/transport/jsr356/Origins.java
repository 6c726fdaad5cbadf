package dev.confab.chat.transport.jsr356;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages may open a connection. Without this any page a user visits could open one with that user's cookies, because
 * browsers do not hold WebSockets to the same origin and containers accept every origin by default.
 *
 * <p>Origins are compared exactly: scheme, host and port. A page of an opaque origin (sandboxed, or from a file; the header says
 * {@code null}) is only admitted by {@link #any()}.
 *
 * <p><b>No origin at all.</b> Browsers always send one; who sends none is a program. It is admitted if its request carries no
 * identity that a browser adds by itself, that is neither a cookie nor an HTTP login (header {@code Authorization} or a user the
 * container proved); with such an identity only after {@link #andMissing()}.
 */
public final class Origins {
  private static final Origins SAME = new Origins(null, false, false);
  private static final Origins ANY = new Origins(null, true, true);

  /** Null for the same origin. */
  private final @Nullable Set<Origin> listed;

  private final boolean any;
  private final boolean missing;

  private Origins(@Nullable Set<Origin> listed, boolean any, boolean missing) {
    this.listed = listed;
    this.any = any;
    this.missing = missing;
  }

  /**
   * Only pages of the server itself: the origin's host and port are those of the {@code Host} header, its scheme is that of
   * the connection. Behind a proxy that changes these, see {@link EndpointOptions.Builder#behindProxy()}, or list the origins.
   */
  public static Origins same() {
    return SAME;
  }

  /**
   * Only pages of these origins.
   *
   * @param origins as in {@code https://www.example.com} or {@code http://localhost:8080}; at least one
   * @throws IllegalArgumentException if one of them is not an origin
   */
  public static Origins only(String... origins) {
    if (origins.length == 0) {
      throw new IllegalArgumentException("origins must name at least one");
    }
    Set<Origin> listed = Arrays.stream(origins)
        .map(origin -> Origin.read(origin)
            .orElseThrow(() -> new IllegalArgumentException(
                "an origin must be a scheme, a host and perhaps a port, as in https://www.example.com, got "
                    + origin)))
        .collect(Collectors.toUnmodifiableSet());
    return new Origins(listed, false, false);
  }

  /** Every page there is, and programs. Only safe where no cookie and no HTTP login says who somebody is. */
  public static Origins any() {
    return ANY;
  }

  /** The same, and also requests without an origin that carry a cookie or an HTTP login. */
  public Origins andMissing() {
    return new Origins(listed, any, true);
  }

  /** What can be said from the header alone: false only for an origin that no other fact could admit. */
  boolean mayAdmit(@Nullable String header) {
    if (any || listed == null || header == null || header.isBlank()) {
      return true;
    }
    return Origin.read(header).filter(listed::contains).isPresent();
  }

  /**
   * Whether a connection may be opened.
   *
   * @param header the {@code Origin} header
   * @param identified whether the request carries a cookie or an HTTP login
   * @param own the origin of the server's own pages, if it is known
   */
  boolean admit(Optional<String> header, boolean identified, Optional<Origin> own) {
    if (any) {
      return true;
    }
    if (header.filter(value -> !value.isBlank()).isEmpty()) {
      return missing || !identified;
    }
    Optional<Origin> origin = header.flatMap(Origin::read);
    return origin.isPresent()
        && (listed == null ? origin.equals(own) : listed.contains(origin.get()));
  }
}
