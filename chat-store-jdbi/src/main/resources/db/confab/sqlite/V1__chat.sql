-- The log of every channel.
--
-- Texts are compared byte for byte, which is SQLite's own way. Times are milliseconds since 1970. Data is JSON as text.

-- One row a channel.
create table chat_channel (
  id         integer primary key,
  name       text not null,
  head       integer not null default 0,
  head_id    text,
  no         integer not null default 0,
  floor      integer not null default 0,
  floor_id   text,
  created_at integer not null,
  constraint chat_channel_name unique (name)
) strict;

-- One row an entry, kept in the order of its channel: a page of history is one stretch of the file.
create table chat_entry (
  channel_id  integer not null,
  seq         integer not null,
  id          text not null,
  kind        integer not null,
  no          integer not null,
  sender_id   text not null,
  sender_name text not null,
  client_key  text,
  about       text not null,
  data        text,
  at          integer not null,
  primary key (channel_id, seq)
) strict, without rowid;

create unique index chat_entry_key on chat_entry (channel_id, sender_id, client_key, about)
  where client_key is not null;

-- Keys that are still remembered although retention has removed their entry.
create table chat_key (
  channel_id integer not null,
  sender_id  text not null,
  client_key text not null,
  seq        integer not null,
  id         text not null,
  at         integer not null,
  primary key (channel_id, sender_id, client_key)
) strict, without rowid;

create index chat_key_at on chat_key (at);
