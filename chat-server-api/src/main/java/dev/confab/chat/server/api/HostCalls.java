package dev.confab.chat.server.api;

import dev.confab.chat.ChannelInfo;
import dev.confab.chat.Chat;
import dev.confab.chat.Listing;
import dev.confab.chat.SessionInfo;
import dev.confab.chat.SignalCount;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.ConnectionId;
import dev.confab.chat.model.Cursor;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.Identity;
import dev.confab.chat.model.InvalidNameException;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.model.Recipients;
import dev.confab.chat.model.SendKey;
import dev.confab.chat.model.UserId;
import dev.confab.chat.model.UserRef;
import dev.confab.chat.protocol.CloseReason;
import dev.confab.chat.protocol.RefusedException;
import dev.confab.chat.protocol.Result.PresentUser;
import dev.confab.chat.spi.MessageStore.Page;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/** Our own calls: what a host can do with a chat, from another process. Described in {@code openapi.json}. */
final class HostCalls {
  private static final int MOST_LISTED = 1_000;
  private static final int USUAL_PAGE = 100;

  private final Chat chat;
  private final Doorkeeper doorkeeper;
  private final Map<String, WorkQueue> queues;

  HostCalls(Chat chat, Doorkeeper doorkeeper, Map<String, WorkQueue> queues) {
    this.chat = chat;
    this.doorkeeper = doorkeeper;
    this.queues = queues;
  }

  List<Route> routes() {
    List<Route> routes = new ArrayList<>();
    routes.add(route("POST", "/messages", Scope.PUBLISH, this::publishBatch));
    routes.add(route("POST", "/channels/{channel}/messages", Scope.PUBLISH, this::publish));
    routes.add(route("GET", "/channels/{channel}/messages", Scope.READ, this::history));
    routes.add(route("DELETE", "/channels/{channel}/messages/{seq}", Scope.MANAGE, this::redact));
    routes.add(route("POST", "/channels/{channel}/announcements", Scope.PUBLISH, this::announce));
    routes.add(route("POST", "/users/{user}/messages", Scope.PUBLISH, this::publishToUser));
    routes.add(route("POST", "/signals", Scope.PUBLISH, this::signal));
    routes.add(route("POST", "/disconnections", Scope.MANAGE, this::disconnect));
    routes.add(route("GET", "/counts", Scope.READ, this::counts));
    routes.add(route("GET", "/queues", Scope.READ, this::queues));
    routes.add(route("GET", "/connections", Scope.READ, this::connections));
    routes.add(route("GET", "/connections/{connection}", Scope.READ, this::connection));
    routes.add(route(
        "PUT", "/connections/{connection}/attributes", Scope.MANAGE, this::replaceAttributes));
    routes.add(route(
        "PATCH", "/connections/{connection}/attributes", Scope.MANAGE, this::mergeAttributes));
    routes.add(route("PUT", "/connections/{connection}/identity", Scope.LOGIN, this::login));
    routes.add(route("DELETE", "/connections/{connection}/identity", Scope.LOGIN, this::logout));
    routes.add(route("GET", "/connections/{connection}/channels", Scope.READ, this::channelsOf));
    routes.add(
        route("PUT", "/connections/{connection}/channels/{channel}", Scope.MANAGE, this::join));
    routes.add(
        route("DELETE", "/connections/{connection}/channels/{channel}", Scope.MANAGE, this::leave));
    routes.add(route("GET", "/users", Scope.READ, this::users));
    routes.add(route("POST", "/users/online", Scope.READ, this::online));
    routes.add(route("GET", "/users/{user}", Scope.READ, this::userState));
    routes.add(route("GET", "/channels", Scope.READ, this::channels));
    routes.add(route("GET", "/channels/{channel}", Scope.READ, this::channelInfo));
    routes.add(route("GET", "/channels/{channel}/connections", Scope.READ, this::connectionsOf));
    routes.add(route("GET", "/channels/{channel}/users", Scope.READ, this::usersOf));
    routes.add(route("DELETE", "/channels/{channel}/subscriptions", Scope.MANAGE, this::dissolve));
    return routes;
  }

  private static Route route(String method, String path, Scope scope, Route.Handler handler) {
    return Route.of(method, "/api/v1" + path, scope, Route.Style.JSON, handler);
  }

  // Saying something that is recorded.

