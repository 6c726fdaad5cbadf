package dev.confab.chat.internal.intake;

import dev.confab.chat.protocol.ErrorCode;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** How often commands were refused, by code. Any thread. */
public final class RefusalCount {
  private final Map<ErrorCode, LongAdder> counts = new EnumMap<>(ErrorCode.class);

  /** Nothing was refused yet. */
  public RefusalCount() {
    for (ErrorCode code : ErrorCode.values()) {
      counts.put(code, new LongAdder());
    }
  }

  void count(ErrorCode code) {
    LongAdder count = counts.get(code);
    if (count != null) {
      count.increment();
    }
  }

  /** A copy; codes that never came are left out. */
  public Map<ErrorCode, Long> snapshot() {
    Map<ErrorCode, Long> copy = new EnumMap<>(ErrorCode.class);
    counts.forEach((code, count) -> {
      if (count.sum() > 0) {
        copy.put(code, count.sum());
      }
    });
    return copy;
  }
}
