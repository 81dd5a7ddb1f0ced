// Many clients of one library, as it comes, on Node's ws: node --random-seed=N library.mjs LIBRARY URL KEY...
// Each connects with its key as the query parameter client, and goes on as its library does. They end with their input.

import { createRequire } from 'node:module';
import WebSocket from 'ws';

const [library, url, ...keys] = process.argv.slice(2);
const require = createRequire(import.meta.url);
process.stdin.on('end', () => process.exit(0)).resume();
process.on('unhandledRejection', (error) => console.error(error)); // A library gave up, and says so.

const address = (key) => `${url}?client=${key}`;

const libraries = {
  async phoenix() {
    const { Socket } = await import('phoenix');
    return (key) => new Socket(url.replace(/\/$/, '') + '/socket', { transport: WebSocket, params: { client: key } }).connect();
  },

  async 'socket.io'() {
    const { io } = await import('socket.io-client');
    return (key) => io(url.replace('ws:', 'http:'), { forceNew: true, transports: ['websocket'], query: { client: key } });
  },

  'graphql-ws': () => graphql({}),

  // What its documentation has for who wants a refused connection to be tried again.
  'graphql-ws-retrying': () => graphql({ shouldRetry: () => true }),

  async signalr() {
    const { HttpTransportType, HubConnectionBuilder, LogLevel } = await import('@microsoft/signalr');
    return (key) =>
      new HubConnectionBuilder()
        .withUrl(address(key).replace('ws:', 'http:'), {
          WebSocket,
          skipNegotiation: true,
          transport: HttpTransportType.WebSockets,
        })
        .withAutomaticReconnect()
        .configureLogging(LogLevel.None)
        .build()
        .start();
  },

  async centrifuge() {
    const { Centrifuge } = await import('centrifuge');
    return (key) => new Centrifuge(address(key), { websocket: WebSocket }).connect();
  },

  async partysocket() {
    const { default: PartySocket } = await import('partysocket/ws');
    return (key) => new PartySocket(address(key), [], { WebSocket });
  },

  async 'reconnecting-websocket'() {
    // It draws its first delay when it is loaded: as many loads as there would be pages.
    const file = require.resolve('reconnecting-websocket');
    return (key) => {
      delete require.cache[file];
      const ReconnectingWebSocket = require(file);
      return new ReconnectingWebSocket(address(key), [], { WebSocket });
    };
  },
};

async function graphql(options) {
  const { createClient } = await import('graphql-ws');
  const sink = { next() {}, error() {}, complete() {} };
  return (key) =>
    createClient({ url: address(key), webSocketImpl: WebSocket, ...options }).subscribe({ query: 'subscription { x }' }, sink);
}

const connect = await libraries[library]();
keys.forEach(connect);
