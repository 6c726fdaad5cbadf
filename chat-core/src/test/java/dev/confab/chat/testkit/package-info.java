/** The contract suites of the doors, each with planted offenders, and the stand-ins that tests of stages are built with. */
package dev.confab.chat.testkit;
