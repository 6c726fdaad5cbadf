/** What clients ask and what they are told, before any dialect has put it into text. */
@NullMarked
package dev.confab.chat.protocol;

import org.jspecify.annotations.NullMarked;
