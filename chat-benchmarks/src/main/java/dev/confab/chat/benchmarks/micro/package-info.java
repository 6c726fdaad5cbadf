/** Parts of the way a message takes, measured alone by JMH: what they cost, and what they leave to the garbage collector. */
@NullMarked
package dev.confab.chat.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
