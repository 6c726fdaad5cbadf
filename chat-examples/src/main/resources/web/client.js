/** The chat.v1 client: one connection at a time, resumed and resent after every cut. It knows nothing of the page. */
const [PAGE, KEPT] = [50, 2000]; // messages fetched at a time, and kept of a channel

/** What a close code asks of us (protocol, section 8). The wait in ms has jitter and doubles unless a server moves. */
export function afterClose(code, attempt, afterMs = 0, random = Math.random()) {
  const final = [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4400 && code <= 4499);
  const backOff = afterMs + Math.min(30_000, 500 * 2 ** attempt) * (0.5 + random / 2);
  const wait = code >= 4000 && code <= 4099 ? random * (afterMs || 3000) : backOff;
  return { comeBack: !final, forget: code >= 4300 && code <= 4399, wait };
}

/** A key that no other message has; over plain http only localhost has randomUUID. */
export function newKey(source = crypto) {
  return source.randomUUID?.() ?? source.getRandomValues(new Uint32Array(4)).join('-');
}

export class ChatClient {
  state = 'ended'; // or connecting, online, waiting (for the next attempt)
  status = ''; error = ''; // for people: why it is not online, and the last refusal
  channels = new Map(); // name -> what we have of a channel, see #open
  outgoing = new Map(); // key -> own message that no log has shown yet, oldest first
  #url; #changed; #Socket; #socket; #credentials; #bye; #backTimer; #steadyTimer; #pongTimer; #silenceTimer;
  #waiting = new Map(); // request id -> what to do with the reply
  #lastId = 0; #attempt = 0; #heartbeat = 25_000;

