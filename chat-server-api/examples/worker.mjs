// node worker.mjs ws://127.0.0.1:6790/ws/v1 orders     the key stands in CONFAB_KEY; Node 22, or 20 with --experimental-websocket
const [address, queue] = process.argv.slice(2);
let pause = 200;

function connect() {
  const socket = new WebSocket(address, { headers: { 'X-API-Key': process.env.CONFAB_KEY } });
  const open = new Map();
  const call = (m, p) => new Promise((resolve, reject) => {
    const i = call.next = (call.next ?? 0) + 1;
    open.set(i, { resolve, reject });
    socket.send(JSON.stringify({ m, p, i }));
  });
  const alive = setInterval(() => socket.readyState === WebSocket.OPEN && socket.send('ping'), 20_000);
  socket.onopen = () => call('queue.pop', { t: [queue], w: 8 })
    .then(() => { pause = 200; }, (failure) => { console.error(failure.message); socket.close(); });
  socket.onmessage = async ({ data }) => {
    if (data === 'pong') return;
    const { e, p, E, r, i } = JSON.parse(data);
    if (e !== 'queue.pop') {
      const asked = open.get(i);
      open.delete(i);
      if (E) asked?.reject(new Error(`${E.c}: ${E.m}`)); else asked?.resolve(r);
      return;
    }
    const done = await work(p, call).then(() => true, (failure) => console.error(failure.message));
    call(done ? 'queue.ack' : 'queue.nack', { t: p.t, k: p.k }).catch((late) => console.error(late.message));
  };
  socket.onerror = () => {}; // onclose follows
  socket.onclose = () => {
    clearInterval(alive);
    open.forEach((asked) => asked.reject(new Error('connection lost')));
    setTimeout(connect, pause * (0.5 + Math.random() / 2));
    pause = Math.min(2 * pause, 30_000);
  };
}

async function work({ c, d, id }, call) {
  if (d.event !== 'message') return;
  const { op, args } = JSON.parse(d.frame.data);
  await call('mesh.publish', { c: 'room_kitchen', d: d.frame.data, k: id }); // if it comes again, it is not said again
  await call('mesh.send', { c, d: `${op} ${args[0]}: done` })
    .catch((gone) => console.error(gone.message)); // who ordered may be gone; the order stands
}

connect();
