/**
 * Carries chat over any Jakarta WebSocket 2.1 container. {@link dev.confab.chat.transport.jsr356.ChatEndpoint} is the way in.
 */
@NullMarked
package dev.confab.chat.transport.jsr356;

import org.jspecify.annotations.NullMarked;
