/** Jetty 12.0 (ee10). */
@NullMarked
package dev.confab.chat.containers.jettyee10;

import org.jspecify.annotations.NullMarked;
