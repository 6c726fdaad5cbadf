package dev.confab.chat.internal.command;

import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** How channels behave, by their names. */
public final class Kinds {
  private final Prefixes<ChannelKind> byPrefix;

  /** These kinds; the longest prefix decides. */
  public Kinds(Collection<ChannelKind> kinds) {
    Map<String, ChannelKind> all = new HashMap<>();
    kinds.forEach(kind -> all.put(kind.prefix(), kind));
    byPrefix = new Prefixes<>(all);
  }

  Optional<ChannelKind> of(ChannelName channel) {
    return byPrefix.find(channel.value());
  }

  /** True if channels of this name keep no log. */
  public boolean ephemeral(ChannelName channel) {
    return of(channel).map(ChannelKind::ephemeral).orElse(false);
  }
}
