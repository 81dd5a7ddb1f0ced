'use strict';

// What `squall capacity` found: the answer, a plot of every trial, and how it was found.

const capacity = JSON.parse(document.getElementById('data').textContent);
const FORMATS = {s: Figures.seconds, fraction: Figures.share, '/s': Figures.rate, B: value => `${Figures.count(value)} B`, '': Figures.number};
const told = (raw, unit) => (raw === null ? '–' : FORMATS[unit](raw));
const tried = raw => told(raw, capacity.unit);
const ofClients = capacity.varied === 'clients';
const [low, high] = capacity.interval;
const bracketed = capacity.answer !== null && low !== null && high !== null;

/** A figure of capacity.json: where it stands there and its raw value go with it. */
const value = (path, raw, text) => element('span', {'data-path': path, 'data-value': JSON.stringify(raw)}, text);

document.body.classList.toggle('brief', capacity.brief);
document.title = `Capacity of ${capacity.experiment}`;
document.getElementById('name').textContent = capacity.experiment;
document.getElementById('meta').textContent = [
  `${plural(capacity.trials.length, 'trial')} from ${capacity.startedAt}`, `first seed ${capacity.seed}`,
  ...Object.entries(capacity.versions).filter(([name]) => name === 'squall').map(([name, version]) => `${name} ${version}`),
].join(', ');

document.getElementById('verdict').classList.add(capacity.verdict);
section('verdict',
  element('p', {class: 'word'}, {pass: 'ANSWERED', fail: 'NOTHING PASSES', inconclusive: 'NOT KNOWN'}[capacity.verdict]),
  element('p', {class: 'answer'}, value('statement', capacity.statement, capacity.statement)),
  bigFigures([
    [bracketed ? 'half of the runs pass at' : 'most that passed', value('answer', capacity.answer, tried(capacity.answer)), ofClients ? 'clients' : capacity.varied],
    bracketed ? ['95% interval', element('span', {}, value('interval.0', low, tried(low)), ' to ', value('interval.1', high, tried(high)))] : null,
    bracketed ? ['to plan with', value('safe', capacity.safe, tried(capacity.safe)), '95% of the runs pass'] : null,
  ]));

// ---- plots

const MARK = 5;

/** A mark for an outcome; told apart without colour, too. */
function mark(ctx, outcome, x, y, size) {
  ctx.strokeStyle = ctx.fillStyle = Plot.color({pass: 'good', fail: 'bad', inconclusive: 'unsure'}[outcome]);
  ctx.lineWidth = size / 2.2;
  ctx.beginPath();
  if (outcome === 'fail') {
    ctx.moveTo(x - size, y - size);
    ctx.lineTo(x + size, y + size);
    ctx.moveTo(x + size, y - size);
    ctx.lineTo(x - size, y + size);
    ctx.stroke();
  } else {
    ctx.arc(x, y, size, 0, 2 * Math.PI);
    outcome === 'pass' ? ctx.fill() : ctx.stroke();
  }
}

function lineAcross(ctx, from, to, dash, color, ratio) {
  ctx.strokeStyle = Plot.color(color);
  ctx.lineWidth = 1.5 * ratio;
  ctx.setLineDash(dash.map(length => length * ratio));
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
}

