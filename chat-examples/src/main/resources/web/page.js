/** The page: shows what the client has and hands it what is typed. Foreign text is only ever set as textContent. */
import { ChatClient } from './client.js';

const $ = (id) => document.getElementById(id);
const client = new ChatClient(`ws${location.origin.slice(4)}/chat`, () => (drawing ??= setTimeout(draw, 20))); // or wss
const seen = new Map(); // view -> seq of the newest message looked at
let [view, drawn, drawing] = ['room_lobby']; // a view is a channel, or user_<id>: what that user and we wrote

const isDirect = (name) => name.startsWith('user_');
const channelOf = (name) => client.channels.get(isDirect(name) ? `user_${client.me.id}` : name) ?? { messages: [] };
const partnerOf = ({ from, to }) => `user_${(to ?? from)?.id ?? 'server'}`;
const messagesOf = (name) => channelOf(name).messages.filter((m) => !isDirect(name) || partnerOf(m) === name);
const usersOf = (it) => it.messages.map((m) => m.from).concat(it.present?.users, it.notes.map(({ user }) => user));
const userWho = (isIt) => [...client.channels.values()].flatMap(usersOf).find((user) => user && isIt(user));
const nameOf = (name) => userWho(({ id }) => `user_${id}` === name)?.name ?? name.replace('user_server', 'server');
const titleOf = (name) => (isDirect(name) ? `@${nameOf(name)}` : name.replace('room_', '#'));
const element = (tag, properties) => Object.assign(document.createElement(tag), properties);

/** Makes the list show these rows: id, class, and the text of each element by its tag. Items of equal rows stay. */
function show(list, rows) {
  const shown = new Map([...list.children].map((item) => [item.row, item]));
  rows.forEach(({ id, kind, ...texts }, place) => {
    const row = JSON.stringify([id, kind, texts]);
    const item = shown.get(row) ?? element('li', { row, className: kind });
    const tags = shown.delete(row) ? [] : Object.keys(texts);
    for (const tag of tags) item.append(element(tag, { textContent: texts[tag], dir: 'auto' }));
    item.dataset.id = id;
    if (item !== list.children[place]) list.insertBefore(item, list.children[place]);
  });
  for (const item of shown.values()) item.remove();
}

function viewRow(id) {
  const { seq, from } = messagesOf(id).at(-1) ?? {};
  if (id === view || from?.id === client.me.id) seen.set(id, seq); // who answers has read
  return { id, kind: id === view ? 'selected' : seq === seen.get(id) ? '' : 'unread', button: titleOf(id) };
}
function messageRow({ seq, key, from, at, data, user, event, error, pending }) {
  const time = new Date(at).toLocaleTimeString();
  if (user) return { id: key, kind: 'note', i: `${user.name} ${event === 'join' ? 'joined' : 'left'}`, time };
  const kind = error ? 'refused' : pending ? 'pending' : from?.id === client.me.id ? 'mine' : '';
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return { id: seq ?? key, kind, b: from?.name ?? from?.id ?? 'server', time, p: error ? `${text} (${error})` : text };
}

function draw() {
  drawing = undefined;
  [$('login').hidden, $('chat').hidden] = [Boolean(client.me), !client.me];
  $('login-status').textContent = $('status').textContent = client.status || client.error.replace('room_', '#');
  if (!client.me) return seen.clear();
  if (!isDirect(view) && !client.channels.has(view)) [view] = client.channels.keys(); // it was refused
  const [log, { present, notes = [], more }] = [$('log'), channelOf(view)];
  const [first, fromEnd] = [$('messages').firstChild, log.scrollHeight - log.scrollTop];
  const logged = [...messagesOf(view), ...notes].sort((a, b) => a.seq - b.seq);
  const sent = [...client.outgoing.values()].filter(({ target }) => target === view);
  const direct = [...channelOf('user_').messages.map(partnerOf), ...seen.keys()].filter(isDirect);
  const views = new Set([...[...client.channels.keys()].filter((name) => !isDirect(name)), ...direct]);
  show($('messages'), [...logged, ...sent].map(messageRow));
  show($('views'), [...views].map(viewRow));
  show($('present'), (present?.users ?? []).map(({ id, name }) => ({ id: `user_${id}`, kind: '', button: name })));
  $('present-count').textContent = present ? `${present.count} here now` : '';
  [$('me').textContent, $('title').textContent] = [client.me.name, titleOf(view)];
  $('older').hidden = !more;
  if (drawn !== view || fromEnd - log.clientHeight < 40) log.scrollTop = log.scrollHeight;
  else if (first !== $('messages').firstChild) log.scrollTop = log.scrollHeight - fromEnd; // older ones came on top
  drawn = view;
}

function open(name, error = '') {
  [view, drawn, client.error] = [name, undefined, error];
  isDirect(name) ? seen.set(name) : client.join(name); // set, to be listed before there is a message
  draw();
}
/** When a form is sent: hands over what was typed into its field, and empties it. */
const onTyped = (form, field, then) => ($(form).onsubmit = (event) => {
  event.preventDefault();
  if ($(field).value.trim()) then($(field).value);
  $(field).value = '';
});

onTyped('login', 'password', (password) => open('room_lobby', client.login($('name').value, password)));
onTyped('send', 'text', (text) => open(view, client.send(view, text)));
onTyped('open', 'where', (typed) => {
  const name = typed.trim().normalize('NFC');
  if (!name.startsWith('@')) return open(name === 'broadcast' ? name : `room_${name.replace(/^(#|room_)/, '')}`);
  const [, typedId] = name.match(/^@(?:user_)?(\d+)$/) ?? [];
  const id = (userWho((user) => `@${user.name}` === name) ?? userWho((user) => user.id === typedId))?.id;
  const unknown = id ? '' : `${name} was not seen here yet${typedId ? '' : '. Was a room meant? Or an id, as in @2?'}`;
  open(id ?? typedId ? `user_${id ?? typedId}` : view, unknown);
});
for (const id of ['views', 'present']) $(id).onclick = ({ target }) => open(target.closest('li')?.dataset.id ?? view);
$('older').onclick = () => client.older(channelOf(view));
$('log').onscroll = () => $('log').scrollTop < 30 && channelOf(view).more && client.older(channelOf(view));
$('logout').onclick = () => location.reload(); // forgets everything
