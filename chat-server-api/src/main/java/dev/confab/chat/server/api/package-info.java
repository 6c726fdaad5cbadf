/**
 * Pushing into a chat, asking about it and working on what its clients send from other processes: over HTTP and WebSocket, with
 * the calls of connmix and web-msg-sender and with our own.
 */
@NullMarked
package dev.confab.chat.server.api;

import org.jspecify.annotations.NullMarked;
