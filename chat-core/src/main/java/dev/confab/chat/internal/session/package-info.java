/** A connection and who it is. */
@NullMarked
package dev.confab.chat.internal.session;

import org.jspecify.annotations.NullMarked;
