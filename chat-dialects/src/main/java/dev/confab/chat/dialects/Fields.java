package dev.confab.chat.dialects;

import dev.confab.chat.model.ChatException;
import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The fields of one frame. What one has to be and is not, is refused by its name. */
final class Fields {
  private final Map<String, Json> members;

  private Fields(Map<String, Json> members) {
    this.members = members;
  }

  /**
   * Reads a frame.
   *
   * @throws RefusedException if it is no JSON object
   */
  static Fields of(String frame) {
    try {
      return new Fields(
          Json.parse(frame).members().orElseThrow(() -> new RefusedException(ErrorCode.BAD_FRAME)));
    } catch (RefusedException refused) {
      throw refused;
    } catch (ChatException notJson) {
      throw new RefusedException(ErrorCode.BAD_FRAME);
    }
  }

  /** A string; absent if it is none. */
  Optional<String> text(String name) {
    return Optional.ofNullable(members.get(name)).flatMap(Json::asString);
  }

  /** Whatever it is; absent if it is not there. */
  Optional<Json> json(String name) {
    return Optional.ofNullable(members.get(name));
  }

  /** A string that has to be there. */
  String requireText(String name) {
    return text(name).orElseThrow(() -> wrong(name, "must be a string"));
  }

  /** An id: a string that is not empty, or an integer by its digits, however large; absent if it is neither. */
  Optional<String> id(String name) {
    Json value = members.get(name);
    if (value == null) {
      return Optional.empty();
    }
    return value
        .asString()
        .or(() -> Optional.of(value.text()).filter(text -> text.matches("[0-9]+")))
        .filter(text -> !text.isEmpty());
  }

  /** An id that has to be there. */
  String requireId(String name) {
    return id(name).orElseThrow(() -> wrong(name, "must be a string or a number"));
  }

  /** The whole object, but for these members. */
  Json without(Set<String> names) {
    Map<String, Json> rest = new LinkedHashMap<>(members);
    rest.keySet().removeAll(names);
    return Json.object(rest);
  }

  static RefusedException wrong(String name, String sentence) {
    return new RefusedException(Refusal.badArgs(name, name + " " + sentence));
  }
}
