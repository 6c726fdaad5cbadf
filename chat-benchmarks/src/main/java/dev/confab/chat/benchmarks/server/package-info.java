/** The servers that are measured: each runs in a process of its own, with one container on its class path. */
@NullMarked
package dev.confab.chat.benchmarks.server;

import org.jspecify.annotations.NullMarked;
