/** An application with a chat that is deployed and undeployed, and what must not be left of it. */
@NullMarked
package dev.confab.chat.containers.redeploy;

import org.jspecify.annotations.NullMarked;
