/**
 * An application with two chats, to copy from: one for the members of a club, whom it knows itself, and one for its staff, whom
 * the container logs in.
 */
@NullMarked
package dev.confab.chat.containers.war;

import org.jspecify.annotations.NullMarked;
