/** The programs shown in the documentation: what stands between their markers is what the pages show, and a test compares. */
@NullMarked
package dev.confab.chat.examples.docs;

import org.jspecify.annotations.NullMarked;
