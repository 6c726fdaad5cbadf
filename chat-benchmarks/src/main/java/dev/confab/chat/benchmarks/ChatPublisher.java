package dev.confab.chat.benchmarks;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.SendKey;
import java.util.List;
import java.util.Optional;

/** A chat, asked inside its process by {@link Chat#publishLater}: journal and store, without sockets. */
record ChatPublisher(Chat chat, List<ChannelName> rooms, Json data) implements Publisher {
  @Override
  public void publish(int sender, int room, String key, Done done) {
    chat.publishLater(rooms.get(room), data, Optional.of(SendKey.of(key)))
        .whenComplete((receipt, failure) -> done.done(failure == null));
  }

  @Override
  public void close() {
    chat.close();
  }
}
