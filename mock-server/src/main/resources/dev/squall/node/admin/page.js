'use strict';

// The live page: asks the server for its status each second and shows it. Text from the network is only ever text.

const STEP_MILLIS = 1000;
const ANSWER_MILLIS = 5000;
const MAX_SAMPLES = 600;

const find = selector => document.querySelector(selector);

/** The token, if one was asked for: nowhere but here. */
let token = null;
let samples = [];
let charts = [];
let lastMicros = -1;
let shownEvents = '';
let kindsShown = false;

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

async function call(method, path, body) {
  const headers = {};
  if (token !== null) {
    headers.Authorization = `Bearer ${token}`;
  }
  if (body !== undefined) {
    headers['Content-Type'] = 'application/yaml';
  }
  const answer = await fetch(path, {method, headers, body, cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MILLIS)});
  const isJson = (answer.headers.get('Content-Type') ?? '').startsWith('application/json');
  const content = isJson ? await answer.json() : {};
  if (answer.status === 401) {
    askForToken();
  }
  if (!answer.ok) {
    const reasons = (content.errors ?? [{field: '', reason: `status ${answer.status}`}])
      .map(error => (error.field ? `${error.field}: ` : '') + error.reason);
    throw Object.assign(new Error(reasons.join('\n')), {status: answer.status});
  }
  return content;
}

// The token.

function askForToken() {
  token = null;
  if (find('#token').hidden) {
    find('#token').hidden = false;
    find('#token-text').focus();
  }
}

find('#token').addEventListener('submit', event => {
  event.preventDefault();
  token = find('#token-text').value;
  find('#token-text').value = '';
  find('#token').hidden = true;
  tick();
});

// Figures.

const whole = new Intl.NumberFormat('en');

function seconds(micros) {
  return `${(micros / 1e6).toFixed(1)} s`;
}

function clock(secondsOfRun) {
  const of = Math.max(0, Math.floor(secondsOfRun));
  const two = number => String(number).padStart(2, '0');
  const hours = Math.floor(of / 3600);
  return `${hours ? `${hours}:` : ''}${hours ? two(Math.floor(of / 60) % 60) : Math.floor(of / 60)}:${two(of % 60)}`;
}

function cell(content, className = '') {
  return element('td', {className}, content ?? '');
}

/** Shows rows by key, and keeps those that are there, so that the focus stays on a button. */
function show(section, items, key, cells) {
  const body = section.querySelector('tbody');
  const there = new Map([...body.rows].map(row => [row.dataset.key, row]));
  body.replaceChildren(...items.map(item => {
    const name = String(key(item));
    const shown = JSON.stringify(item);
    let row = there.get(name);
    if (row?.dataset.shown !== shown) {
      const made = cells(item);
      row = row ?? element('tr', {});
      made.forEach((one, i) => {
        if (!row.cells[i]) {
          row.append(one);
        } else if (!one.querySelector('button')) {
          row.cells[i].replaceWith(one);
        }
      });
      row.dataset.key = name;
      row.dataset.shown = shown;
    }
    return row;
  }));
  section.querySelector('table').hidden = items.length === 0;
  section.querySelector('.empty').hidden = items.length > 0;
}

function showStatus(status) {
  const state = find('#state');
  if (state.textContent !== status.state) {
    state.textContent = status.state;
    state.className = status.state;
  }
  for (const count of ['open', 'accepted', 'rejected', 'closed', 'echoed', 'restarts']) {
    find(`#${count}`).textContent = whole.format(status[count]);
  }
  find('#time').textContent = clock(status.micros / 1e6);
  show(find('#closes'), status.closes, close => close.code, close => [
    cell(String(close.code), 'number'),
    cell(close.name, 'free'),
    cell(whole.format(close.count), 'number'),
  ]);
  show(find('#faults'), status.faults, fault => fault.index, fault => [
    cell(String(fault.index), 'number'),
    cell(fault.name),
    cell(fault.settings, 'code free'),
    cell(`${seconds(fault.fromMicros)} to ${fault.toMicros === null ? 'the end' : seconds(fault.toMicros)}`),
    cell(whole.format(fault.struck), 'number'),
    cell(liftButton(fault)),
  ]);
  showEvents(status.events);
}

function liftButton(fault) {
  const button = element('button', {type: 'button', ariaLabel: `Lift fault ${fault.index} (${fault.name})`}, 'Lift');
  button.addEventListener('click', () => act(button, 'DELETE', `faults/${fault.index}`));
  return button;
}

function showEvents(events) {
  const newest = JSON.stringify(events);
  if (newest === shownEvents) {
    return;
  }
  shownEvents = newest;
  const section = find('#events');
  section.querySelector('tbody').replaceChildren(...events.toReversed().map(event => element('tr', {},
    cell(seconds(event.micros), 'number'),
    cell(event.event.toLowerCase().replaceAll('_', ' ')),
    cell(event.connection?.toString(), 'number'),
    cell(event.client, 'free'),
    cell(event.code?.toString(), 'number'),
    cell(event.value?.toString(), 'number'),
    cell(event.detail, 'free'))));
  section.querySelector('table').hidden = events.length === 0;
  section.querySelector('.empty').hidden = events.length > 0;
}

// Charts.

