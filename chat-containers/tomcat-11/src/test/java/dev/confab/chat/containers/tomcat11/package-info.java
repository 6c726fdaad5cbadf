/** Tomcat 11. */
@NullMarked
package dev.confab.chat.containers.tomcat11;

import org.jspecify.annotations.NullMarked;