  constructor(url, changed, Socket = globalThis.WebSocket) {
    [this.#url, this.#changed, this.#Socket] = [url, changed, Socket];
  }
  login(name, password) {
    this.logout();
    this.#credentials = [name, password]; // in memory only, to log in again after a cut
    this.#connect();
  }
  logout(reason = '') {
    this.#drop('ended', reason);
    this.me = this.#credentials = undefined;
    this.#attempt = 0;
    for (const memory of [this.channels, this.outgoing]) memory.clear();
  }
  join(name) {
    if (!this.channels.has(name)) this.#subscribe(this.#open(name));
  }
  /** Sends to a room, to "broadcast" or to "user_<id>"; the message is in `outgoing` until a log shows it. */
  send(target, data) {
    const message = { key: newKey(), target, data, from: this.me, at: Date.now(), pending: true };
    this.outgoing.set(message.key, message);
    this.#transmit(message);
  }
  /** Fetches the page before our oldest message. */
  older(channel) {
    if (channel.loading || this.state !== 'online') return;
    channel.loading = true;
    const before = channel.messages[0]?.seq ?? channel.seq + 1;
    this.#call('history', [channel.name, { before, limit: PAGE }], ({ error, data }) => {
      Object.assign(channel, { loading: false, more: data?.more ?? true });
      if (error) return (this.error = error);
      for (const message of data.messages) this.#add(channel, message);
    });
  }
  #open(name) { // as not yet subscribed: without cursor
    return this.channels.set(name, { name, seq: 0, messages: [], notes: [], more: false, loading: false }).get(name);
  }

  #connect() {
    const socket = (this.#socket = new this.#Socket(this.#url, 'chat.v1'));
    socket.onopen = () => socket === this.#socket && this.#call('auth', this.#credentials, (it) => this.#enter(it));
    socket.onclose = ({ code }) => socket === this.#socket && this.#cut(code);
    socket.onmessage = ({ data }) => {
      for (const line of data.split('\n')) if (line && socket === this.#socket) this.#hear(JSON.parse(line));
      this.#changed();
    };
    Object.assign(this, { state: 'connecting', status: 'Connecting…' });
    this.#hear({}); // starts the clock
  }
  #enter({ error, data }) {
    if (error) return this.logout(error);
    this.#steadyTimer = setTimeout(() => (this.#attempt = 0), 5000);
    Object.assign(this, { state: 'online', status: '' });
    for (const channel of this.channels.values()) this.#subscribe(channel);
    for (const message of this.outgoing.values()) if (message.pending) this.#transmit(message);
    if (!this.me) for (const name of ['broadcast', `user_${data.user.id}`]) this.join(name);
    this.me = data.user;
  }
  #subscribe(channel) {
    const options = channel.cursor ? { since: { [channel.name]: channel.cursor } } : { history: PAGE };
    if (channel.name.startsWith('room_')) options.presence = true;
    this.#call('subscribe', [channel.name, options], ({ error, data }) => {
      if (this.channels.get(channel.name) !== channel) return; // reloaded since
      if (error) return this.channels.delete(channel.name) && (this.error = `${channel.name}: ${error}`);
      const { head, cursor, messages = [], presence, reset, trimmed } = data.channels[channel.name];
      if (reset || trimmed) return this.#reload(channel);
      channel.present = presence;
      if (options.since) return; // the entries behind our cursor follow
      Object.assign(channel, { seq: head, cursor, more: head > messages.length });
      for (const message of messages) this.#add(channel, message);
    });
  }
  /** Forgets a log that was rolled back or lost its old part, and starts with its newest page. */
  #reload({ name }) {
    this.#call('unsubscribe', [name], () => {});
    this.#subscribe(this.#open(name));
  }
  #transmit(message) {
    const { target, data, key } = message;
    this.#call(target.startsWith('user_') ? 'sendtouser' : 'publish', [target, data, { key }], (reply) => {
      Object.assign(message, { pending: false, error: reply.error });
      if (reply.data?.duplicate) this.outgoing.delete(key); // was seen already, or will be
    });
  }

  #hear(message) {
    const { event, seq, id, user } = message;
    const channel = this.channels.get(message.channel);
    clearTimeout(this.#silenceTimer); // who is silent for longer is gone, whatever the socket believes
    this.#silenceTimer = setTimeout(() => this.#cut(1006), 2.5 * this.#heartbeat);
    if (!event) this.#waiting.get(id)?.(message);
    if (event === 'welcome') this.#heartbeat = message.heartbeat_ms;
    if (event === 'ping') this.#write({ op: 'pong' });
    if (event === 'bye') this.#bye = message;
    if (!event || !channel?.cursor) return; // without cursor: rest of a subscription that was given up
    if (event === 'reset' || event === 'trimmed') this.#reload(channel);
    if (event === 'presence') channel.present = { count: message.count, users: [] }; // too many to be named
    if (event === 'join' || event === 'leave') {
      const users = channel.present.users.filter((other) => other.id !== user.id).concat(event === 'join' ? user : []);
      channel.present = { count: channel.present.count + (event === 'join' ? 1 : -1), users };
      channel.notes = [...channel.notes.slice(-99), { key: newKey(), seq: channel.seq, at: Date.now(), event, user }];
    }
    if (seq && id && seq > channel.seq) Object.assign(channel, { seq, cursor: `${seq}.${id}` }); // any kind of entry
    if (event === 'subscribe') this.#add(channel, message);
    if (channel.messages.length > KEPT) channel.more = Boolean(channel.messages.shift());
  }
  /** Puts a message in its place, once. */
  #add({ messages }, message) {
    if (message.from?.id === this.me.id) this.outgoing.delete(message.key);
    const place = messages.findLastIndex((other) => other.seq <= message.seq);
    if (messages[place]?.seq !== message.seq) messages.splice(place + 1, 0, message);
  }

  /** Asks when online, again if told so; after a cut, what still matters is asked anew. */
  #call(op, args, done) {
    if (this.state !== 'online' && op !== 'auth') return;
    const [id, socket] = [++this.#lastId, this.#socket];
    this.#waiting.set(id, (reply) => {
      this.#waiting.delete(id);
      const wait = (reply.after_ms ?? 1000) * (1 + Math.random() / 2);
      if (reply.retry === 'auth') return this.#cut(4200);
      if (!['same', 'later'].includes(reply.retry) || wait > 60_000) return done(reply);
      setTimeout(() => socket === this.#socket && this.#call(op, args, done), wait);
    });
    this.#write({ op, args, id });
  }
  #write(request) {
    this.#socket.send(JSON.stringify(request));
    clearTimeout(this.#pongTimer);
    this.#pongTimer = setTimeout(() => this.#write({ op: 'pong' }), this.#heartbeat);
  }
  #cut(closeCode) {
    const { code, reason, after_ms } = { code: closeCode, ...this.#bye }; // proxies eat close frames: bye counts
    const { comeBack, forget, wait } = afterClose(code, this.#attempt++, after_ms);
    if (!comeBack) return this.logout(reason ?? `The server ended the connection (${code})`);
    this.#drop('waiting', `Not connected, trying again in ${Math.ceil(wait / 1000)} s`);
    for (const [name, channel] of this.channels) forget ? this.#open(name) : (channel.loading = false);
    this.#backTimer = setTimeout(() => this.#connect(), wait);
  }
  #drop(state, status) {
    for (const timer of [this.#backTimer, this.#steadyTimer, this.#pongTimer, this.#silenceTimer]) clearTimeout(timer);
    this.#waiting.clear();
    this.#socket?.close(1000);
    this.#socket = this.#bye = undefined; // what it still says is not heard
    Object.assign(this, { state, status });
    this.#changed();
  }
}
