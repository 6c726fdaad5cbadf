package dev.confab.chat.containers.servers;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class TomEeKitTest {
  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void kit_passes_in_a_process_of_its_own() throws Exception {
    KitRun.in(
        new TomEe(ServerProcess.KIT),
        // Its Tomcat 10.0 waits for the answer to a close without limit.
        Set.of(
            "socket_of_a_client_that_does_not_answer_is_cut_though_the_endpoint_has_stopped",
            "socket_that_came_after_the_endpoint_had_stopped_is_cut_if_its_client_does_not_answer"));
  }
}
