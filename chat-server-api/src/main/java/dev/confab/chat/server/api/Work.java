package dev.confab.chat.server.api;

import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Json;
import java.util.Optional;

/**
 * One record of a queue, as a {@link Worker} is handed it.
 *
 * @param queue of which queue
 * @param connection of which connection
 * @param event {@code handshake}, {@code message} or {@code close}
 * @param user who the connection was, if it was logged in
 * @param text the frame the client sent; only of a message
 * @param record all of it
 * @param handouts how often it was handed out, this time included: above 1 the work may have been done before
 */
public record Work(
    String queue,
    ConnectionId connection,
    String event,
    Optional<String> user,
    Optional<String> text,
    Json record,
    int handouts) {
  static Work of(Fields handed) {
    Fields said = handed.object("d");
    return new Work(
        handed.text("t"),
        new ConnectionId(handed.text("c")),
        said.optionalText("event").orElse("message"),
        said.optionalText("uid"),
        said.value("frame").map(frame -> Fields.objectOf("frame", frame).string("data")),
        handed.required("d"),
        (int) handed.number("r", 1, Integer.MAX_VALUE).orElse(1));
  }
}
