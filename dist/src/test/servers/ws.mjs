// An echo server on Node's ws that restarts on a line on standard input or on SIGHUP, and ends with its input.
// It appends the close code that it saw to the log, a line a connection.

import { openSync, writeSync } from 'node:fs';
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
  },
});
const log = openSync(values.log, 'a');

let server;

function listen() {
  server = new WebSocketServer({
    host: '127.0.0.1',
    port: Number(values.port),
    backlog: 4096,
    // Small messages too: ws sends those of less than 1,024 bytes as they are by default.
    perMessageDeflate: values.deflate === 'on' && { threshold: 0 },
  });
  server.on('listening', () => console.log('listening'));
  server.on('connection', (client) => {
    client.on('message', (data, isBinary) => client.send(data, { binary: isBinary }));
    client.on('error', (error) => console.error(error.message)); // 'close' follows.
    client.on('close', (code) => writeSync(log, `${code}\n`));
  });
}

// WebSocketServer.close() closes no connection by itself: its documentation leaves that, and the code, to the caller.
async function restart() {
  for (const client of server.clients) {
    client.close(1012, 'restart');
  }
  await new Promise((closed) => server.close(closed));
  await delay(Number(values['restart-downtime']));
  listen();
}

process.on('SIGHUP', restart);
createInterface({ input: process.stdin }).on('line', restart).on('close', () => process.exit(0));
listen();