  private ApiResponse publish(Call call) {
    return publish(call, channel(call));
  }

  private ApiResponse publishToUser(Call call) {
    return publish(call, ChannelName.user(user(call)));
  }

  private ApiResponse publish(Call call, ChannelName channel) {
    Fields body = call.body().only("data", "key");
    Receipt receipt =
        ServerApi.await(chat.publishLater(channel, data(body), call.sendKey(body, "key")));
    return ApiResponse.json(receipt.duplicate() ? 200 : 201, json(receipt));
  }

  /** Each is recorded or refused by itself; those of one channel in the order they stand here. */
  private ApiResponse publishBatch(Call call) {
    call.requireNoIdempotencyKey("each message has a key of its own");
    List<Json> messages = call.body().only("messages").list("messages");
    if (messages.isEmpty() || messages.size() > MOST_LISTED) {
      throw Fields.bad(
          "messages",
          "messages must be at least 1 and at most " + MOST_LISTED + ", got " + messages.size());
    }
    // The call itself has been counted.
    if (messages.size() > 1) {
      doorkeeper.spend(call.key(), messages.size() - 1);
    }
    List<CompletionStage<String>> outcomes =
        messages.stream().map(this::publishOne).toList();
    long until = ServerApi.deadline();
    List<String> results =
        outcomes.stream().map(outcome -> outcome(outcome, until)).toList();
    return ApiResponse.json(200, JsonText.object().raw("results", results).end());
  }

  private static String outcome(CompletionStage<String> outcome, long until) {
    try {
      return ServerApi.await(outcome, until);
    } catch (RefusedException late) {
      return Answers.json(late.refusal());
    }
  }

  private CompletionStage<String> publishOne(Json message) {
    try {
      Fields fields = Fields.objectOf("messages", message).only("channel", "user", "data", "key");
      if (fields.value("channel").isPresent() == fields.value("user").isPresent()) {
        throw Fields.bad("channel", "either channel or user, and not both");
      }
      ChannelName channel = fields
          .optionalText("user")
          .map(id -> ChannelName.user(Fields.made("user", id, UserId::of)))
          .orElseGet(() -> Fields.made("channel", fields.text("channel"), ChannelName::of));
      return chat.publishLater(channel, data(fields), key(fields))
          .handle((receipt, failure) -> failure == null ? json(receipt) : failed(failure));
    } catch (RefusedException refused) {
      return CompletableFuture.completedStage(Answers.json(refused.refusal()));
    }
  }

  private static String failed(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return Answers.json(
        cause instanceof RefusedException refused ? refused.refusal() : ServerApi.report(cause));
  }

  private ApiResponse redact(Call call) {
    String seq = call.part("seq");
    if (!seq.matches("[1-9][0-9]{0,17}")) {
      throw Fields.bad("seq", "seq is the number of a message");
    }
    return chat.redact(channel(call), Long.parseLong(seq))
        ? ApiResponse.nothing()
        : missing("there is no such message, or its data is gone already");
  }

  private ApiResponse history(Call call) {
    int limit = (int) call.number("limit", 50, 1, MOST_LISTED);
    Optional<String> after = Optional.ofNullable(call.query().get("after"));
    if (after.isPresent() && call.query().containsKey("before")) {
      throw Fields.bad("after", "either before or after");
    }
    ChannelName channel = channel(call);
    Page page = after.isPresent()
        ? chat.historyAfter(channel, Fields.made("after", after.get(), Cursor::parse), limit)
        : chat.history(
            channel, call.number("before", Long.MAX_VALUE / 16, 1, Long.MAX_VALUE / 16), limit);
    JsonText text = JsonText.object()
        .put("channel", channel.value())
        .raw("messages", page.entries().stream().map(HostCalls::json).toList())
        .put("more", page.more())
        .put("head", page.head().seq());
    if (!page.fits()) {
      text.put("reset", true);
    }
    page.trimmed()
        .ifPresent(range -> text.raw(
            "trimmed",
            JsonText.object().put("from", range.from()).put("to", range.to()).end()));
    return ApiResponse.json(200, text.end());
  }

  // Saying something that is not recorded, and ending connections.

  private ApiResponse announce(Call call) {
    call.requireNoIdempotencyKey("announcements are not recorded");
    return json(chat.announce(channel(call), data(call.body().only("data"))));
  }

