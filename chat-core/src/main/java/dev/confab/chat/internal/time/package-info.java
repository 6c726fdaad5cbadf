/** The clock and the alarm that every stage is given, so that a test can be the one that moves time. */
@NullMarked
package dev.confab.chat.internal.time;

import org.jspecify.annotations.NullMarked;
