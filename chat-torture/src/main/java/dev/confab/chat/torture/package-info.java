/**
 * Breaks real servers, databases and connections, and checks over the files of everybody involved that the promises held.
 *
 * <p>{@link dev.confab.chat.torture.Torture} is the program. A {@code Round} starts the processes, lets a {@code Plan} of faults,
 * drawn from a seed, loose on them, heals, and asks the {@code Checker} about the {@code History} that the files tell.
 */
@NullMarked
package dev.confab.chat.torture;

import org.jspecify.annotations.NullMarked;
