/** Readers that are slow, stalled, far behind, or come all at once: what they cost, and what they do to the others. */
@NullMarked
package dev.confab.chat.examples.slow;

import org.jspecify.annotations.NullMarked;