/** Each trial's observed value over what was varied; what never came is at the top. */
function plot(place, expected, k) {
  const name = `expectation-${k}`;
  const format = raw => told(raw, expected.unit);
  const points = capacity.trials
    .map(trial => ({trial, finding: trial.findings.find(finding => finding.expect === expected.expect)}))
    .filter(({finding}) => finding)
    .sort((a, b) => a.trial.value - b.trial.value);
  const known = [...points.map(({finding}) => finding.observed), ...expected.limits].filter(raw => raw !== null);
  const bottom = Math.min(...known);
  const top = Math.max(...known);
  const spare = (top - bottom || Math.abs(top) || 1) * 0.12;
  const ceiling = top + spare;
  const floor = expected.unit === 'fraction' ? bottom - spare : Math.min(0, bottom);
  const never = ({finding}) => finding.observed === null && finding.verdict === 'fail';
  const heights = points.map(point => (never(point) ? ceiling - spare / 3 : point.finding.observed));
  const shown = [...points.map(({trial}) => trial.value), ...(bracketed ? [low, high] : [])];
  const least = Math.min(...shown);
  const most = Math.max(...shown);
  const title = `${expected.expect}, in each trial${points.some(never) ? ' (at the top: never)' : ''}`;
  const frame = element('div', {class: 'plot', role: 'group', 'aria-label': title});
  place.append(element('figure', {}, element('figcaption', {}, code(expected.expect), title.slice(expected.expect.length)), frame));
  const inFrame = draw => chart => {
    const {ctx, bbox} = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    draw(chart, ctx, bbox, uPlot.pxRatio);
    ctx.restore();
  };
  const band = inFrame((chart, ctx, bbox, ratio) => {
    if (bracketed) {
      const from = chart.valToPos(low, 'x', true);
      ctx.fillStyle = Plot.color('band-restart');
      ctx.fillRect(from, bbox.top, Math.max(ratio, chart.valToPos(high, 'x', true) - from), bbox.height);
      const at = chart.valToPos(capacity.answer, 'x', true);
      lineAcross(ctx, [at, bbox.top], [at, bbox.top + bbox.height], [], 'line-one', ratio);
    }
    for (const limit of expected.limits.filter(raw => raw !== null)) {
      const y = chart.valToPos(limit, 'y', true);
      lineAcross(ctx, [bbox.left, y], [bbox.left + bbox.width, y], [6, 4], 'text', ratio);
    }
  });
  const marks = inFrame((chart, ctx, bbox, ratio) => points.forEach(({finding, trial}, i) => {
    if (heights[i] !== null) {
      mark(ctx, finding.verdict, chart.valToPos(trial.value, 'x', true), chart.valToPos(heights[i], 'y', true), MARK * ratio);
    }
  }));
  new Plot(frame, name, () => ({
    height: capacity.brief ? 230 : 260,
    padding: [8, 24, 0, 0],
    cursor: {drag: {x: false, y: false}, y: false},
    legend: {live: true},
    scales: {
      x: {time: false, range: () => [ofClients ? 0 : least - (most - least || 1) * 0.04, most + (most - least || most || 1) * 0.04]},
      y: {range: () => [floor, ceiling]},
    },
    axes: [
      Plot.axis({size: 44, label: ofClients ? 'clients' : capacity.varied, values: (chart, ticks) => ticks.map(tried)}),
      Plot.axis({size: 64, values: (chart, ticks) => ticks.map(format)}),
    ],
    series: [
      {label: ofClients ? 'clients' : capacity.varied, value: (chart, at) => (at === null ? '–' : tried(at))},
      {label: 'observed', stroke: Plot.color('soft'), paths: () => null, points: {show: false},
        value: (chart, at, series, i) => (i === null || i === undefined ? '–' : never(points[i]) ? 'never' : format(points[i].finding.observed))},
    ],
    hooks: {drawClear: [band], draw: [marks]},
  }), [points.map(({trial}) => trial.value), heights]);
}

/** What a mark means, as text beside its drawing. */
function keyItem(outcome, text) {
  const look = {class: outcome, viewBox: '0 0 12 12', 'aria-hidden': 'true'};
  const color = `var(--${{pass: 'good', fail: 'bad', inconclusive: 'unsure'}[outcome]})`;
  return element('li', {}, drawn('svg', look, outcome === 'fail'
    ? drawn('path', {d: 'M1 1L11 11M11 1L1 11', stroke: color, 'stroke-width': 2.4})
    : drawn('circle', {cx: 6, cy: 6, r: 4.5, stroke: color, 'stroke-width': 1.6, fill: outcome === 'pass' ? color : 'none'})), text);
}

{
  const place = document.getElementById('plots');
  const first = capacity.firstToBreak?.expect;
  const isMeasured = expected => capacity.trials.some(trial => trial.findings.some(finding =>
    finding.expect === expected.expect && (finding.observed !== null || finding.verdict === 'fail')));
  const shown = capacity.expectations.filter(isMeasured)
    .sort((a, b) => (b.expect === first) - (a.expect === first));
  place.append(element('ul', {class: 'key'},
    keyItem('pass', 'held'), keyItem('fail', 'broke'), keyItem('inconclusive', 'not known'),
    element('li', {}, drawn('svg', {viewBox: '0 0 12 12', 'aria-hidden': 'true'},
      drawn('path', {d: 'M0 6H12', stroke: 'var(--text)', 'stroke-width': 1.6, 'stroke-dasharray': '5 3'})), 'what is expected'),
    bracketed ? element('li', {}, drawn('svg', {class: 'band', viewBox: '0 0 12 12', 'aria-hidden': 'true'},
      drawn('path', {d: 'M6 0V12', stroke: 'var(--line-one)', 'stroke-width': 1.6})), 'the answer and its 95% interval') : null));
  if (shown.length === 0) {
    place.append(element('p', {class: 'empty'}, 'No trial was run.'));
  }
  (capacity.brief ? shown.slice(0, 1) : shown).forEach((expected, k) => plot(place, expected, k));
}

