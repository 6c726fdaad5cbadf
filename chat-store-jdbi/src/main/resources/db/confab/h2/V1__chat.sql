-- The log of every channel, for H2 2.3 and later, which is for tests and for trying.
--
-- Texts are compared exactly, which is H2's own way. Times are milliseconds since 1970. Data is JSON as text.
--
-- Each statement commits what was before it, as every change of tables does here; so each can be run again after a failure.

-- One row a channel. The row is locked by whoever appends to the channel, so it is also what numbers the entries.
create table if not exists chat_channel (
  id         bigint generated always as identity primary key,
  name       varchar(128) not null,
  head       bigint default 0 not null,
  head_id    varchar(16),
  no         bigint default 0 not null,
  floor      bigint default 0 not null,
  floor_id   varchar(16),
  created_at bigint not null,
  constraint chat_channel_name unique (name)
);

-- One row an entry.
create table if not exists chat_entry (
  channel_id  bigint not null,
  seq         bigint not null,
  id          varchar(16) not null,
  kind        smallint not null,
  no          bigint not null,
  sender_id   varchar(123) not null,
  sender_name varchar(256) not null,
  client_key  varchar(64),
  about       varchar(123) not null,
  data        clob,
  at          bigint not null,
  constraint chat_entry_place primary key (channel_id, seq)
);

create unique index if not exists chat_entry_key on chat_entry (channel_id, sender_id, client_key, about);

-- Keys that are still remembered although retention has removed their entry.
create table if not exists chat_key (
  channel_id bigint not null,
  sender_id  varchar(123) not null,
  client_key varchar(64) not null,
  seq        bigint not null,
  id         varchar(16) not null,
  at         bigint not null,
  constraint chat_key_place primary key (channel_id, sender_id, client_key)
);

create index if not exists chat_key_at on chat_key (at);
