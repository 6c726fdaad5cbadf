package dev.confab.chat.server.api;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A range of addresses, written {@code 10.0.0.0/8}, {@code fd00::/8}, or as one address. Names are never looked up.
 *
 * @param text as it was written
 */
public record AddressRange(String text) {
  private static final Pattern V4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  /** Refuses with {@link IllegalArgumentException} what is no address, or a prefix that does not fit it. */
  public AddressRange {
    int slash = text.indexOf('/');
    byte[] address = address(slash < 0 ? text : text.substring(0, slash));
    if (slash >= 0) {
      int bits = bits(text.substring(slash + 1), text);
      if (bits > address.length * 8) {
        throw new IllegalArgumentException("a prefix of " + text + " is too long");
      }
      for (int bit = bits; bit < address.length * 8; bit++) {
        if ((address[bit / 8] >> (7 - bit % 8) & 1) == 1) {
          throw new IllegalArgumentException(
              text + " names an address inside the range; the bits behind the prefix must be 0");
        }
      }
    }
  }

  /** The range this text names. */
  public static AddressRange of(String text) {
    return new AddressRange(text);
  }

  /** True if this address lies in the range; false for what is no address. */
  public boolean contains(String address) {
    byte[] asked;
    try {
      // A zone says by which interface, not who.
      int zone = address.indexOf('%');
      asked = address(zone < 0 ? address : address.substring(0, zone));
    } catch (IllegalArgumentException notAnAddress) {
      return false;
    }
    int slash = text.indexOf('/');
    byte[] mine = address(slash < 0 ? text : text.substring(0, slash));
    if (asked.length != mine.length) {
      return false;
    }
    int bits = slash < 0 ? mine.length * 8 : bits(text.substring(slash + 1), text);
    for (int bit = 0; bit < bits; bit++) {
      if (((asked[bit / 8] ^ mine[bit / 8]) >> (7 - bit % 8) & 1) == 1) {
        return false;
      }
    }
    return true;
  }

  private static int bits(String digits, String text) {
    if (!digits.matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException("a prefix is a number, got " + text);
    }
    return Integer.parseInt(digits);
  }

  /** The bytes of a literal address; one of IPv4 inside IPv6 is one of IPv4. */
  private static byte[] address(String literal) {
    if (!V4.matcher(literal).matches() && !V6.matcher(literal).matches()) {
      throw new IllegalArgumentException("not an address: " + literal);
    }
    try {
      return InetAddress.getByName(literal).getAddress();
    } catch (UnknownHostException notAnAddress) {
      throw new IllegalArgumentException("not an address: " + literal, notAnAddress);
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
