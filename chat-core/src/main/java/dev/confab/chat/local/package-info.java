/** What a chat uses out of the box: a log in memory, and no other nodes. Also the reference for the contract suites. */
@NullMarked
package dev.confab.chat.local;

import org.jspecify.annotations.NullMarked;
