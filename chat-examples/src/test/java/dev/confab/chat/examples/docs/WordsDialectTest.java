package dev.confab.chat.examples.docs;

import dev.confab.chat.protocol.Event;
import dev.confab.chat.spi.Dialect;
import dev.confab.chat.testkit.DialectContract;
import java.util.List;

/** The dialect of the page keeps the rules of every dialect. */
// docs:begin dialect-test
final class WordsDialectTest extends DialectContract {
  @Override
  protected Dialect dialect() {
    return new WordsDialect();
  }

  @Override
  protected String request(int id) {
    return "join tea" + id + " Ann";
  }

  @Override
  protected boolean hasIds() {
    return false;
  }

  @Override
  protected String unreadable() {
    return "joi";
  }

  @Override
  protected List<String> frames() {
    return List.of("say hello", "bye");
  }

  @Override
  protected boolean shows(Event event) {
    return event instanceof Event.Recorded;
  }
}
// docs:end dialect-test
