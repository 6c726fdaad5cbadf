-- The log of every channel.
--
-- Texts are compared byte for byte, whatever the database's collation is: hence collate "C". Times are milliseconds since
-- 1970. Data is JSON as text, because json and jsonb rewrite what they are given.

-- One row a channel. The row is locked by whoever appends to the channel, so it is also what numbers the entries.
-- Half of each page stays free and no index stands on a column that moves, so that updates stay on their page (HOT).
create table chat_channel (
  id         bigint generated always as identity primary key,
  name       text collate "C" not null,
  head       bigint not null default 0,
  head_id    text collate "C",
  no         bigint not null default 0,
  floor      bigint not null default 0,
  floor_id   text collate "C",
  created_at bigint not null,
  constraint chat_channel_name unique (name)
) with (fillfactor = 50);

-- One row an entry. No foreign key: entries are only written under the lock of their channel's row, and checking it again
-- for each entry costs more than all the rest.
create table chat_entry (
  channel_id  bigint not null,
  seq         bigint not null,
  id          text collate "C" not null,
  kind        smallint not null,
  no          bigint not null,
  sender_id   text collate "C" not null,
  sender_name text not null,
  client_key  text collate "C",
  about       text collate "C" not null,
  data        text,
  at          bigint not null,
  constraint chat_entry_place primary key (channel_id, seq)
);

create unique index chat_entry_key on chat_entry (channel_id, sender_id, client_key, about)
  where client_key is not null;

-- Keys that are still remembered although retention has removed their entry.
create table chat_key (
  channel_id bigint not null,
  sender_id  text collate "C" not null,
  client_key text collate "C" not null,
  seq        bigint not null,
  id         text collate "C" not null,
  at         bigint not null,
  constraint chat_key_place primary key (channel_id, sender_id, client_key)
);

create index chat_key_at on chat_key (at);
