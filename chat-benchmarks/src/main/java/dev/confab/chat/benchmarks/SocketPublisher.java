package dev.confab.chat.benchmarks;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** A chat, asked over WebSockets: each sender is a connection that follows no channel. */
final class SocketPublisher implements Publisher {
  private static final byte[] SENT = Line.marker("{\"op\":\"publish\",\"success\":true");

  private static final Done NOBODY = committed -> {};

  private final Venue venue;
  private final Visitors senders;
  private final List<ChannelName> rooms;
  private final Json data;

  /** Who waits for the reply of each sender's one message. */
  private final AtomicReferenceArray<Done> waiting;

  private SocketPublisher(
      Venue venue,
      Visitors senders,
      List<ChannelName> rooms,
      Json data,
      AtomicReferenceArray<Done> waiting) {
    this.venue = venue;
    this.senders = senders;
    this.rooms = rooms;
    this.data = data;
    this.waiting = waiting;
  }

  static SocketPublisher to(Venue venue, int count, List<ChannelName> rooms, Json data)
      throws IOException, InterruptedException, TimeoutException {
    AtomicReferenceArray<Done> waiting = new AtomicReferenceArray<>(count);
    for (int number = 0; number < count; number++) {
      waiting.set(number, NOBODY);
    }
    Visitors senders = Visitors.join(venue.uri(), count, number -> line -> {
      waiting.getAndSet(number, NOBODY).done(line.startsWith(SENT));
    });
    return new SocketPublisher(venue, senders, rooms, data, waiting);
  }

  @Override
  public void publish(int sender, int room, String key, Done done) {
    waiting.set(sender, done);
    senders
        .get(sender)
        .send("{\"op\":\"publish\",\"args\":[\"" + rooms.get(room) + "\"," + data.text()
            + ",{\"key\":\"" + key + "\"}]}");
  }

  @Override
  public void close() throws IOException {
    senders.check();
    senders.close();
    venue.close();
  }
}
