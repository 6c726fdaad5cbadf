/** Servers that run in processes of their own, with the application of the module {@code war}, and with the kit. */
@NullMarked
package dev.confab.chat.containers.servers;

import org.jspecify.annotations.NullMarked;
