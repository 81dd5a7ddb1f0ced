// An echo server on Node's ws that restarts on a line on standard input or on SIGHUP, and ends with its input.
// It appends the close code that it saw to the log, a line a connection; over TLS also, as a connection begins, the
// version and whether the session was resumed.

import { openSync, readFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    deflate: { type: 'string' },
    log: { type: 'string' },
    'restart-downtime': { type: 'string' },
    certificate: { type: 'string' }, // In PEM, with --key: it speaks TLS.
    key: { type: 'string' },
    clients: { type: 'string' }, // The certificate, in PEM, that it demands of its clients.
  },
});
const log = openSync(values.log, 'a');

// It outlives the restarts, so that the sessions of its clients do too.
const web = values.certificate
  ? createSecureServer({
      cert: readFileSync(values.certificate),
      key: readFileSync(values.key),
      ...(values.clients && { ca: readFileSync(values.clients), requestCert: true }),
    })
  : createServer();
web.on('request', (request, response) => response.writeHead(426).end());
web.on('listening', () => console.log('listening'));

let server;

function listen() {
  server = new WebSocketServer({
    server: web,
    // Small messages too: ws sends those of less than 1,024 bytes as they are by default.
    perMessageDeflate: values.deflate === 'on' && { threshold: 0 },
  });
  server.on('connection', (client, { socket }) => {
    if (values.certificate) {
      writeSync(log, `${socket.getProtocol()} ${socket.isSessionReused() ? 'resumed' : 'full'}\n`);
    }
    client.on('message', (data, isBinary) => client.send(data, { binary: isBinary }));
    client.on('error', (error) => console.error(error.message)); // 'close' follows.
    client.on('close', (code) => writeSync(log, `${code}\n`));
  });
  web.listen({ host: '127.0.0.1', port: Number(values.port), backlog: 4096 });
}

// WebSocketServer.close() closes no connection by itself: its documentation leaves that, and the code, to the caller.
async function restart() {
  for (const client of server.clients) {
    client.close(1012, 'restart');
  }
  await new Promise((closed) => {
    web.close(closed);
    server.close();
  });
  await delay(Number(values['restart-downtime']));
  listen();
}

process.on('SIGHUP', restart);
createInterface({ input: process.stdin }).on('line', restart).on('close', () => process.exit(0));
listen();
