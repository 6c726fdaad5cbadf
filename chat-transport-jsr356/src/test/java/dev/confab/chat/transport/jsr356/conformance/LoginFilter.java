package dev.confab.chat.transport.jsr356.conformance;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.security.Principal;

/** A login of the container's: who sends the header {@code X-User} is proved to be that user, and has a session. */
public final class LoginFilter implements Filter {
  /** For containers. */
  public LoginFilter() {}

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    HttpServletRequest asked = (HttpServletRequest) request;
    String user = asked.getHeader("X-User");
    if (user == null) {
      chain.doFilter(request, response);
      return;
    }
    asked.getSession().setAttribute("language", "de");
    chain.doFilter(
        new HttpServletRequestWrapper(asked) {
          @Override
          public Principal getUserPrincipal() {
            return () -> user;
          }
        },
        response);
  }
}
