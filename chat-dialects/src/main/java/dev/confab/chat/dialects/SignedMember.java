package dev.confab.chat.dialects;

import dev.confab.chat.model.InvalidNameException;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.RefusedException;

/**
 * Whom the application has signed into a presence channel.
 *
 * @param user the user, by the name in the info if there is one that can be shown, else by the id
 * @param shownId the id as it was signed, a string or a number
 * @param info whatever else was signed of the user
 */
record SignedMember(UserRef user, Json shownId, Json info) {
  private static final int MAX_CHARS = 4_096;

  /**
   * Reads {@code {"user_id":…,"user_info":…}}.
   *
   * @throws RefusedException if that is not what it is
   */
  static SignedMember of(String channelData) {
    if (channelData.length() > MAX_CHARS) {
      throw Fields.wrong("channel_data", "must have at most " + MAX_CHARS + " characters");
    }
    Fields fields = Fields.of(channelData);
    UserId id = new UserId(fields.requireId("user_id"));
    Json info = fields.json("user_info").orElseGet(() -> Json.parse("{}"));
    return new SignedMember(
        named(id, info), fields.json("user_id").orElse(Json.string(id.value())), info);
  }

  private static UserRef named(UserId id, Json info) {
    String name = info.members()
        .map(members -> members.get("name"))
        .flatMap(Json::asString)
        .filter(text -> !text.isBlank())
        .orElse(id.value());
    try {
      return new UserRef(id, name);
    } catch (InvalidNameException notToBeShown) {
      return new UserRef(id, id.value());
    }
  }
}
