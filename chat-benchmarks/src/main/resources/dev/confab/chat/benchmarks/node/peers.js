// A peer on Node, with the settings it comes with; its name is the argument. It prints "ready", its port and what it is,
// and ends when its input does.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { WebSocket, WebSocketServer } from "ws";

const name = process.argv[2];
const http = createServer();

const peers = {
  SOCKETIO() {
    const io = new Server(http, { transports: ["websocket"] });
    io.on("connection", (socket) => {
      socket.on("join", (room) => {
        socket.join(room);
        socket.emit("joined", room);
      });
      socket.on("message", (data) => io.to("room").emit("message", data));
    });
    return `Socket.IO ${version("socket.io")}`;
  },

  // It has no rooms: everybody is in the same. The loop is that of its own guide.
  WS() {
    const server = new WebSocketServer({ server: http });
    server.on("connection", (socket) => {
      socket.on("error", console.error);
      socket.on("message", (data, isBinary) => {
        for (const client of server.clients) {
          if (client.readyState === WebSocket.OPEN) {
            client.send(data, { binary: isBinary });
          }
        }
      });
      socket.send("joined");
    });
    return `ws ${version("ws")}`;
  },
};

function version(module) {
  const file = new URL(`./node_modules/${module}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
}

const title = peers[name]();
http.listen(0, "127.0.0.1", () => {
  console.log(`ready ${http.address().port} ${title} on Node ${process.version}`);
});
process.stdin.on("end", () => process.exit(0)).resume();
