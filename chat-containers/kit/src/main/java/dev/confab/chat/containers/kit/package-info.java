/** The conformance kit, run inside a server that is a process of its own. */
@NullMarked
package dev.confab.chat.containers.kit;

import org.jspecify.annotations.NullMarked;
