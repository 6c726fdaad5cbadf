package dev.confab.chat.server.api;

import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import java.time.Duration;
import java.util.Locale;

/** Refusals as answers of HTTP, in the style of the call. */
final class Answers {
  private Answers() {}

  static ApiResponse refused(Route.Style style, RefusedException refused) {
    Refusal refusal = refused.refusal();
    int status = status(refusal.code());
    ApiResponse answer = switch (style) {
      case JSON -> ApiResponse.json(status, json(refusal));
      case MESH ->
        ApiResponse.json(
            meshStatus(status),
            JsonText.object()
                .raw("E", Mesh.error(Mesh.number(refused, Mesh.SEND_FAILED), refusal.sentence()))
                .end());
      case FORM -> ApiResponse.text(status == 400 ? 200 : status, "fail");
    };
    if (status == 401) {
      answer.header("WWW-Authenticate", "Bearer realm=\"confab\"");
    }
    if (status == 429 || status == 503) {
      long millis = refusal.after().orElse(Duration.ofSeconds(1)).toMillis();
      answer.header("Retry-After", Long.toString(Math.max(1, (millis + 999) / 1000)));
    }
    return answer;
  }

  /** connmix tells by the number in the body; only what it does not have itself shows in the status. */
  private static int meshStatus(int status) {
    return switch (status) {
      case 400, 404, 422, 500 -> 200;
      default -> status;
    };
  }

  static String json(Refusal refusal) {
    JsonText text = JsonText.object()
        .put("error", refusal.sentence())
        .put("code", refusal.code().code())
        .put("retry", refusal.code().retry().name().toLowerCase(Locale.ROOT));
    refusal.after().ifPresent(after -> text.put("after_ms", after.toMillis()));
    refusal.channel().ifPresent(channel -> text.put("channel", channel.value()));
    refusal.field().ifPresent(field -> text.put("field", field));
    refusal.trace().ifPresent(trace -> text.put("trace", trace));
    return text.end();
  }

  static int status(ErrorCode code) {
    return switch (code) {
      case BAD_FRAME, BAD_ARGS, CHANNEL_NAME, EMPTY_MESSAGE -> 400;
      case NOT_AUTHENTICATED, BAD_CREDENTIALS, TOKEN_EXPIRED, TOKEN_INVALID -> 401;
      case DENIED, MUTED, BANNED -> 403;
      case UNKNOWN_OP -> 404;
      case ALREADY_AUTHENTICATED, TOO_MANY_CHANNELS, TOO_MANY_CONNECTIONS -> 409;
      case TOO_LARGE -> 413;
      case REJECTED -> 422;
      case RATE_LIMITED -> 429;
      case INTERNAL -> 500;
      case UNAVAILABLE, STORE_UNAVAILABLE, OUTCOME_UNKNOWN, OVERLOADED -> 503;
    };
  }
}
