/** Builds the stages, connects them, gives them their threads, and ends them in order. */
@NullMarked
package dev.confab.chat.internal.engine;

import org.jspecify.annotations.NullMarked;
