package dev.confab.chat.internal.dialect;

import dev.confab.chat.model.Handshake;
import dev.confab.chat.protocol.PlainData;
import dev.confab.chat.spi.Dialect;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The dialects a chat speaks, each with a number, and which of them a client is spoken to in. Does not change. */
public final class Dialects {
  private final List<Dialect> all;
  private final Map<String, Dialect> bySubprotocol = new LinkedHashMap<>();
  private final Map<String, Dialect> byPath;
  private final Dialect plain;

  /** The two that every chat speaks. */
  public static Dialects builtIn() {
    return new Dialects(PlainData.AS_SENT, List.of(), Map.of());
  }

  /**
   * The two that every chat speaks, and others.
   *
   * @param data how the one without subprotocol shows what users say
   * @param chosen those that are chosen by their subprotocol; no two by the same
   * @param byPath those that are chosen by the end of the request's path, by clients that offer no subprotocol
   */
  public Dialects(PlainData data, List<Dialect> chosen, Map<String, Dialect> byPath) {
    this.byPath = new LinkedHashMap<>(byPath);
    plain = new PlainDialect(data);
    all = new ArrayList<>();
    all.add(plain);
    add(new ChatV1Dialect());
    chosen.forEach(this::add);
    byPath.values().stream()
        .filter(dialect -> !all.contains(dialect))
        .distinct()
        .forEach(all::add);
  }

  private void add(Dialect dialect) {
    bySubprotocol.put(dialect.manners().subprotocol().orElseThrow(), dialect);
    all.add(dialect);
  }

  /** All of them, in the order of their numbers. */
  public List<Dialect> all() {
    return List.copyOf(all);
  }

  /** The subprotocols a client may choose by, best first. */
  public List<String> subprotocols() {
    return List.copyOf(bySubprotocol.keySet());
  }

  /**
   * The dialect of a client: by its subprotocol; if it offers none, by the longest end of its path that has one; else plain.
   *
   * @throws IllegalArgumentException if the transport chose a subprotocol that nobody speaks
   */
  public Dialect of(Handshake handshake) {
    Optional<String> subprotocol = handshake.subprotocol();
    if (subprotocol.isPresent()) {
      Dialect chosen = bySubprotocol.get(subprotocol.get());
      if (chosen == null) {
        throw new IllegalArgumentException("no dialect for subprotocol " + subprotocol.get());
      }
      return chosen;
    }
    Dialect found = plain;
    int length = 0;
    for (Map.Entry<String, Dialect> path : byPath.entrySet()) {
      if (path.getKey().length() > length && handshake.path().endsWith(path.getKey())) {
        found = path.getValue();
        length = path.getKey().length();
      }
    }
    return found;
  }
}
