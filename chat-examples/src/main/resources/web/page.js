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
const usersOf = (channel) => channel.messages.map((message) => message.from).concat(channel.present?.users);
const userOf = (name) => [...client.channels.values()].flatMap(usersOf).find((user) => `user_${user?.id}` === name);
const titleOf = (name) => (isDirect(name) ? `@${userOf(name)?.name ?? name.slice(5)}` : name.replace('room_', '#'));
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
  const newest = messagesOf(id).at(-1)?.seq;
  if (id === view) seen.set(id, newest);
  return { id, kind: id === view ? 'selected' : newest === seen.get(id) ? '' : 'unread', button: titleOf(id) };
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
  $('login-status').textContent = $('status').textContent = client.status || client.error;
  if (!client.me) return seen.clear();
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

function open(name) {
  [view, drawn, client.error] = [name, undefined, ''];
  if (isDirect(name)) seen.set(name); // to be listed before there is a message
  else client.join(name);
  draw();
}
/** When a form is sent: hands over what was typed into its field, and opens the view it gets back. */
function onTyped(form, field, then) {
  $(form).onsubmit = (event) => {
    event.preventDefault();
    if ($(field).value.trim()) open(then($(field).value) ?? view);
    $(field).value = '';
  };
}

onTyped('login', 'password', (password) => client.login($('name').value, password) ?? 'room_lobby');
onTyped('send', 'text', (text) => client.send(view, text));
onTyped('open', 'where', (typed) => {
  const name = typed.trim().normalize('NFC');
  return name.startsWith('@') ? `user_${name.replace(/^@(user_)?/, '')}` : `room_${name.replace(/^room_/, '')}`;
});
for (const id of ['views', 'present']) $(id).onclick = ({ target }) => open(target.closest('li')?.dataset.id ?? view);
$('older').onclick = () => client.older(channelOf(view));
$('log').onscroll = () => $('log').scrollTop < 30 && channelOf(view).more && client.older(channelOf(view));
$('logout').onclick = () => location.reload(); // forgets everything
