package dev.confab.chat.containers.servers;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class QuarkusKitTest {
  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void kit_passes_in_a_process_of_its_own() throws Exception {
    KitRun.in(
        new Quarkus("kit"),
        Set.of(
            // It decodes each fragment by itself, and takes what is not UTF-8 for other characters.
            "ping_between_two_fragments_is_answered_and_cuts_nothing",
            "text_frames_are_told_whole_and_in_order",
            "text_that_is_not_utf_8_ends_the_connection_and_is_not_told",
            // It says 1001 of a connection that broke, as of a client that goes away.
            "connection_that_breaks_is_told_once_as_1006",
            "client_that_breaks_is_told_once_as_1006"));
  }
}
