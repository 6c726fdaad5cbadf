package dev.confab.chat.simulation;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Cursor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client asked and waits to be told of.
 *
 * @param id its id; null if it has none
 * @param channels what it is about
 * @param since where it resumes
 * @param presence whether it asks to be told of presence
 * @param message what it sends; null if it does not
 * @param hidden how many redactions it had been told of when it asked
 */
record Request(
    String op,
    @Nullable String id,
    List<ChannelName> channels,
    Map<ChannelName, Cursor> since,
    boolean presence,
    @Nullable Message message,
    int hidden) {
  static Request of(String op, @Nullable String id, int hidden) {
    return new Request(op, id, List.of(), Map.of(), false, null, hidden);
  }

  @Override
  public String toString() {
    return op
        + (id == null ? "" : " id " + id)
        + (message == null ? "" : " " + message)
        + (channels.isEmpty() ? "" : " " + channels)
        + (since.isEmpty() ? "" : " since " + since);
  }
}
