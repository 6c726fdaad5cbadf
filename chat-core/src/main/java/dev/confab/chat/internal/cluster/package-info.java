/** Tells other nodes what was committed here, and hears what was committed there. */
@NullMarked
package dev.confab.chat.internal.cluster;

import org.jspecify.annotations.NullMarked;
