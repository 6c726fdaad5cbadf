/** What every container has to show, and what a container is to that. */
@NullMarked
package dev.confab.chat.transport.jsr356.conformance;

import org.jspecify.annotations.NullMarked;
