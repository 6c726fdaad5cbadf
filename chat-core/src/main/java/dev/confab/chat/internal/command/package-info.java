/** One class for each thing a client can ask, and the one list that routes to them. */
@NullMarked
package dev.confab.chat.internal.command;

import org.jspecify.annotations.NullMarked;
