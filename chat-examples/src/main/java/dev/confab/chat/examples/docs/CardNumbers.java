package dev.confab.chat.examples.docs;

import dev.confab.chat.model.Draft;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.spi.Interceptor;
import java.util.Optional;
import java.util.regex.Pattern;

/** Blackens card numbers in texts, and refuses texts that ask for one. */
// docs:begin interceptor
public final class CardNumbers implements Interceptor {
  private static final Pattern CARD = Pattern.compile("\\b\\d{4}([ -]?\\d{4}){3}\\b");

  @Override
  public Draft review(Draft draft) {
    Optional<String> text = draft.data().asString();
    if (text.isEmpty()) {
      return draft; // not a text: passed as it is
    }
    if (text.get().contains("your card number")) {
      throw new RefusedException(ErrorCode.REJECTED, "Nobody here may ask for card numbers.");
    }
    String blackened = CARD.matcher(text.get()).replaceAll("****");
    return blackened.equals(text.get()) ? draft : draft.withData(Json.string(blackened));
  }
}
// docs:end interceptor
