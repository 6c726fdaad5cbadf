package dev.confab.chat.server.api;

import dev.confab.chat.Chat;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** web-msg-sender's form: {@code type=publish&to=&content=}, answered in one word. */
final class PushForm {
  private final Chat chat;

  PushForm(Chat chat) {
    this.chat = chat;
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/", Scope.PUBLISH, Route.Style.FORM, this::push),
        Route.of("POST", "/", Scope.PUBLISH, Route.Style.FORM, this::push));
  }

  /** What stands in the body counts before what stands behind the question mark. */
  private ApiResponse push(Call call) {
    Map<String, String> form = new LinkedHashMap<>(call.query());
    if (call.request().method().equals("POST")) {
      form.putAll(Call.form(call.request().text()));
    }
    String content = form.getOrDefault("content", "");
    if (!form.getOrDefault("type", "").equals("publish") || content.isBlank()) {
      throw Fields.bad("type", "type must be publish, and content something");
    }
    Optional<SendKey> key = call.idempotencyKey();
    String to = form.getOrDefault("to", "");
    if (to.isEmpty()) {
      publish(ChannelName.BROADCAST, content, key);
      return ApiResponse.text(200, "ok");
    }
    UserId user = Fields.made("to", to, UserId::of);
    publish(ChannelName.user(user), content, key);
    // It stands in the user's log either way, and is there when the user comes.
    return ApiResponse.text(200, chat.users().isOnline(user) ? "ok" : "offline");
  }

  private void publish(ChannelName channel, String content, Optional<SendKey> key) {
    ServerApi.await(chat.publishLater(channel, Json.string(content), key));
  }
}
