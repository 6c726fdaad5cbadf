package dev.confab.chat.protocol;

import dev.confab.chat.model.ChannelName;
import java.time.Duration;
import java.util.Optional;

/**
 * Why a command was refused.
 *
 * @param code for programs
 * @param sentence for people
 * @param after when trying again makes sense, if that is known
 * @param channel which of several channels is meant
 * @param field which argument or option is meant
 * @param trace names the line of our log that says more
 */
public record Refusal(
    ErrorCode code,
    String sentence,
    Optional<Duration> after,
    Optional<ChannelName> channel,
    Optional<String> field,
    Optional<String> trace) {
  /** A refusal in its usual words. */
  public static Refusal of(ErrorCode code) {
    return of(code, code.sentence());
  }

  /** A refusal in these words. */
  public static Refusal of(ErrorCode code, String sentence) {
    return new Refusal(
        code, sentence, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** {@link ErrorCode#BAD_ARGS}, naming the argument or option. */
  public static Refusal badArgs(String field, String sentence) {
    return new Refusal(
        ErrorCode.BAD_ARGS,
        sentence,
        Optional.empty(),
        Optional.empty(),
        Optional.of(field),
        Optional.empty());
  }

  /** The same, saying when to try again. */
  public Refusal after(Duration time) {
    return new Refusal(code, sentence, Optional.of(time), channel, field, trace);
  }

  /** The same, saying which channel is meant. */
  public Refusal about(ChannelName name) {
    return new Refusal(code, sentence, after, Optional.of(name), field, trace);
  }

  /** The same, naming a line of our log. */
  public Refusal traced(String line) {
    return new Refusal(code, sentence, after, channel, field, Optional.of(line));
  }
}
