package dev.confab.chat.server.api;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tomcat, with two threads. */
final class ServletAdapterTest extends AdapterContract {
  @TempDir
  Path folder;

  private Tomcat tomcat;

  @Test
  void request_that_takes_too_long_is_answered_503_once() throws Exception {
    tells_who_waits_too_long();
  }

  @Test
  void request_that_comes_when_the_api_is_closed_is_answered_503() {
    tells_that_the_api_is_closed();
  }

  @Override
  int start(ServerApi served, Duration within) throws LifecycleException {
    tomcat = new Tomcat();
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.getConnector().setProperty("maxThreads", "2");
    Context context = tomcat.addContext("/app", folder.toString());
    Wrapper wrapper = Tomcat.addServlet(context, "api", new ApiServlet(served, within));
    wrapper.setAsyncSupported(true);
    context.addServletMappingDecoded("/push/*", "api");
    tomcat.start();
    return tomcat.getConnector().getLocalPort();
  }

  @Override
  void stop() throws LifecycleException {
    tomcat.stop();
    tomcat.destroy();
  }

  @Override
  String mount() {
    return "/app/push";
  }
}
