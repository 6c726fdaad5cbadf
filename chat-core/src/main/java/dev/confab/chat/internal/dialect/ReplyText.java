package dev.confab.chat.internal.dialect;

import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Entry;
import dev.confab.chat.model.EntryKind;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.Reply;
import dev.confab.chat.protocol.Result;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Replies as text. The entries in them have the text of their event, so that a client reads both with the same code. */
final class ReplyText {
  private final Predicate<EntryKind> shown;
  private final UnaryOperator<Entry> form;

  /** Replies in which only entries of these kinds are shown, in this form. */
  ReplyText(Predicate<EntryKind> shown, UnaryOperator<Entry> form) {
    this.shown = shown;
    this.form = form;
  }

  String of(Reply reply) {
    StringBuilder out = new StringBuilder(160);
    if (reply.result() instanceof Result.Refused refused) {
      refused(reply, refused.refusal(), out);
    } else if (reply.result() instanceof Result.Pong) {
      out.append("{\"op\":\"pong\"");
      id(reply, out);
    } else {
      out.append('{');
      if (reply.op().isPresent()) {
        out.append("\"op\":");
        Text.unchecked(reply.op().get(), out);
        out.append(',');
      }
      out.append("\"success\":true");
      id(reply, out);
      data(reply.result(), out);
    }
    return out.append('}').toString();
  }

  private static void refused(Reply reply, Refusal refusal, StringBuilder out) {
    out.append('{');
    if (reply.op().isPresent()) {
      out.append("\"op\":");
      Text.unchecked(reply.op().get(), out);
      out.append(',');
    }
    out.append("\"error\":");
    Text.unchecked(refusal.sentence(), out);
    out.append(",\"code\":\"").append(refusal.code().code()).append('"');
    id(reply, out);
    out.append(",\"retry\":\"").append(word(refusal.code().retry())).append('"');
    if (refusal.after().isPresent()) {
      out.append(",\"after_ms\":").append(Text.millis(refusal.after().get()));
    }
    if (refusal.channel().isPresent()) {
      out.append(",\"channel\":");
      Text.channel(refusal.channel().get(), out);
    }
    if (refusal.field().isPresent()) {
      out.append(",\"field\":");
      Text.unchecked(refusal.field().get(), out);
    }
    if (refusal.trace().isPresent()) {
      out.append(",\"trace\":");
      Text.unchecked(refusal.trace().get(), out);
    }
  }

  private static String word(ErrorCode.Retry retry) {
    return switch (retry) {
      case NO -> "no";
      case SAME -> "same";
      case LATER -> "later";
      case AUTH -> "auth";
    };
  }

  private static void id(Reply reply, StringBuilder out) {
    if (reply.id().isPresent()) {
      out.append(",\"id\":").append(reply.id().get().json());
    }
  }

  private void data(Result result, StringBuilder out) {
    if (result instanceof Result.Done) {
      return;
    }
    out.append(",\"data\":");
    if (result instanceof Result.Sent sent) {
      sent(sent.receipt(), out);
    } else if (result instanceof Result.SentUnlogged sent) {
      out.append("{\"log\":false,\"at\":").append(Text.millis(sent.at())).append('}');
    } else if (result instanceof Result.LoggedIn login) {
      loggedIn(login, out);
    } else if (result instanceof Result.Subscribed subscribed) {
      subscribed(subscribed, out);
    } else if (result instanceof Result.HistoryPage page) {
      history(page, out);
    } else if (result instanceof Result.Present present) {
      presence(present.page(), out);
    } else {
      out.append(((Result.Custom) result).data().text());
    }
  }

  private static void sent(Receipt receipt, StringBuilder out) {
    out.append("{\"seq\":").append(receipt.seq()).append(",\"cursor\":\"");
    out.append(receipt.seq()).append('.').append(receipt.id().value());
    out.append("\",\"id\":\"").append(receipt.id().value());
    out.append("\",\"at\":").append(Text.millis(receipt.at()));
    if (receipt.duplicate()) {
      out.append(",\"duplicate\":true");
    }
    out.append('}');
  }

  private static void loggedIn(Result.LoggedIn login, StringBuilder out) {
    out.append("{\"user\":");
    Text.user(login.user(), out);
    if (login.expiresAt().isPresent()) {
      out.append(",\"expires_at\":").append(Text.millis(login.expiresAt().get()));
    }
    out.append('}');
  }

  private void subscribed(Result.Subscribed subscribed, StringBuilder out) {
    out.append("{\"channels\":{");
    boolean comma = false;
    for (Map.Entry<ChannelName, Result.Subscription> channel :
        subscribed.channels().entrySet()) {
      if (comma) {
        out.append(',');
      }
      comma = true;
      Text.channel(channel.getKey(), out);
      out.append(':');
      subscription(channel.getValue(), out);
    }
    out.append("}}");
  }

  private void subscription(Result.Subscription subscription, StringBuilder out) {
    out.append('{');
    if (subscription.log()) {
      out.append("\"head\":").append(subscription.head()).append(",\"cursor\":");
      EventText.cursor(subscription.cursor(), out);
      out.append(',');
    }
    out.append("\"log\":").append(subscription.log());
    if (subscription.messages().isPresent()) {
      out.append(",\"messages\":");
      entries(subscription.messages().get(), out);
      out.append(",\"more\":").append(subscription.more());
    }
    if (subscription.missed().isPresent()) {
      out.append(",\"missed\":").append(subscription.missed().getAsLong());
    }
    if (subscription.reset()) {
      out.append(",\"reset\":true");
    }
    if (subscription.trimmed().isPresent()) {
      out.append(",\"trimmed\":{\"from\":").append(subscription.trimmed().get().from());
      out.append(",\"to\":").append(subscription.trimmed().get().to()).append('}');
    }
    if (subscription.presence().isPresent()) {
      out.append(",\"presence\":");
      presence(subscription.presence().get(), out);
    }
    out.append('}');
  }

  private void history(Result.HistoryPage page, StringBuilder out) {
    out.append("{\"channel\":");
    Text.channel(page.channel(), out);
    out.append(",\"messages\":");
    entries(page.messages(), out);
    out.append(",\"more\":").append(page.more());
    if (page.reset()) {
      out.append(",\"reset\":true");
    }
    out.append('}');
  }

  private void entries(List<Entry> entries, StringBuilder out) {
    out.append('[');
    boolean comma = false;
    for (Entry entry : entries) {
      if (shown.test(entry.kind())) {
        if (comma) {
          out.append(',');
        }
        comma = true;
        EventText.entry(form.apply(entry), out);
      }
    }
    out.append(']');
  }

  private static void presence(Result.PresencePage page, StringBuilder out) {
    out.append("{\"count\":").append(page.count()).append(",\"users\":[");
    boolean comma = false;
    for (Result.PresentUser present : page.users()) {
      if (comma) {
        out.append(',');
      }
      comma = true;
      out.append("{\"id\":");
      Json.quote(present.user().id().value(), out);
      out.append(",\"name\":");
      Json.quote(present.user().name(), out);
      out.append(",\"connections\":").append(present.connections()).append('}');
    }
    out.append("],\"more\":").append(page.more()).append('}');
  }
}
