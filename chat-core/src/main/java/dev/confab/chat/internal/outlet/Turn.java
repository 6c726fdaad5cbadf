package dev.confab.chat.internal.outlet;

import dev.confab.chat.spi.Frame;
import java.util.ArrayList;
import java.util.List;

/** What one write will carry. Used by one pump only. */
public final class Turn {
  /**
   * How long a frame becomes by joining. What is longer lies in memory once for all who are written it, and a container that
   * is held up holds one frame.
   */
  private static final int JOINED_BYTES = 16 * 1024;

  private final boolean joins;
  private final int maxBytes;
  private List<Frame> frames = List.of();
  private boolean own;
  private int bytes;
  private boolean full;

  Turn(boolean joins, int maxBytes) {
    this.joins = joins;
    this.maxBytes = maxBytes;
  }

  /** How many bytes it still takes; an empty turn takes one frame of any size. */
  public int room() {
    return full ? 0 : Math.max(0, maxBytes - bytes);
  }

  /** True if this many bytes may be added. */
  public boolean takes(int more) {
    return bytes == 0 || bytes + more <= maxBytes;
  }

  /**
   * True if this many bytes may be added; if not, the turn takes nothing more, so that what did not
   * fit comes first in the next one.
   */
  public boolean takesOrEnds(int more) {
    full |= !takes(more);
    return !full;
  }

  /** Adds a frame. */
  public void add(Frame frame) {
    ownFrames().add(frame);
    count(frame.length());
  }

  /**
   * Adds frames that are shared with other turns.
   *
   * @param shared immutable
   * @param length their length together, in bytes
   */
  public void addAll(List<Frame> shared, int length) {
    if (shared.isEmpty()) {
      return;
    }
    if (frames.isEmpty()) {
      // The usual case: one run of one tail is all there is, and its list serves every follower at
      // that place.
      frames = shared;
      own = false;
    } else {
      ownFrames().addAll(shared);
    }
    count(length);
  }

  /** Adds all this one carries to another. */
  void moveInto(Turn other) {
    for (Frame frame : frames) {
      other.add(frame);
    }
  }

  boolean isEmpty() {
    return frames.isEmpty();
  }

  int bytes() {
    return bytes;
  }

  /** The frames to write: few, a line for each text, if the dialect joins. */
  List<Frame> frames() {
    if (!joins || frames.size() < 2) {
      return frames;
    }
    List<Frame> written = new ArrayList<>(1 + bytes / JOINED_BYTES);
    int from = 0;
    int length = 0;
    for (int i = 0; i < frames.size(); i++) {
      int more = 1 + frames.get(i).length();
      if (i > from && length + more > JOINED_BYTES) {
        written.add(joined(from, i));
        from = i;
        length = 0;
      }
      length += more;
    }
    written.add(joined(from, frames.size()));
    return written;
  }

  private Frame joined(int from, int to) {
    return to - from == 1 ? frames.get(from) : join(frames.subList(from, to));
  }

  /** One frame that holds these, a line each. */
  public static Frame join(List<Frame> frames) {
    int chars = frames.size() - 1;
    int length = frames.size() - 1;
    for (Frame frame : frames) {
      chars += frame.text().length();
      length += frame.length();
    }
    StringBuilder text = new StringBuilder(chars);
    for (Frame frame : frames) {
      if (!text.isEmpty()) {
        text.append('\n');
      }
      text.append(frame.text());
    }
    return new Frame(text.toString(), length);
  }

  private List<Frame> ownFrames() {
    if (!own) {
      frames = new ArrayList<>(frames);
      own = true;
    }
    return frames;
  }

  private void count(int length) {
    bytes += length + 1;
  }
}
