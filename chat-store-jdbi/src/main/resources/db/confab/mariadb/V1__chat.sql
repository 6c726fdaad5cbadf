-- The log of every channel, for MariaDB 10.6 and later and MySQL 8 and later.
--
-- Names, ids and keys are UTF-8 in VARBINARY, compared byte for byte: collations fold case, accents or trailing spaces. Times
-- are milliseconds since 1970. Data is JSON as text, because json columns of MySQL rewrite what they are given.
--
-- Each statement commits what was before it, as every change of tables does here; so each can be run again after a failure.

-- One row a channel. The row is locked by whoever appends to the channel, so it is also what numbers the entries.
create table if not exists chat_channel (
  id         bigint not null auto_increment,
  name       varbinary(384) not null,
  head       bigint not null default 0,
  head_id    varbinary(16),
  no         bigint not null default 0,
  floor      bigint not null default 0,
  floor_id   varbinary(16),
  created_at bigint not null,
  primary key (id),
  constraint chat_channel_name unique (name)
) engine = InnoDB row_format = dynamic;

-- One row an entry, kept in the order of its channel: a page of history is one stretch of the table. Rows without key are
-- many in the unique index, because null is different from null there.
create table if not exists chat_entry (
  channel_id  bigint not null,
  seq         bigint not null,
  id          varbinary(16) not null,
  kind        smallint not null,
  no          bigint not null,
  sender_id   varbinary(369) not null,
  sender_name varchar(256) character set utf8mb4 collate utf8mb4_bin not null,
  client_key  varbinary(64),
  about       varbinary(369) not null,
  data        mediumtext character set utf8mb4 collate utf8mb4_bin,
  at          bigint not null,
  primary key (channel_id, seq),
  constraint chat_entry_key unique (channel_id, sender_id, client_key, about)
) engine = InnoDB row_format = dynamic;

-- Keys that are still remembered although retention has removed their entry.
create table if not exists chat_key (
  channel_id bigint not null,
  sender_id  varbinary(369) not null,
  client_key varbinary(64) not null,
  seq        bigint not null,
  id         varbinary(16) not null,
  at         bigint not null,
  primary key (channel_id, sender_id, client_key),
  index chat_key_at (at)
) engine = InnoDB row_format = dynamic;
