/** What one connection still has to be told, and the one write it has in flight. */
@NullMarked
package dev.confab.chat.internal.outlet;

import org.jspecify.annotations.NullMarked;
