package dev.confab.chat.store.jdbi;

import java.util.List;
import java.util.Map;

/**
 * How durable a commit is in this database, as it was found on one connection when the store started. Other connections,
 * or the same one after somebody changed its settings, may differ. What the database does not show, as the cache of a drive,
 * is not seen.
 *
 * @param database product and version
 * @param settings what was read, by the database's own names
 * @param warnings a sentence for each setting, or version, by which a commit that was answered can be lost: what is set, what can be
 *     lost when, what to set instead; empty if there is none
 */
public record Durability(String database, Map<String, String> settings, List<String> warnings) {
  /** Copies its collections. */
  public Durability {
    settings = Map.copyOf(settings);
    warnings = List.copyOf(warnings);
  }

  /**
   * True if nothing was found by which a commit can be lost when the process, the database or the machine dies, or when a
   * standby that commits are set to wait for takes over.
   */
  public boolean survivesCrash() {
    return warnings.isEmpty();
  }
}
