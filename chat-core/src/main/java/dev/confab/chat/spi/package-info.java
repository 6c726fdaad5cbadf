/** The doors: what an application or another module may put in the place of ours. Each has numbered rules. */
@NullMarked
package dev.confab.chat.spi;

import org.jspecify.annotations.NullMarked;
