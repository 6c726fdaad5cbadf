package dev.confab.chat.server.api;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Json;
import java.util.Optional;
import java.util.UUID;

/**
 * One record of a queue, as a {@link Worker} is handed it.
 *
 * @param id of this record alone, the same with every handout, 36 characters: what is done under a key made of it, as in {@code
 *     publish(channel, text, SendKey.of(work.id()))}, is done once however often the record comes. Of a queue {@link
 *     WorkQueue.Acknowledgement#BY_DELIVERY} it is new with every handout
 * @param queue of which queue
 * @param connection of which connection
 * @param event {@code handshake}, {@code message} or {@code close}
 * @param user who the connection was, if it was logged in
 * @param text the frame the client sent; only of a message
 * @param record all of it
 * @param handouts how often it was handed out, this time included: above 1 the work may have been done before
 */
public record Work(
    String id,
    String queue,
    ConnectionId connection,
    String event,
    Optional<String> user,
    Optional<String> text,
    Json record,
    int handouts) {
  static Work of(Fields handed) {
    return of(
        handed.optionalText("id").orElseGet(() -> UUID.randomUUID().toString()),
        handed.text("t"),
        new ConnectionId(handed.text("c")),
        handed.required("d"),
        (int) handed.number("r", 1, Integer.MAX_VALUE).orElse(1));
  }

  static Work of(String id, String queue, ConnectionId connection, Json record, int handouts) {
    Fields said = Fields.objectOf("d", record);
    return new Work(
        id,
        queue,
        connection,
        said.optionalText("event").orElse("message"),
        said.optionalText("uid"),
        said.value("frame").map(frame -> Fields.objectOf("frame", frame).string("data")),
        record,
        handouts);
  }
}
