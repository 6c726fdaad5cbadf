/**
 * The log and the users in SQL.
 *
 * <p>{@link dev.confab.chat.store.jdbi.JdbiMessageStore} keeps the log in PostgreSQL, MariaDB, MySQL, H2 or SQLite,
 * {@link dev.confab.chat.store.jdbi.JdbiAuthenticator} logs people in from a users table. The drivers are the
 * application's own.
 *
 * <h2>Databases</h2>
 *
 * <ul>
 *   <li><b>PostgreSQL</b> 12 or later; tested with 18.
 *   <li><b>MariaDB</b> 10.6 or later with InnoDB; tested with 11.4. <b>MySQL</b> 8 is written for and untested. Names, ids and
 *       keys are bytes ({@code VARBINARY}), so no collation of the server's matters. Waiting for a channel that another
 *       transaction holds is counted in whole seconds there, rounded up. A message needs to fit {@code max_allowed_packet}
 *       three times; with its smallest default of 16 MiB all do. With {@code binlog_format=STATEMENT} nothing can be written,
 *       because that refuses READ COMMITTED.
 *   <li><b>SQLite</b> 3.51.3 or later, or 3.50.7 or 3.44.6, in a file of its own. From 3.38 on it works, but is warned of: there
 *       several processes can on rare occasions corrupt the file.
 *   <li><b>H2</b> 2.3, for tests and for trying: it does not wait for the disk, and its connections must have READ COMMITTED,
 *       which is its default.
 * </ul>
 *
 * <h2>Retention</h2>
 *
 * <p>Everything is kept unless {@link dev.confab.chat.store.jdbi.Retention} says otherwise, by age and by number for channels
 * by the beginning of their name. The store removes the rest by itself, every ten minutes or as
 * {@link dev.confab.chat.store.jdbi.JdbiMessageStore.Builder#trimEvery} says, on one node or on several.
 *
 * <pre>{@code
 * JdbiMessageStore store = JdbiMessageStore.builder(dataSource)
 *     .retention(Retention.everything()
 *         .with("room_", Keep.youngerThan(Duration.ofDays(90)))
 *         .with("room_lobby", Keep.newest(10_000)))
 *     .build();
 * }</pre>
 *
 * <p>A run works in bites of at most 1,000 entries, one channel at a time, and leaves channels that are being written to for the
 * next one. Readers are told what is gone as {@code trimmed}; numbers go on; the keys of messages that are gone are remembered
 * for {@code keyLife}. Entries younger than a minute always stay.
 */
@NullMarked
package dev.confab.chat.store.jdbi;

import org.jspecify.annotations.NullMarked;
