/** The load tool: scenarios, the load they put on, its own lean WebSocket client, and the tables it prints. */
@NullMarked
package dev.confab.chat.benchmarks;

import org.jspecify.annotations.NullMarked;
