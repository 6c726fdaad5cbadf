package dev.confab.chat.spi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A text frame, encoded and ready to write. One frame may be written to any number of connections. */
public final class Frame {
  private final String text;
  private final int length;

  /** Made when asked for; two threads that ask at once make it twice, which does no harm. */
  private byte @Nullable [] bytes;

  /**
   * A frame of this text.
   *
   * @param length its length in bytes of UTF-8
   */
  public Frame(String text, int length) {
    this.text = text;
    this.length = length;
  }

  /** A frame of this text. */
  public static Frame of(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Frame frame = new Frame(text, bytes.length);
    frame.bytes = bytes;
    return frame;
  }

  /** The text. */
  public String text() {
    return text;
  }

  /** Its length in bytes of UTF-8. */
  public int length() {
    return length;
  }

  /** The bytes of the text in UTF-8, read-only and the caller's own view. */
  public ByteBuffer bytes() {
    byte[] made = bytes;
    if (made == null) {
      made = text.getBytes(StandardCharsets.UTF_8);
      bytes = made;
    }
    return ByteBuffer.wrap(made).asReadOnlyBuffer();
  }
}
