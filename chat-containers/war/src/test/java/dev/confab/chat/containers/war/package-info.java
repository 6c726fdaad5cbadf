/** The WAR, in a Tomcat. */
@NullMarked
package dev.confab.chat.containers.war;

import org.jspecify.annotations.NullMarked;
