/** Tells another server over HTTP who is online and which channels are in use. */
@NullMarked
package dev.confab.chat.webhooks;

import org.jspecify.annotations.NullMarked;
