/** Channels, the newest part of their logs, and who follows them. */
@NullMarked
package dev.confab.chat.internal.hub;

import org.jspecify.annotations.NullMarked;
