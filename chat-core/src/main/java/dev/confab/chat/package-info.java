/** Confab: chat inside the Java application you already have. {@link dev.confab.chat.Chat} is where to begin. */
@NullMarked
package dev.confab.chat;

import org.jspecify.annotations.NullMarked;
