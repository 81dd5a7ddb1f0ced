// Node's ws alone, which never dials again by itself. It ends with its input.

import WebSocket from 'ws';

process.stdin.on('end', () => process.exit(0)).resume();
new WebSocket(process.argv[2]).on('error', (error) => console.error(error.message));
