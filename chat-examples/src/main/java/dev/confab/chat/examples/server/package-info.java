/** A chat server with a page, started with one command. {@link dev.confab.chat.examples.server.ChatServer} is the way in. */
@NullMarked
package dev.confab.chat.examples.server;

import org.jspecify.annotations.NullMarked;