// ---- trials

/** Why a trial is what it is: the expectation that broke, and what was observed. */
function reason(trial) {
  const broke = trial.findings.find(finding => finding.verdict === 'fail');
  return trial.note ? trial.note
    : trial.verdict === 'fail' && broke ? `${broke.expect}: ${broke.observed === null ? 'never' : told(broke.observed, broke.unit)}` : '';
}

if (capacity.brief) {
  document.getElementById('trials').remove();
} else {
  section('trials', table('Each in the order in which it was tried; its run has a report of its own',
    ['trial', ofClients ? 'clients' : capacity.varied, 'verdict', 'why', 'seed', 'took', 'report'],
    capacity.trials.map((trial, i) => [
      number(String(i + 1)),
      number(value(`trials.${i}.value`, trial.value, tried(trial.value))),
      element('span', {class: `tag ${trial.verdict === 'refused' ? 'inconclusive' : trial.verdict}`}, value(`trials.${i}.verdict`, trial.verdict, trial.verdict)),
      element('span', {class: 'text'}, reason(trial),
        trial.saturatedSeconds > 0 ? small(`processors saturated for ${plural(trial.saturatedSeconds, 'second')}`) : null),
      number(value(`trials.${i}.seed`, trial.seed, String(trial.seed))),
      number(Figures.seconds(trial.seconds)),
      trial.directory === null ? '–' : element('a', {href: `${trial.directory.split('/').map(encodeURIComponent).join('/')}/report.html`}, 'report'),
    ])));
}

// ---- method

const processors = capacity.machine.processors;
section('method',
  element('p', {}, ofClients
    ? 'All populations are scaled in proportion. Their clients are doubled until a run fails, or halved until one passes. '
    : `Both ends of the range of ${capacity.varied} are tried. `,
  'Then each run is at the value that tells most about where runs begin to fail, until 95% of what is to be believed of that lies within ',
  ofClients ? `${Figures.share(capacity.precision)} of the answer` : `${Figures.share(capacity.precision)} of the range on either side`,
  `, or ${plural(capacity.mostTrials, 'run')} are used up. Each run has a seed of its own and passes if every expectation holds.`),
  element('p', {},
    'The answer is where half of the runs pass. Its interval is Bayesian: a logistic transition of unknown width, of which 2% of the runs ' +
    'take no notice (after Watson and Pelli 1983, Kontsevich and Tyler 1999). The value to plan with is where a run passes with 95%, what is not known of the edge included.'),
  list([
    `It holds for this experiment: its faults, policies, times and expectations, and a service as it was${ofClients ? '' : `, with as many clients as the experiment has`}.`,
    `It was measured on this machine${processors ? `, with ${plural(Number(processors), 'processor')}` : ''}; if the service is the mock server, it shares them with the clients. A run in which the machine, not the service, decided a time says nothing and is not counted.`,
    ofClients ? 'The interval holds what it says where runs go from 9 in 10 passing to 1 in 10 within 22% more clients; of wider edges, as of a handful of clients, it is too narrow.' : null,
    'It assumes that what passes does so more and more rarely as one goes on: a service that fails at some value and passes again beyond it is not found out.',
  ].filter(each => each !== null)),
  capacity.brief ? null : element('pre', {class: 'command'}, `squall ${capacity.command.map(word =>
    (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll('\'', '\'\\\'\'')}'`)).join(' ')}`));

const GIB = 1024 ** 3;
section('machine', facts([
  ...Object.entries(capacity.machine).map(([name, fact]) =>
    (name === 'memoryBytes' ? ['memory', `${Figures.number(Number(fact) / GIB)} GiB`] : [name, fact])),
  ...Object.entries(capacity.versions),
]));
