// Called by artillery.yml: says who a client is, and holds its connection, opening another 1 to 5 s after it was lost.
const WebSocket = require(process.env.WS);

let clients = 0;
const end = Date.now() + Number(process.env.SECONDS_TO_STAY) * 1000;

function named(wsArgs, context, done) {
  context.vars.address = wsArgs.target = `${wsArgs.target}?client=artillery-${++clients}`;
  done();
}

function stay(context, events, done) {
  let timer;
  const hold = (ws) => {
    context.ws = ws; // The engine closes this one at the end.
    ws.on('error', () => {}); // A close follows.
    ws.once('close', (code) => {
      events.emit('counter', `closed.${code}`, 1);
      if (Date.now() < end - 5000) {
        timer = setTimeout(dial, 1000 + Math.random() * 4000);
      }
    });
  };
  const dial = () => {
    const ws = new WebSocket(context.vars.address);
    ws.once('open', () => events.emit('counter', 'opened.again', 1));
    hold(ws);
  };
  hold(context.ws);
  setTimeout(() => {
    clearTimeout(timer);
    context.ws.removeAllListeners('close');
    done();
  }, Math.max(0, end - Date.now()));
}

module.exports = { named, stay };
