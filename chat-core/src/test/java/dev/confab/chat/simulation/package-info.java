/** The whole chat on one thread, with a clock, a network and a store that do whatever they may, drawn by a seed. */
package dev.confab.chat.simulation;
