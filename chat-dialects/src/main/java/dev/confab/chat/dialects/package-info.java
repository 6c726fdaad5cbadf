/** Protocols of other systems, so that pages made for them speak on. */
@NullMarked
package dev.confab.chat.dialects;

import org.jspecify.annotations.NullMarked;
