package dev.confab.chat.internal.dialect;

import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.Refusal;
import dev.confab.chat.protocol.RefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The arguments of one request, by position. */
final class Arguments {
  /** The field that is named when the arguments are wrong as a whole. */
  static final String FIELD = "args";

  private final List<Argument> values;

  Arguments(List<Argument> values) {
    this.values = values;
  }

  int size() {
    return values.size();
  }

  Argument at(int position) {
    return values.get(position);
  }

  /**
   * The options behind the arguments of these names, of which only the known ones are taken.
   *
   * @throws RefusedException if an argument is missing, or there is more than options behind them
   */
  Map<String, Argument> optionsBehind(List<String> names, List<String> known) {
    int size = values.size();
    if (size < names.size()) {
      throw Argument.badArgs(names.get(size), "is missing");
    }
    if (size == names.size()) {
      return Map.of();
    }
    if (size > names.size() + 1 || !values.get(size - 1).isObject()) {
      throw new RefusedException(Refusal.badArgs(FIELD, "Too many arguments"));
    }
    return options(values.get(size - 1), known);
  }

  /** The options at the end, behind any number of arguments that are no objects. */
  Map<String, Argument> optionsAtEnd(List<String> known) {
    return endsWithOptions() ? options(values.get(values.size() - 1), known) : Map.of();
  }

  boolean endsWithOptions() {
    return !values.isEmpty() && values.get(values.size() - 1).isObject();
  }

  /** All of them, for an op that is not ours. */
  List<Json> json() {
    List<Json> json = new ArrayList<>(values.size());
    for (Argument value : values) {
      json.add(value.json(FIELD));
    }
    return json;
  }

  private static Map<String, Argument> options(Argument last, List<String> known) {
    Map<String, Argument> options = last.fields(FIELD);
    for (String name : options.keySet()) {
      if (!known.contains(name)) {
        // The name is the client's own: once is enough of it.
        throw new RefusedException(Refusal.badArgs(name, "Unknown option"));
      }
    }
    return options;
  }
}
