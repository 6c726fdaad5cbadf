/** Group commit: collects what is to be recorded, hands it to the store in batches, and gives each its outcome. */
@NullMarked
package dev.confab.chat.internal.journal;

import org.jspecify.annotations.NullMarked;
