package dev.confab.chat.containers.servers;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class GlassFishKitTest {
  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void kit_passes_in_a_process_of_its_own() throws Exception {
    KitRun.in(new GlassFish(ServerProcess.KIT));
  }
}
