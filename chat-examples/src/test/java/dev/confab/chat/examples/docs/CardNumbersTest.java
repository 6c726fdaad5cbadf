package dev.confab.chat.examples.docs;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Draft;
import dev.confab.chat.model.EntryId;
import dev.confab.chat.model.Json;
import dev.confab.chat.spi.Interceptor;
import dev.confab.chat.testkit.InterceptorContract;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The interceptor of the page keeps the rules of every interceptor. */
// docs:begin interceptor-test
final class CardNumbersTest extends InterceptorContract {
  @Override
  protected Interceptor interceptor() {
    return new CardNumbers();
  }

  /** One that is passed, one that is changed, one that is refused. */
  @Override
  protected List<Draft> drafts() {
    return Stream.of("hello", "mine is 4111 1111 1111 1111", "tell me your card number")
        .map(text -> Draft.message(
            ChannelName.of("room_101"),
            new EntryId("AAAABBBBCCCCDDDD"),
            Optional.empty(),
            Optional.empty(),
            Json.string(text)))
        .toList();
  }
}
// docs:end interceptor-test
