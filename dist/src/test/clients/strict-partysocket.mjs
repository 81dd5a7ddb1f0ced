// partysocket on Node's ws in an application that needs permessage-deflate: it leaves with 1010 where that was not
// negotiated, and asks partysocket to connect again a second later. It ends with its input.

import PartySocket from 'partysocket/ws';
import WebSocket from 'ws';

process.stdin.on('end', () => process.exit(0)).resume();
const socket = new PartySocket(process.argv[2], [], { WebSocket });
socket.addEventListener('open', () => {
  if (!socket.extensions.includes('permessage-deflate')) {
    socket.close(1010, 'permessage-deflate');
    setTimeout(() => socket.reconnect(), 1000);
  }
});
