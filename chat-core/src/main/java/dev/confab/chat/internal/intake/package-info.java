/** Takes new connections, decodes what they send, applies limits, and keeps a connection's commands in order. */
@NullMarked
package dev.confab.chat.internal.intake;

import org.jspecify.annotations.NullMarked;
