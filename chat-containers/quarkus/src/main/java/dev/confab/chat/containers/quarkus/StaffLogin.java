package dev.confab.chat.containers.quarkus;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.UsernamePasswordAuthenticationRequest;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;

/** Whom Quarkus logs in. */
@ApplicationScoped
public class StaffLogin implements IdentityProvider<UsernamePasswordAuthenticationRequest> {
  private static final Map<String, String> PASSWORDS =
      Map.of("kim", "secret-kim", "ann", "another");

  private static final Map<String, String> ROLES = Map.of("kim", "staff", "ann", "guest");

  /** For Quarkus. */
  public StaffLogin() {}

  @Override
  public Class<UsernamePasswordAuthenticationRequest> getRequestType() {
    return UsernamePasswordAuthenticationRequest.class;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      UsernamePasswordAuthenticationRequest login, AuthenticationRequestContext context) {
    String name = login.getUsername();
    String password = new String(login.getPassword().getPassword());
    if (!password.equals(PASSWORDS.get(name))) {
      return Uni.createFrom().failure(new AuthenticationFailedException());
    }
    return Uni.createFrom()
        .item(QuarkusSecurityIdentity.builder()
            .setPrincipal(new QuarkusPrincipal(name))
            .addRole(ROLES.get(name))
            .build());
  }
}
