// partysocket as it comes, on Node's ws. It ends with its input.

import PartySocket from 'partysocket/ws';
import WebSocket from 'ws';

process.stdin.on('end', () => process.exit(0)).resume();
new PartySocket(process.argv[2], [], { WebSocket });
