package dev.confab.chat.model;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who a connection is, as the application's authenticator said.
 *
 * @param user id and name to show
 * @param roles what an access policy may ask for
 * @param attributes whatever else the application wants at hand; never sent to clients
 * @param expiresAt when the login ends unless it is refreshed; absent if never
 */
public record Identity(
    UserRef user, Set<String> roles, Map<String, String> attributes, Optional<Instant> expiresAt) {
  /** Copies its collections. */
  public Identity {
    roles = Set.copyOf(roles);
    attributes = Map.copyOf(attributes);
  }

  /** A user without roles and attributes whose login does not expire. */
  public static Identity of(String id, String name) {
    return new Identity(new UserRef(new UserId(id), name), Set.of(), Map.of(), Optional.empty());
  }

  /** The same with these roles. */
  public Identity withRoles(Set<String> newRoles) {
    return new Identity(user, newRoles, attributes, expiresAt);
  }

  /** The same with these attributes. */
  public Identity withAttributes(Map<String, String> newAttributes) {
    return new Identity(user, roles, newAttributes, expiresAt);
  }

  /** The same, ending at the given time. */
  public Identity expiringAt(Instant time) {
    return new Identity(user, roles, attributes, Optional.of(time));
  }

  /** The user's id. */
  public UserId id() {
    return user.id();
  }

  /** The name to show. */
  public String name() {
    return user.name();
  }

  /** True if this identity was given the role. */
  public boolean hasRole(String role) {
    return roles.contains(role);
  }
}
