package dev.confab.chat.transport.jsr356;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a page came from: scheme, host and port, in lower case and with the port always said, so that two of them are equal
 * exactly if a browser takes them for the same.
 */
record Origin(String scheme, String host, int port) {
  /** Reads what a browser writes into the header; empty for {@code null} and everything else that names no place. */
  static Optional<Origin> read(String header) {
    URI uri;
    try {
      uri = new URI(header.strip());
    } catch (URISyntaxException notOne) {
      return Optional.empty();
    }
    boolean bare = uri.getRawUserInfo() == null
        && uri.getRawQuery() == null
        && uri.getRawFragment() == null
        && (uri.getRawPath() == null || uri.getRawPath().isEmpty());
    if (uri.getScheme() == null || uri.getHost() == null || !bare) {
      return Optional.empty();
    }
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    int port = uri.getPort() >= 0 ? uri.getPort() : defaultPort(scheme);
    return Optional.of(new Origin(scheme, uri.getHost().toLowerCase(Locale.ROOT), port));
  }

  /** The origin of pages that this server itself would serve under the name a request was sent to. */
  static Optional<Origin> ofHost(boolean secure, String host) {
    return read((secure ? "https://" : "http://") + host.strip());
  }

  private static int defaultPort(String scheme) {
    return switch (scheme) {
      case "http" -> 80;
      case "https" -> 443;
      default -> -1;
    };
  }
}
