package dev.confab.chat.containers.kit;

import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.util.Optional;

/** Starts the kit when it is first asked, and says how far it is; with {@code ?look} it only says that it is there. */
@WebServlet("/kit")
public class KitServlet extends HttpServlet {
  private static final long serialVersionUID = 1;

  /** For containers. */
  public KitServlet() {}

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    var container =
        (ServerContainer) request.getServletContext().getAttribute(ServerContainer.class.getName());
    response.setContentType("text/plain;charset=UTF-8");
    if ("look".equals(request.getQueryString())) {
      response.getWriter().println("ready");
      return;
    }
    response
        .getWriter()
        .println(Kit.ask(new HostContainer.Host(
            System.getProperty("confab.container", "a server without a name"),
            true,
            request.getServerPort(),
            Optional.of(container))));
  }
}