  private ApiResponse signal(Call call) {
    call.requireNoIdempotencyKey("signals are not recorded");
    Fields body = call.body().only("to", "except", "naming", "data");
    return json(chat.signal(recipients(body), data(body)));
  }

  private static ApiResponse json(SignalCount count) {
    return ApiResponse.json(
        200,
        JsonText.object()
            .put("given", count.given())
            .put("dropped", count.dropped())
            .put("unknown", count.unknown())
            .end());
  }

  private ApiResponse disconnect(Call call) {
    Fields body =
        call.body().only("to", "except", "naming", "code", "reason", "after_ms", "last", "cut");
    Recipients who = recipients(body);
    CloseReason reason;
    try {
      reason = CloseReason.of(
          (int) body.number("code", 1000, 4999).orElse(CloseReason.KICKED.code()),
          body.optionalText("reason").orElse(CloseReason.KICKED.text()));
    } catch (IllegalArgumentException notACode) {
      throw Fields.bad("code", String.valueOf(notACode.getMessage()));
    }
    if (body.value("after_ms").isPresent()) {
      reason = reason.comeBackAfter(
          Duration.ofMillis(body.number("after_ms", 0, 86_400_000).orElse(0)));
    }
    Optional<Json> last = body.value("last");
    boolean cut = body.value("cut").map(value -> bool("cut", value)).orElse(false);
    if (cut && last.isPresent()) {
      throw Fields.bad("last", "who is cut off is told nothing");
    }
    int ended = cut
        ? chat.cut(who, reason)
        : last.isPresent()
            ? chat.disconnect(who, reason, last.get())
            : chat.disconnect(who, reason);
    return ended(ended);
  }

  private static boolean bool(String name, Json value) {
    if (!value.text().equals("true") && !value.text().equals("false")) {
      throw Fields.bad(name, name + " must be true or false");
    }
    return value.text().equals("true");
  }

  private static ApiResponse ended(int count) {
    return ApiResponse.json(200, JsonText.object().put("ended", count).end());
  }

  /** One of everybody, connections, users and channels; who is left out; which channel it names. */
  private static Recipients recipients(Fields body) {
    Fields to = body.object("to").only("everybody", "connections", "users", "channels");
    if (to.all().size() != 1) {
      throw Fields.bad("to", "one of everybody, connections, users and channels");
    }
    Recipients whom;
    if (to.names("everybody")) {
      if (!bool("to", to.required("everybody"))) {
        throw Fields.bad("to", "everybody is true, or not there");
      }
      whom = Recipients.everybody();
    } else if (to.names("connections")) {
      whom = Recipients.connections(listed(to, "connections", ConnectionId::new));
    } else if (to.names("users")) {
      whom = Recipients.users(listed(to, "users", UserId::of));
    } else {
      whom = Recipients.channels(listed(to, "channels", ChannelName::of));
    }
    if (body.value("except").isPresent()) {
      Fields except = body.object("except").only("connections", "users");
      whom = whom.except(listed(except, "connections", ConnectionId::new))
          .exceptUsers(listed(except, "users", UserId::of));
    }
    Optional<String> naming = body.optionalText("naming");
    return naming.isPresent()
        ? whom.naming(Fields.made("naming", naming.get(), ChannelName::of))
        : whom;
  }

  private static <T> List<T> listed(Fields body, String name, Function<String, T> maker) {
    List<String> texts = body.texts(name);
    if (texts.size() > MOST_LISTED) {
      throw Fields.bad(name, name + " may have " + MOST_LISTED + " items, got " + texts.size());
    }
    return texts.stream().map(text -> Fields.made(name, text, maker)).toList();
  }

  // Who is there.

  private ApiResponse counts(Call call) {
    return ApiResponse.json(
        200,
        JsonText.object()
            .put("connections", chat.connections().count())
            .put("users", chat.users().count())
            .put("channels", chat.channels().count())
            .end());
  }

