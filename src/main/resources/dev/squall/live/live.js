'use strict';

// The live page: follows the run's events and draws them. Text from the network is only ever text.

const AGAIN_MILLIS = 2000;
const ANSWERS = {pass: 'The run passed', fail: 'The run failed', inconclusive: 'The run says nothing for certain', none: 'There was nothing to judge'};

const find = selector => document.querySelector(selector);

/** The token, if one was asked for: nowhere but here. */
let token = null;
let lastId = null;
let run = null;
let timeline = null;
let before = null;
let last = null;
let over = false;

const total = counts => Object.values(counts ?? {}).reduce((a, b) => a + b, 0);
const told = counts => Object.entries(counts).map(([name, count]) => `${name}: ${Figures.count(count)}`).join(', ');

function state(text) {
  find('#meta').textContent = run ? `seed ${run.seed}, ${Figures.count(run.clients)} clients, ${text}` : text;
}

/** A new run: what was shown of another one goes. */
function begin(data) {
  run = data;
  before = null;
  last = null;
  over = false;
  timeline?.plots.forEach(plot => plot.remove());
  find('#timeline').replaceChildren();
  find('#verdict').hidden = true;
  document.title = `${run.experiment}: Squall live`;
  find('#name').textContent = run.experiment;
  const series = {open: [], ready: [], attempts: [], opened: [], failed: [], stallMillis: [], busy: [], closedByCode: {}};
  timeline = Timeline.mount(find('#timeline'), {
    series, faults: run.faults, restarts: run.restarts, durationSeconds: run.durationSeconds, names: run.names,
  });
  state('starting');
}

/** What came to a total since the second before. */
const since = name => last[name] - before[name];

function second(data) {
  last = data;
  const isNew = before !== null && data.second > before.second;
  if (isNew && data.second <= run.durationSeconds) {
    const counts = {};
    for (const [code, count] of Object.entries(data.closedByCode)) {
      counts[code] = count - (before.closedByCode[code] ?? 0);
    }
    timeline.take(data.second - 1, {
      open: data.open, ready: data.ready, attempts: since('attempts'), opened: since('opened'), failed: since('failed'),
      stallMillis: data.stallSeconds * 1e3, busy: data.processors, closedByCode: counts,
    });
  }
  state(data.phase === 'running' ? `${Figures.clock(data.second)} of ${Figures.clock(run.durationSeconds)}` : data.phase);
  before = isNew ? data : before ?? data;
}

function showFigures() {
  const items = [
    ['Open', Figures.count(last.open), `${Figures.count(last.ready)} ready`],
    ['Attempts', Figures.count(last.attempts), `${Figures.count(last.opened)} opened`],
    ['Failed', Figures.count(last.failed), told(last.failedByCause)],
    ['Closed', Figures.count(total(last.closedByCode)), told(last.closedByCode)],
    ['Longest stall', Figures.seconds(last.stallSeconds), 'of any process'],
    ['Processors', Figures.share(last.processors), 'busy'],
  ];
  find('#figures').replaceChildren(...items.map(([name, value, more]) => {
    const item = document.createElement('div');
    const term = document.createElement('dt');
    const figure = document.createElement('dd');
    const small = document.createElement('small');
    term.textContent = name;
    small.textContent = more;
    figure.append(value, small);
    item.append(term, figure);
    return item;
  }));
}

function verdict(data) {
  over = true;
  const place = find('#verdict');
  place.className = data.verdict;
  place.querySelector('.word').textContent = data.verdict.toUpperCase();
  place.querySelector('.answer').textContent = ANSWERS[data.verdict] ?? data.verdict;
  find('#report').textContent = data.report;
  place.hidden = false;
  state('over');
}

/** Takes events in order, and draws once. */
function take(events) {
  for (const {name, data} of events) {
    if (name === 'run') {
      begin(data);
    } else if (name === 'starting') {
      state(`starting, ${data.ready} of ${data.processes} processes are ready`);
    } else if (name === 'second') {
      second(data);
    } else if (name === 'verdict') {
      verdict(data);
    }
  }
  if (last !== null) {
    timeline.draw();
    showFigures();
  }
}

/** The events of a stream's text, which must end with a whole one (HTML standard, section 9.2.6). */
function parsed(text) {
  const events = [];
  for (const block of text.split('\n\n')) {
    const fields = {};
    for (const line of block.split('\n')) {
      const colon = line.indexOf(': ');
      if (colon > 0) {
        fields[line.slice(0, colon)] = line.slice(colon + 2);
      }
    }
    if (fields.data !== undefined) {
      lastId = fields.id;
      events.push({name: fields.event, data: JSON.parse(fields.data)});
    }
  }
  return events;
}

/** An event source could not present a token. */
async function follow() {
  const headers = {};
  if (token !== null) {
    headers.Authorization = `Bearer ${token}`;
  }
  if (lastId !== null) {
    headers['Last-Event-ID'] = lastId;
  }
  const answer = await fetch('/events', {headers, cache: 'no-store'});
  if (answer.status === 401) {
    token = null;
    find('#token').hidden = false;
    find('#token-text').focus();
    return false;
  }
  if (!answer.ok) {
    state(`the server answers with status ${answer.status}`);
    return true;
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const {value, done} = await reader.read();
    if (done) {
      return true;
    }
    rest += value;
    const whole = rest.lastIndexOf('\n\n') + 2;
    if (whole > 1) {
      take(parsed(rest.slice(0, whole)));
      rest = rest.slice(whole);
    }
  }
}

/** Follows, also after a break, until the run is over. */
async function start() {
  try {
    if (!await follow()) {
      return;
    }
  } catch (failure) {
    if (!(failure instanceof TypeError)) {
      throw failure; // Not the network's.
    }
    state('the run does not answer');
  }
  if (!over) {
    setTimeout(start, AGAIN_MILLIS);
  }
}

find('#token').addEventListener('submit', event => {
  event.preventDefault();
  token = find('#token-text').value;
  find('#token-text').value = '';
  find('#token').hidden = true;
  start();
});

start();
