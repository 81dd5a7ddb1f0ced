// k6's share of peers.sh: each virtual user holds one WebSocket and opens another 1 to 5 s after it lost one, for k6 has no
// reconnecting of its own. The codes it saw are counters, so that its report tells them; releases before December 2025 do not
// tell a script the code of a Close. Written from k6's documentation, and not yet run.
import { WebSocket } from 'k6/websockets';
import { Counter } from 'k6/metrics';
import { sleep } from 'k6';

const until = Number(__ENV.SECONDS) * 1000;
const opened = new Counter('opened');
const closed1012 = new Counter('closed_1012');
const closedOtherwise = new Counter('closed_otherwise');
const closedUntold = new Counter('closed_code_untold');

export const options = {
  scenarios: { fleet: { executor: 'per-vu-iterations', vus: Number(__ENV.CLIENTS), iterations: 1, maxDuration: `${__ENV.SECONDS}s` } },
};

export default function () {
  const end = Date.now() + until - 2000;
  sleep(Math.random() * Number(__ENV.ARRIVE));
  const dial = () => {
    const ws = new WebSocket(`${__ENV.URL}?client=k6-${__VU}`);
    const leave = setTimeout(() => ws.close(), Math.max(0, end - Date.now()));
    ws.onopen = () => opened.add(1);
    ws.onerror = () => {}; // A close follows.
    ws.onclose = (event) => {
      clearTimeout(leave);
      if (Date.now() >= end) return;
      (event.code === undefined ? closedUntold : event.code === 1012 ? closed1012 : closedOtherwise).add(1);
      setTimeout(dial, 1000 + Math.random() * 4000);
    };
  };
  dial();
}
