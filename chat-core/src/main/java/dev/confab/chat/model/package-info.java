/** The values everything else speaks of: immutable, and unable to hold a wrong value. */
@NullMarked
package dev.confab.chat.model;

import org.jspecify.annotations.NullMarked;
