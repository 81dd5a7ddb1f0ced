// reconnecting-websocket as it comes, on Node's ws. It ends with its input.

import ReconnectingWebSocket from 'reconnecting-websocket';
import WebSocket from 'ws';

process.stdin.on('end', () => process.exit(0)).resume();
new ReconnectingWebSocket(process.argv[2], [], { WebSocket });