function chart(place, series) {
  const style = getComputedStyle(document.documentElement);
  const color = name => style.getPropertyValue(`--${name}`).trim();
  const axis = {stroke: color('soft'), grid: {stroke: color('line'), width: 1}, ticks: {stroke: color('line'), width: 1}};
  const made = new uPlot({
    width: Math.max(200, place.clientWidth),
    height: 150,
    cursor: {sync: {key: 'connections'}},
    scales: {x: {time: false}, y: {range: (plot, least, most) => [0, Math.max(4, most * 1.1)]}},
    axes: [
      {...axis, values: (plot, ticks) => ticks.map(clock), incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300]},
      {...axis, size: 60, incrs: [1, 2, 5].flatMap(n => [0, 1, 2, 3, 4, 5, 6].map(e => n * 10 ** e)).sort((a, b) => a - b)},
    ],
    series: [
      {label: 'at', value: (plot, at) => (at === null ? '–' : clock(at))},
      ...series.map(one => ({
        label: one.label,
        stroke: color(one.color),
        width: 1.5,
        dash: one.dash,
        points: {show: false},
        value: (plot, count) => (count === null || count === undefined ? '–' : whole.format(Math.round(count))),
      })),
    ],
  }, [[]], place);
  return made;
}

function drawCharts() {
  for (const drawn of charts) {
    drawn.destroy();
  }
  charts = [
    chart(find('#open-chart'), [{label: 'open', color: 'accent'}]),
    chart(find('#rate-chart'), [
      {label: 'accepted', color: 'good'},
      {label: 'rejected', color: 'bad', dash: [2, 3]},
      {label: 'closed', color: 'second', dash: [6, 3]},
    ]),
  ];
  feedCharts();
}

function feedCharts() {
  const rate = name => samples.map((sample, i) => {
    const before = samples[i - 1];
    return before ? (sample[name] - before[name]) * 1e6 / (sample.micros - before.micros) : null;
  });
  const times = samples.map(sample => sample.micros / 1e6);
  charts[0].setData([times, samples.map(sample => sample.open)]);
  charts[1].setData([times, rate('accepted'), rate('rejected'), rate('closed')]);
}

function fitCharts() {
  for (const drawn of charts) {
    const width = Math.max(200, drawn.root.parentElement.clientWidth);
    if (width !== drawn.width) {
      drawn.setSize({width, height: drawn.height});
    }
  }
}

// Faults.

/** Does what a button asks for, and says how it went where there is a place for it. */
async function act(button, method, path, body, field, answer) {
  button.disabled = true;
  const say = (text, manner) => {
    if (answer) {
      answer.textContent = text;
      answer.className = `answer ${manner}`;
      field.ariaInvalid = String(manner === 'bad');
    } else {
      notice(manner === 'bad' ? text : '');
    }
  };
  try {
    const done = await call(method, path, body);
    say(done.settings === undefined ? `Restart ${done.index} begins.` : `Fault ${done.index} is active.`, 'good');
    await refresh();
  } catch (failure) {
    say(failure.message, 'bad');
  } finally {
    button.disabled = false;
  }
}

function card(kind) {
  const id = `kind-${kind.name}`;
  const example = kind.example.trimEnd();
  const field = element('textarea', {
    id, value: example, spellcheck: false, autocomplete: 'off',
    rows: Math.min(8, Math.max(2, example.split('\n').length)),
  });
  const answer = element('p', {id: `${id}-answer`, className: 'answer', role: 'status'});
  field.setAttribute('aria-describedby', answer.id);
  const button = element('button', {type: 'submit'}, kind.name === 'restart' ? 'Restart' : `Trigger ${kind.name}`);
  const form = element('form', {},
    element('h3', {}, kind.name),
    element('p', {className: 'text'}, kind.text),
    element('label', {htmlFor: id}, 'Settings'),
    field, button, answer);
  form.addEventListener('submit', event => {
    event.preventDefault();
    act(button, 'POST', kind.name === 'restart' ? 'restart' : 'faults', field.value, field, answer);
  });
  return form;
}

async function showKinds() {
  const {kinds} = await call('GET', 'faults/kinds');
  find('#kinds .cards').replaceChildren(...kinds.map(card));
  kindsShown = true;
}

find('#reset').addEventListener('click', event => act(event.currentTarget, 'POST', 'reset'));

// The clock.

function notice(text) {
  find('#notice').textContent = text;
  find('#notice').hidden = text === '';
}

async function refresh() {
  const status = await call('GET', `status?after=${lastMicros}`);
  if (samples.length > 0 && status.micros < samples.at(-1).micros) {
    samples = []; // Another run on the same port.
  }
  const known = samples.at(-1)?.micros ?? -1;
  samples = samples.concat(status.samples.filter(sample => sample.micros > known)).slice(-MAX_SAMPLES);
  lastMicros = samples.at(-1)?.micros ?? -1;
  showStatus(status);
  feedCharts();
}

let timer;
let beating = false;

async function tick() {
  clearTimeout(timer);
  if (beating) {
    return;
  }
  beating = true;
  try {
    await refresh();
    if (!kindsShown) {
      await showKinds();
    }
    if (find('#state').dataset.lost) {
      delete find('#state').dataset.lost;
      notice('');
    }
  } catch (failure) {
    find('#state').dataset.lost = 'yes';
    find('#state').textContent = failure.status === 401 ? 'locked' : 'no answer';
    find('#state').className = 'lost';
    if (failure.status === 401) {
      notice('');
    } else {
      notice(`The server does not answer: ${failure.message}. Trying again each second.`);
    }
  } finally {
    beating = false;
  }
  if (find('#token').hidden) {
    timer = setTimeout(tick, STEP_MILLIS);
  }
}

drawCharts();
new ResizeObserver(fitCharts).observe(find('#connections'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawCharts);
tick();