  private ApiResponse queues(Call call) {
    List<String> items = queues.values().stream()
        .map(queue -> {
          WorkQueue.Counters counters = queue.counters();
          return JsonText.object()
              .put("queue", queue.name())
              .put("waiting", counters.waiting())
              .put("bytes", counters.waitingBytes())
              .put("in_flight", counters.inFlight())
              .put("workers", counters.workers())
              .put("taken", counters.taken())
              .put("acknowledged", counters.acknowledged())
              .put("redelivered", counters.redelivered())
              .put("refused", counters.refused())
              .put("set_aside", counters.setAside())
              .end();
        })
        .toList();
    return ApiResponse.json(200, JsonText.object().raw("items", items).end());
  }

  private ApiResponse connections(Call call) {
    return page(call, (after, limit) -> chat.connections().list(after, limit), HostCalls::json);
  }

  private ApiResponse connection(Call call) {
    return chat.connections()
        .find(connectionId(call))
        .map(session -> ApiResponse.json(200, json(session)))
        .orElseGet(HostCalls::gone);
  }

  private ApiResponse replaceAttributes(Call call) {
    Map<String, Json> attributes = call.body().all();
    return here(chat.connections().replaceAttributes(connectionId(call), attributes));
  }

  private ApiResponse mergeAttributes(Call call) {
    return chat.connections()
        .mergeAttributes(connectionId(call), call.body().all())
        .map(attributes -> ApiResponse.json(200, Json.object(attributes).text()))
        .orElseGet(HostCalls::gone);
  }

  private ApiResponse login(Call call) {
    Fields body = call.body().only("id", "name", "roles", "attributes", "expires_at");
    UserId id = Fields.made("id", body.text("id"), UserId::of);
    String name = body.optionalText("name").orElse(id.value());
    Set<String> roles = new LinkedHashSet<>(body.texts("roles"));
    Map<String, String> attributes = new LinkedHashMap<>();
    if (body.value("attributes").isPresent()) {
      Fields given = body.object("attributes");
      given.all().keySet().forEach(key -> attributes.put(key, given.string(key)));
    }
    Optional<Instant> expiresAt = body.value("expires_at").isPresent()
        ? Optional.of(Instant.ofEpochMilli(
            body.number("expires_at", 0, Long.MAX_VALUE / 16).orElse(0)))
        : Optional.empty();
    Identity identity = Fields.made(
        "name", name, text -> new Identity(new UserRef(id, text), roles, attributes, expiresAt));
    return here(chat.connections().login(connectionId(call), identity));
  }

  private ApiResponse logout(Call call) {
    return here(chat.connections().logout(connectionId(call)));
  }

  private ApiResponse channelsOf(Call call) {
    ConnectionId connection = connectionId(call);
    if (!chat.connections().isOnline(connection)) {
      return gone();
    }
    return page(
        call,
        (after, limit) -> chat.connections().channels(connection, after, limit),
        name -> Json.string(name.value()).text());
  }

  private ApiResponse join(Call call) {
    return here(chat.connections().subscribe(connectionId(call), channel(call)));
  }

  private ApiResponse leave(Call call) {
    return chat.connections().unsubscribe(connectionId(call), channel(call))
        ? ApiResponse.nothing()
        : missing("no such connection on this node, or it is not subscribed");
  }

  private ApiResponse users(Call call) {
    return page(call, (after, limit) -> chat.users().list(after, limit), HostCalls::json);
  }

  private ApiResponse online(Call call) {
    Fields body = call.body().only("users");
    List<String> online = chat.users().online(listed(body, "users", UserId::of)).stream()
        .map(id -> Json.string(id.value()).text())
        .toList();
    return ApiResponse.json(200, JsonText.object().raw("online", online).end());
  }

  private ApiResponse userState(Call call) {
    UserId id = user(call);
    List<SessionInfo> sessions = chat.users().sessions(id);
    return ApiResponse.json(
        200,
        JsonText.object()
            .put("id", id.value())
            .put("online", !sessions.isEmpty())
            .raw("connections", sessions.stream().map(HostCalls::json).toList())
            .end());
  }

  private ApiResponse channels(Call call) {
    return page(call, (after, limit) -> chat.channels().list(after, limit), HostCalls::json);
  }

  private ApiResponse channelInfo(Call call) {
    return ApiResponse.json(200, json(chat.channels().find(channel(call))));
  }

  private ApiResponse connectionsOf(Call call) {
    ChannelName channel = channel(call);
    return page(
        call,
        (after, limit) -> chat.channels().connections(channel, after, limit),
        HostCalls::json);
  }

