/** Jetty 12.1 (ee11). */
@NullMarked
package dev.confab.chat.containers.jettyee11;

import org.jspecify.annotations.NullMarked;
