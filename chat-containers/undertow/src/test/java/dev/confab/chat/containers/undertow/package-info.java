/** Undertow 2.3. */
@NullMarked
package dev.confab.chat.containers.undertow;

import org.jspecify.annotations.NullMarked;
