/** The API against real servers and sockets. */
package dev.confab.chat.server.api;
