/** Tomcat 10.1. */
@NullMarked
package dev.confab.chat.containers.tomcat10;

import org.jspecify.annotations.NullMarked;
