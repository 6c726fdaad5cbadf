/** The club and the conformance kit in an application of Quarkus. */
@NullMarked
package dev.confab.chat.containers.quarkus;

import org.jspecify.annotations.NullMarked;
