// Node's ws in an application that needs permessage-deflate and leaves with 1010 where it was not negotiated (RFC 6455
// section 7.4.1); ws itself goes on without it. It ends with its input.

import WebSocket from 'ws';

process.stdin.on('end', () => process.exit(0)).resume();
const socket = new WebSocket(process.argv[2]);
socket.on('error', (error) => console.error(error.message));
socket.on('open', () => {
  if (!socket.extensions.includes('permessage-deflate')) {
    socket.close(1010, 'permessage-deflate');
  }
});