  private ApiResponse usersOf(Call call) {
    ChannelName channel = channel(call);
    return page(
        call, (after, limit) -> chat.channels().users(channel, after, limit), HostCalls::json);
  }

  private ApiResponse dissolve(Call call) {
    return ended(chat.channels().dissolve(channel(call)));
  }

  // How things are read and written.

  private static ChannelName channel(Call call) {
    return Fields.made("channel", call.part("channel"), ChannelName::of);
  }

  private static UserId user(Call call) {
    return Fields.made("user", call.part("user"), UserId::of);
  }

  private static ConnectionId connectionId(Call call) {
    return Fields.made("connection", call.part("connection"), ConnectionId::new);
  }

  /** Anything, {@code null} too; but it has to be there. */
  private static Json data(Fields body) {
    Json data = body.all().get("data");
    if (data == null) {
      throw Fields.bad("data", "data is missing");
    }
    return data;
  }

  private static Optional<SendKey> key(Fields body) {
    return body.optionalText("key").map(text -> Fields.made("key", text, SendKey::of));
  }

  private interface Lister<T> {
    Listing<T> list(Optional<String> after, int limit);
  }

  private static <T> ApiResponse page(Call call, Lister<T> lister, Function<T, String> json) {
    int limit = (int) call.number("limit", USUAL_PAGE, 1, Listing.MAX_ITEMS);
    Optional<String> after = Optional.ofNullable(call.query().get("after"));
    Supplier<Listing<T>> asked = () -> lister.list(after, limit);
    Listing<T> page;
    try {
      page = asked.get();
    } catch (InvalidNameException | IllegalArgumentException notAPlace) {
      throw Fields.bad("after", "after is the next of the page before");
    }
    JsonText text =
        JsonText.object().raw("items", page.items().stream().map(json).toList());
    page.next().ifPresent(next -> text.put("next", next));
    return ApiResponse.json(200, text.end());
  }

  private static ApiResponse here(boolean here) {
    return here ? ApiResponse.nothing() : gone();
  }

  private static ApiResponse gone() {
    return missing("no such connection on this node, or nobody is logged in there");
  }

  static ApiResponse missing(String sentence) {
    return ApiResponse.json(
        404,
        JsonText.object()
            .put("error", sentence)
            .put("code", "not_found")
            .put("retry", "no")
            .end());
  }

  private static String json(Receipt receipt) {
    return JsonText.object()
        .put("channel", receipt.channel().value())
        .put("seq", receipt.seq())
        .put("id", receipt.id().value())
        .put("cursor", receipt.cursor().toString())
        .put("at", receipt.at().toEpochMilli())
        .put("duplicate", receipt.duplicate())
        .end();
  }

  private static String json(Entry entry) {
    JsonText text = JsonText.object()
        .put("channel", entry.channel().value())
        .put("seq", entry.seq())
        .put("id", entry.id().value())
        .put("cursor", entry.cursor().toString())
        .put("kind", entry.kind().name().toLowerCase(Locale.ROOT))
        .put("at", entry.at().toEpochMilli());
    if (!entry.about().isEmpty()) {
      text.put("about", entry.about());
    }
    entry.from().ifPresent(user -> text.raw("from", json(user)));
    entry.key().ifPresent(key -> text.put("key", key.value()));
    return text.raw("data", entry.data().text()).end();
  }

  private static String json(UserRef user) {
    return JsonText.object()
        .put("id", user.id().value())
        .put("name", user.name())
        .end();
  }

  private static String json(PresentUser user) {
    return JsonText.object()
        .put("id", user.user().id().value())
        .put("name", user.user().name())
        .put("connections", user.connections())
        .end();
  }

  private static String json(ChannelInfo channel) {
    return JsonText.object()
        .put("channel", channel.channel().value())
        .put("connections", channel.connections())
        .put("users", channel.users())
        .end();
  }

  private static String json(SessionInfo session) {
    JsonText text = JsonText.object().put("connection", session.connection().value());
    session.identity().ifPresent(identity -> {
      text.raw("user", json(identity.user()));
      text.raw(
          "roles",
          identity.roles().stream()
              .sorted()
              .map(role -> Json.string(role).text())
              .toList());
    });
    return text.put("address", session.address())
        .raw("attributes", Json.object(session.attributes()).text())
        .put("channels", session.channels())
        .end();
  }
}
