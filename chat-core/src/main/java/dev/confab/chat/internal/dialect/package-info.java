/**
 * The two ways clients of ours put things into text: {@code plain}, as the first clients spoke, and {@code chat.v1}. Both
 * read the same requests and write the same events; they differ in what is shown and in how much one frame holds.
 *
 * <p>JSON is streamed in both directions. What somebody says is copied token by token and never becomes a tree.
 */
@NullMarked
package dev.confab.chat.internal.dialect;

import org.jspecify.annotations.NullMarked;
