// A server as somebody else would write it: an echo on Node's ws, at a port, until a signal ends it. What it says to its
// clients then is the second argument: a close code, or "nothing" (it just goes). Each answer names one of two pods.

import { WebSocketServer } from 'ws';

const [port, farewell = 'nothing'] = process.argv.slice(2);
const server = new WebSocketServer({ port: Number(port) }, () => console.log(`listening at ${port}`));
let answers = 0;
server.on('headers', (headers) => headers.push(`x-pod: pod-${answers++ % 2}`));
server.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(data, { binary })));

process.on('SIGTERM', () => {
  console.log(`SIGTERM, ${server.clients.size} clients`);
  if (farewell === 'nothing') {
    process.exit(0);
  }
  server.close(() => process.exit(0));
  for (const socket of server.clients) {
    socket.close(Number(farewell), 'Service Restart');
  }
});
