/**
 * The log and the users in SQL.
 *
 * <p>{@link dev.confab.chat.store.jdbi.JdbiMessageStore} keeps the log in SQLite or PostgreSQL,
 * {@link dev.confab.chat.store.jdbi.JdbiAuthenticator} logs people in from a users table. The drivers are the
 * application's own.
 */
@NullMarked
package dev.confab.chat.store.jdbi;

import org.jspecify.annotations.NullMarked;
