package dev.confab.chat.containers.servers;

import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class OpenLibertyKitTest {
  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void kit_passes_in_a_process_of_its_own() throws Exception {
    KitRun.in(
        new OpenLiberty(ServerProcess.KIT),
        // It decodes each fragment by itself and closes with 1007 when one ends within a character.
        Set.of(
            "limit_counts_bytes_across_fragments",
            "ping_between_two_fragments_is_answered_and_cuts_nothing",
            "text_frames_are_told_whole_and_in_order"));
  }
}
