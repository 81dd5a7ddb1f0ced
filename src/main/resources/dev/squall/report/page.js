'use strict';

// The report: shows results.json, and what it does not have (`run`). Text of others is only ever text.

const results = JSON.parse(document.getElementById('results').textContent);
const run = JSON.parse(document.getElementById('run').textContent);

const SYMBOLS = {pass: '✓', fail: '✗', inconclusive: '?'};
const MEASURES = [
  ['outageSeconds', 'Outage', 'from the loss of the connection until the client was back: what people feel'],
  ['timeToRecoverSeconds', 'Time to recover', 'from learning of the loss until back: it judges the client’s policy'],
  ['detectionSeconds', 'Detection', 'from the loss until the client learnt of it'],
  ['timeToFirstAttemptSeconds', 'Time to first attempt', 'from learning of the loss until the first try'],
];
const TAIL = [0.5, 0.9, 0.99, 0.999, 0.9999];
const SECONDS = [-6, -5, -4, -3, -2, -1, 0, 1, 2, 3].flatMap(e => [1, 2, 5].map(n => n * 10 ** e));
/** What became of those whom a curve lacks, where that is not that they never came back. */
const NOT_BACK = results.interrupted ? 'not back when the run ended' : 'never came back';
const LACKING = {detectionSeconds: 'never learnt of it', timeToFirstAttemptSeconds: 'never tried again'};
const lacking = key => LACKING[key] ?? NOT_BACK;

const at = path => path.split('.').reduce((node, name) => node?.[name], results);

/** A figure of results.json: where it stands there and its raw value go with it. */
function figure(path, format = Figures.count) {
  const value = at(path) ?? null;
  return element('span', {'data-path': path, 'data-value': JSON.stringify(value)}, format(value));
}

/** A quantile of times: null is one that never came, or nothing at all. */
function time(path, name) {
  const reason = at(`${path}.reasons`)?.[name] ?? '';
  const shown = figure(`${path}.${name}`, Figures.seconds);
  if (reason) {
    shown.title = reason;
    shown.textContent = reason.includes('never') ? 'never' : '–';
  }
  return shown;
}

const tag = verdict => element('span', {class: `tag ${verdict}`}, `${SYMBOLS[verdict]} ${verdict}`);
const sum = values => values.reduce((a, b) => a + (b ?? 0), 0);
const ofMap = map => Object.entries(map ?? {}).map(([name, count]) => `${name} ${Figures.count(count)}`).join(', ');

// The verdict.

const restarts = results.restarts;
const returning = restarts.map((restart, i) => i).filter(i => restarts[i].downSeconds !== null || restarts[i].found !== 'plan');
/** The restart after which the fewest came back; of equal ones that with the longest outages. */
const worst = [...returning].sort((a, b) =>
  (restarts[a].successRate ?? 1) - (restarts[b].successRate ?? 1)
  || (restarts[b].outageSeconds.p99 ?? Infinity) - (restarts[a].outageSeconds.p99 ?? Infinity))[0];
const severity = {fail: 0, inconclusive: 1, pass: 2};
const findings = results.findings.map((finding, i) => i)
  .sort((a, b) => severity[results.findings[a].verdict] - severity[results.findings[b].verdict] || a - b);

function restartName(i) {
  const restart = restarts[i];
  const others = restarts.some(other => other.node !== restart.node);
  return `restart ${restart.index}${others ? ` of node ${restart.node}` : ''} at ${Figures.clock(restart.atSeconds)}`;
}

function answer() {
  const broken = results.findings.filter((finding, i) => finding.verdict === 'fail');
  const ofRestart = broken.some(finding => /(^|\s)(restart|rollout)\./.test(finding.expect));
  if (results.verdict === 'pass') {
    return worst === undefined ? 'All that was expected held. No restart was part of it.'
      : results.prediction ? 'Predicted: the clients survive the restart.' : 'Yes: the release survives a restart.';
  }
  if (results.verdict === 'inconclusive') {
    return worst === undefined ? 'This run cannot tell.' : 'This run cannot tell whether the release survives a restart.';
  }
  if (ofRestart) {
    return results.prediction ? 'Predicted: the clients do not survive the restart as expected.'
      : 'No: the release does not survive a restart as expected.';
  }
  return worst === undefined ? 'No: not all that was expected held.' : 'Not as expected, though no expectation of the restart failed.';
}

function why() {
  const count = verdict => results.findings.filter(finding => finding.verdict === verdict).length;
  const parts = [];
  if (worst !== undefined && restarts[worst].affected > 0) {
    const path = `restarts.${worst}`;
    parts.push(figure(`${path}.recovered`), ' of ', figure(`${path}.affected`), ' clients that lost their connection were back within ',
      figure(`${path}.deadlineSeconds`, Figures.seconds), returning.length > 1 ? ` (the worst of ${returning.length}: ${restartName(worst)}). ` : '. ');
  }
  const total = results.findings.length;
  const held = count('pass');
  parts.push(held === total ? total === 1 ? 'The one expectation held.' : `All ${plural(total, 'expectation')} held.`
    : [['fail', 'failed'], ['inconclusive', 'cannot be judged']].filter(([verdict]) => count(verdict) > 0)
      .map(([verdict, word]) => `${count(verdict)} of ${plural(total, 'expectation')} ${word}`).join(', ') + '.');
  const first = results.findings[findings[0]];
  if (first && first.verdict !== 'pass') {
    parts.push(' ', code(first.expect), `: observed ${run.findings[findings[0]]?.observed ?? first.observed}${first.note ? ` (${first.note})` : ''}.`);
  }
  if (results.interrupted) {
    parts.push(` The run was interrupted after ${Figures.seconds(results.durationSeconds)}.`);
  }
  return parts;
}

function showVerdict() {
  document.title = `${results.verdict}: ${results.experiment} – Squall`;
  document.getElementById('name').textContent = results.experiment;
  document.getElementById('what').textContent = run.versions.squall ?? '';
  const started = new Date(results.startedAt);
  const where = results.target.url ?? plural(results.target.mock.length, 'mock server');
  document.getElementById('meta').append(
    Number.isNaN(started.getTime()) ? results.startedAt : `${started.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    ...(results.prediction ? [' · predicted, not measured'] : []), ' · ', figure('durationSeconds', Figures.seconds), ` · seed ${results.seed} · `, figure('clients.planned'), ` clients · ${where}`);
  const place = section('verdict',
    element('p', {class: 'word'}, `${SYMBOLS[results.verdict]} ${results.verdict.toUpperCase()}`),
    element('p', {class: 'answer'}, answer()),
    element('p', {class: 'why'}, ...why()),
    bigFigures([...restartFigures(), ...extensionFigures(), ...otherFigures()]));
  place.classList.add(results.verdict);
}

function restartFigures() {
  if (worst === undefined) {
    return [];
  }
  const path = `restarts.${worst}`;
  const most = restarts.map((restart, i) => i).sort((a, b) => restarts[b].peakAttemptsPerSecond - restarts[a].peakAttemptsPerSecond)[0];
  const of = returning.length > 1 ? ', the worst' : '';
  const interval = restarts[worst].interval;
  return [
    [`Back in time${of}`, figure(`${path}.successRate`, Figures.share), interval ? ['95% sure: ', figure(`${path}.interval.0`, Figures.share), ' or more'] : null],
    [`Outage p99${of}`, time(`${path}.outageSeconds`, 'p99'), at(`${path}.outageSeconds.p50`) === null ? `half ${NOT_BACK}` : ['half within ', time(`${path}.outageSeconds`, 'p50')]],
    ['Storm, at most', figure(`restarts.${most}.peakAttemptsPerSecond`, Figures.rate),
      [figure(`restarts.${most}.amplification`, Figures.number), ' attempts a client']],
  ];
}

function extensionFigures() {
  return results.extensions.map((extension, i) => [extension, i]).filter(([extension]) => extension.judged > 0).slice(0, 1)
    .map(([extension, i]) => ['Left with 1010', figure(`extensions.${i}.failureRate`, Figures.share),
      extension.plannedRate === null ? 'of handshakes that require it' : ['planned ', figure(`extensions.${i}.plannedRate`, Figures.share)]]);
}

function otherFigures() {
  return [
    ['Availability', figure('availability', Figures.share), 'of the clients’ time'],
    results.ledger.mode === 'two-sided'
      ? ['Close frames unmatched', figure('ledger.unmatched'), results.ledger.balanced ? 'the ledger is balanced' : 'the ledger is not balanced'] : null,
    results.prediction ? null : ['Measurement complete', element('span', {}, results.injector.trusted ? 'yes' : 'no'),
      at('injector.stallMillis.max') === null ? null : ['worst stall ', figure('injector.stallMillis.max', Figures.millis)]],
  ];
}

// Expectations.

function showExpectations() {
  section('expectations', table('', ['Verdict', 'Expected', 'Observed', 'Why'], findings.map(i => {
    const finding = results.findings[i];
    const told = run.findings[i] ?? {};
    const observed = element('span', {'data-path': `findings.${i}.observed`, 'data-value': JSON.stringify(finding.observed)},
      told.observed ?? String(finding.observed));
    return [
      tag(finding.verdict),
      finding.implied && finding.verdict === 'pass'
        ? [code(finding.expect), element('span', {class: 'aside', title: told.text ?? ''}, 'Squall expects it by itself')]
        : [code(finding.expect), small(told.text ?? '', finding.steady ? '; of the steady state' : '', finding.implied ? '; Squall expects it by itself' : '')],
      [element('strong', {}, observed), finding.interval
        ? small('95% between ', figure(`findings.${i}.interval.0`, Figures.share), ' and ', figure(`findings.${i}.interval.1`, Figures.share)) : null],
      element('span', {class: 'text'}, finding.note),
    ];
  }), {stack: true}));
}

// The timeline.

function showTimeline() {
  if (results.series.open.length === 0) {
    section('timeline', element('p', {class: 'empty'}, 'The run has no whole second.'));
    return;
  }
  const place = element('div', {});
  section('timeline', element('p', {class: 'hint'},
    'Bands are fault windows, upright lines restarts. Drag to zoom in all plots, double-click to see all; with the keyboard: arrows, + and -, 0.'), place);
  Timeline.mount(place, {
    series: results.series, faults: results.faults ?? [], restarts, durationSeconds: results.durationSeconds,
    names: Object.fromEntries(run.codes.map(each => [each.code, each.name])), observed: results.observed ?? [],
  });
  if (results.observed?.length > 0) {
    place.after(table('What was observed of other systems', ['Name', 'Source', 'Least', 'Mean', 'p99', 'Most', 'Last', 'Gaps'],
      results.observed.map((each, i) => {
        const of = name => number(figure(`observed.${i}.${name}`, Figures.number));
        return [each.name, [code(each.source), small(ofMap(each.reasons))], of('min'), of('mean'), of('p99'), of('max'), of('last'), of('gaps')];
      })));
  }
}

// The storm.

/** What a select offers: all restarts together where there are several, and each. */
function restartChoices(which) {
  const each = which.map(i => ({label: restartName(i), of: [i]}));
  const indices = [...new Set(which.map(i => restarts[i].index))];
  const ofNodes = indices.map(index => which.filter(i => restarts[i].index === index)).filter(of => of.length > 1 && indices.length > 1)
    .map(of => ({label: `restart ${restarts[of[0]].index}, its ${of.length} nodes together`, of}));
  return which.length > 1 ? [{label: `all ${which.length} restarts together`, of: which}, ...ofNodes, ...each] : each;
}

/** Sums by second of restarts that began at different times. */
function stormOf(of, name) {
  const first = Math.min(...of.map(i => restarts[i].atSeconds));
  const all = [];
  for (const i of of) {
    const shift = Math.round(restarts[i].atSeconds - first);
    (restarts[i].storm?.[name] ?? []).forEach((count, second) => {
      all[second + shift] = (all[second + shift] ?? 0) + count;
    });
  }
  return Array.from(all, count => count ?? 0);
}

function stormPlot(place, of) {
  const attempts = stormOf(of, 'attempts');
  const predicted = stormOf(of, 'predicted');
  const seconds = Math.max(attempts.length, predicted.length, 1);
  const held = counts => Array.from({length: seconds}, (none, i) => counts[i] ?? null);
  const listens = of.length === 1 ? restarts[of[0]].downSeconds : null;
  const told = predicted.length > 0;
  new Plot(place, 'storm', () => ({
    height: 240,
    padding: [12, 12, 0, 0],
    cursor: {y: false, drag: {x: true, y: false}},
    scales: {x: {time: false, range: (plot, low, high) => [low ?? 0, Math.max(1, high ?? 1)]}, y: {range: Plot.range()}},
    axes: [
      Plot.axis({label: 'seconds after the restart began', size: 28, incrs: [1, 2, 5, 10, 20, 50, 100]}),
      Plot.axis({size: 60, incrs: Plot.COUNTS, values: (plot, ticks) => ticks.map(Figures.short)}),
    ],
    series: [
      {label: 'second', value: (plot, second) => Figures.count(second)},
      Plot.line(1, {label: 'attempts', dash: [], fill: `${Plot.color('line-two')}26`, paths: uPlot.paths.stepped({align: 1}), value: (plot, value) => Figures.count(value)}),
      ...(told ? [Plot.line(0, {label: 'predicted by the policies', dash: [7, 4], width: 2.25, paths: uPlot.paths.stepped({align: 1}), value: (plot, value) => Figures.count(value)})] : []),
    ],
    hooks: {drawClear: [plot => {
      if (listens === null) {
        return;
      }
      const {ctx, bbox} = plot;
      ctx.fillStyle = Plot.color('band-restart');
      const from = Math.max(bbox.left, plot.valToPos(0, 'x', true));
      ctx.fillRect(from, bbox.top, Math.min(bbox.left + bbox.width, plot.valToPos(listens, 'x', true)) - from, bbox.height);
      ctx.fillStyle = Plot.color('soft');
      ctx.font = `${11 * uPlot.pxRatio}px system-ui, sans-serif`;
      ctx.textAlign = 'left';
      ctx.textBaseline = 'top';
      ctx.fillText('until it listens again', from + 4 * uPlot.pxRatio, bbox.top + 3 * uPlot.pxRatio);
    }]},
  }), [Array.from({length: seconds}, (none, i) => i), held(attempts), ...(told ? [held(predicted)] : [])]);
  return {attempts, predicted};
}

function showStorm() {
  if (restarts.length === 0) {
    document.getElementById('storm').remove();
    return;
  }
  const place = element('div', {});
  const choices = restartChoices(restarts.map((restart, i) => i));
  const show = k => {
    Plot.every.forEach(plot => plot.name === 'storm' && plot.remove());
    const {label, of} = choices[k];
    const plot = element('div', {class: 'plot', role: 'img', 'aria-label': `Attempts in each second after ${label}, beside the predicted ones`});
    place.replaceChildren(element('figure', {}, element('figcaption', {}, `Attempts a second after ${label}`), plot));
    const {attempts, predicted} = stormPlot(plot, of);
    const expected = predicted.length === 0 ? null : Math.max(0, ...predicted);
    const single = of.length === 1 ? `restarts.${of[0]}` : null;
    place.append(bigFigures([
      ['Most in a second', single ? figure(`${single}.peakAttemptsPerSecond`, Figures.rate) : element('span', {}, Figures.rate(Math.max(0, ...attempts))),
        expected === null ? 'nothing is predicted of a server that is not ours' : `predicted ${Figures.rate(expected)}, of a server that takes everybody`],
      ['Attempts', single ? figure(`${single}.attempts.total`) : element('span', {}, Figures.count(sum(of.map(i => restarts[i].attempts.total)))),
        single ? [figure(`${single}.amplification`, Figures.number), ' for each affected client'] : null],
      ['Failed', element('span', {}, Figures.count(sum(of.flatMap(i => Object.values(restarts[i].attempts.failed))))),
        single ? failures(`${single}.attempts.failed`) : null],
    ]));
  };
  section('storm', element('p', {class: 'note'}, 'What the clients did to the service when it went away, beside what their reconnect policies say on paper. '
    + 'Where there are more attempts than predicted, failed ones were tried again.'),
  choices.length > 1 ? element('p', {class: 'controls'}, choice('Restart', choices.map(each => each.label), show)) : null, place);
  show(0);
}

/** Figures of a map, by cause. */
function failures(path) {
  const causes = Object.keys(at(path) ?? {});
  return causes.length === 0 ? 'none failed' : causes.flatMap((cause, i) => [i ? ', ' : '', `${cause} `, figure(`${path}.${cause}`)]);
}

// Recovery: curves, and percentiles to 99.99.

/** The share of a curve's clients that were back by then; curves have a value at each of `quantiles`. */
function shareBy(times, seconds) {
  const {curve, count, never} = times;
  const most = 1 - never / count;
  let before = null;
  for (let i = 0; i < curve.length && curve[i] !== null; i++) {
    if (curve[i] > seconds) {
      if (before === null) {
        return 0;
      }
      const [second, share] = before;
      return Math.min(most, share + (results.quantiles[i] - share) * (seconds - second) / (curve[i] - second));
    }
    before = [curve[i], results.quantiles[i]];
  }
  return most;
}

/** The curve of several restarts' clients together, from the curves of each. */
function together(all) {
  const told = all.filter(times => times?.count > 0);
  if (told.length <= 1) {
    return told[0] ?? {curve: [], count: 0, never: 0};
  }
  const count = sum(told.map(times => times.count));
  const never = sum(told.map(times => times.never));
  const last = Math.max(...told.flatMap(times => times.curve.filter(value => value !== null)), 0);
  const share = seconds => sum(told.map(times => times.count * shareBy(times, seconds))) / count;
  const curve = results.quantiles.map(p => {
    if (p > 1 - never / count + 1e-12) {
      return null;
    }
    let [low, high] = [0, last];
    for (let i = 0; i < 30; i++) {
      const middle = (low + high) / 2;
      [low, high] = share(middle) >= p - 1e-12 ? [low, middle] : [middle, high];
    }
    return high;
  });
  return {curve, count, never};
}

/** Whose curves are drawn: all and each population, or the policies of a mix. */
function whoseChoices() {
  const name = ['all', ...results.populations.map(population => population.name)];
  const path = ['', ...results.populations.map((population, i) => `populations.${i}.`)];
  const many = results.populations.length > 1;
  const choices = [{label: many ? 'all and each population' : 'all', who: (many ? name : ['all']).map((each, i) => ({name: each, path: path[i]}))}];
  if (many) {
    name.forEach((each, i) => choices.push({label: each, who: [{name: each, path: path[i]}]}));
  }
  results.populations.forEach((population, i) => {
    const policies = (population.policies ?? []).map((policy, k) => ({name: policy.name, path: `populations.${i}.policies.${k}.`}))
      .filter((policy, k) => population.policies[k].restarts);
    if (policies.length > 1) {
      choices.push({label: `policies of ${population.name}`, who: [{name: population.name, path: path[i + 1]}, ...policies]});
    }
  });
  return choices;
}

const percent = p => `p${Number((p * 100).toFixed(2))}`;

/** Where a curve ends because clients never came. */
function censoring(key, lines, draw) {
  return plot => {
    const {ctx, bbox} = plot;
    const ratio = uPlot.pxRatio;
    ctx.save();
    ctx.font = `${12 * ratio}px system-ui, sans-serif`;
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    const labels = [];
    lines.forEach((line, i) => {
      if (line.times.never > 0 && line.times.count > 0 && plot.series[i + 1].show) {
        ctx.strokeStyle = ctx.fillStyle = plot.series[i + 1]._stroke ?? Plot.color('text');
        ctx.lineWidth = 1.25 * ratio;
        const text = `${lines.length > 1 ? `${line.name}: ` : ''}${Figures.count(line.times.never)} ${lacking(key)}`;
        draw(plot, ctx, bbox, ratio, line, (x, y) => {
          // Beside those that are in its place: under them, where they stand low over them.
          const step = (y > bbox.top + bbox.height / 2 ? -14 : 14) * ratio;
          const free = labels.reduce((top, other) => (Math.abs(other - top) < 13 * ratio ? other + step : top), y);
          labels.push(free);
          const fits = x + ctx.measureText(text).width < bbox.left + bbox.width;
          ctx.textAlign = fits ? 'left' : 'right';
          ctx.textBaseline = 'top';
          ctx.fillText(text, fits ? x : Math.min(x, bbox.left + bbox.width) - 8 * ratio, free);
        });
      }
    });
    ctx.restore();
  };
}

function curvePlots(key, title, lines) {
  const longest = Math.max(0.001, ...lines.flatMap(line => line.times.curve.filter(value => value !== null))) * 1.05;
  const series = (axisLabel, axisValue) => [
    {label: axisLabel, value: (plot, value) => axisValue(value)},
    ...lines.map((line, k) => Plot.line(k, {label: line.name, points: {show: false}, value: (plot, value) => Figures.seconds(value)})),
  ];
  const seconds = more => Plot.axis({incrs: SECONDS, values: (plot, ticks) => ticks.map(Figures.seconds), ...more});
  const told = line => (line.times.never > 0 ? `, ${Figures.count(line.times.never)} of ${Figures.count(line.times.count)} ${lacking(key)}` : '');
  const label = what => `${title}, ${what}: ${lines.map(line => line.name + told(line)).join('; ')}. The table below has the values.`;

  const cumulative = element('div', {class: 'plot', role: 'img', 'aria-label': label('share of clients by time')});
  const percentiles = element('div', {class: 'plot', role: 'img', 'aria-label': label('percentiles to 99.99')});
  const pair = element('div', {class: 'pair'},
    element('figure', {}, element('figcaption', {}, 'Share of clients, by time'), cumulative),
    element('figure', {}, element('figcaption', {}, 'Percentiles, the tail stretched'), percentiles));

  const quantiles = results.quantiles;
  const tail = quantiles.filter(p => p < 1);
  const stretched = p => -Math.log10(1 - p);
  return {pair, draw: () => {
    new Plot(cumulative, `${key}.cumulative`, () => ({
      height: 230,
      padding: [12, 14, 0, 0],
      cursor: {drag: {x: false, y: false}, x: false},
      scales: {x: {time: false, ori: 1, dir: 1, range: () => [0, 1]}, y: {ori: 0, dir: 1, range: () => [0, longest]}},
      axes: [
        Plot.axis({side: 3, size: 48, splits: () => [0, 0.25, 0.5, 0.75, 1], values: (plot, ticks) => ticks.map(Figures.share)}),
        seconds({side: 2, size: 28, space: 60}),
      ],
      series: series('share', Figures.share),
      hooks: {draw: [censoring(key, lines, (plot, ctx, bbox, ratio, line, label) => {
        const level = plot.valToPos(1 - line.times.never / line.times.count, 'x', true);
        const last = line.times.curve.filter(value => value !== null).at(-1) ?? 0;
        ctx.beginPath();
        ctx.moveTo(plot.valToPos(last, 'y', true), level);
        ctx.lineTo(bbox.left + bbox.width, level);
        ctx.stroke();
        label(bbox.left + bbox.width + 4 * ratio, Math.max(bbox.top, level - 15 * ratio));
      })]},
    }), [quantiles, ...lines.map(line => line.times.curve)]);
    new Plot(percentiles, `${key}.percentiles`, () => ({
      height: 230,
      padding: [12, 30, 0, 0],
      cursor: {drag: {x: false, y: false}, y: false},
      scales: {x: {time: false, range: () => [0, 4]}, y: {range: () => [0, longest]}},
      axes: [
        Plot.axis({size: 28, splits: () => TAIL.map(stretched), values: (plot, ticks) => ticks.map(x => percent(1 - 10 ** -x))}),
        seconds({size: 56}),
      ],
      series: series('percentile', value => (value === null ? '–' : percent(1 - 10 ** -value))),
      hooks: {draw: [censoring(key, lines, (plot, ctx, bbox, ratio, line, label) => {
        const from = plot.valToPos(Math.min(4, -Math.log10(line.times.never / line.times.count)), 'x', true);
        ctx.beginPath();
        ctx.moveTo(from, bbox.top);
        ctx.lineTo(from, bbox.top + bbox.height);
        ctx.stroke();
        label(from + 4 * ratio, bbox.top + 3 * ratio);
      })]},
    }), [tail.map(stretched), ...lines.map(line => line.times.curve.slice(0, tail.length))]);
  }};
}

function curveTable(key, title, lines) {
  const p9999 = results.quantiles.indexOf(0.9999);
  const names = ['p50', 'p90', 'p95', 'p99', 'p999'];
  const rows = lines.map(line => {
    if (line.path === null) {
      const of = p => (line.times.count === 0 ? '–' : line.times.curve[results.quantiles.indexOf(p)] === null ? 'never'
        : `≈ ${Figures.seconds(line.times.curve[results.quantiles.indexOf(p)])}`);
      return [line.name, number(Figures.count(line.times.count)), number(Figures.count(line.times.never)),
        ...[0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 1].map(p => number(of(p))), number('–')];
    }
    const path = `${line.path}.${key}`;
    const last = line.times.count === 0 ? '–'
      : figure(`${path}.curve.${p9999}`, value => (value === null ? 'never' : Figures.seconds(value)));
    return [line.name, number(figure(`${path}.count`)), number(figure(`${path}.never`)),
      ...names.map(name => number(time(path, name))), number(last), number(time(path, 'max')), number(time(path, 'mean'))];
  });
  return table(null, [`${title} of`, 'Measured', 'Never', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'p99.99', 'Max', 'Mean'], rows);
}

function restartTable() {
  return table('Each restart', ['Restart', 'Code', 'Down', 'Affected', 'In time', 'Late', 'Gave up', '1010', 'Rate', 'Outage p50', 'p99', 'All back', 'Attempts', 'Peak'],
    restarts.map((restart, i) => {
      const of = (name, format) => number(figure(`restarts.${i}.${name}`, format));
      return [[restartName(i), restart.command?.failure ? small(`command failed: ${restart.command.failure}`) : null],
        [figure(`restarts.${i}.code`, value => (value === null ? '–' : String(value))),
          Object.keys(restart.codes).length > 1 ? small(ofMap(restart.codes)) : null],
        number(restart.downSeconds === null ? restart.found === 'plan' ? 'for good' : '–' : figure(`restarts.${i}.downSeconds`, Figures.seconds)),
        of('affected'), of('recovered'), of('late'), of('gaveUp'), of('leftWith1010'), of('successRate', Figures.share),
        number(time(`restarts.${i}.outageSeconds`, 'p50')), number(time(`restarts.${i}.outageSeconds`, 'p99')),
        of('fleetRecoverySeconds.p100', Figures.seconds), of('attempts.total'), of('peakAttemptsPerSecond', Figures.rate)];
    }), {tall: true});
}

/** What the clients of a server that is not ours saw of its restarts, and what would have been kinder. */
function mannersTable() {
  const foreign = restarts.map((restart, i) => i).filter(i => restarts[i].seen !== undefined);
  if (foreign.length === 0) {
    return null;
  }
  return table('What they saw', ['Restart', 'Seen', 'Stayed open', 'Lost within', 'At most', 'On nodes', 'Better', 'Would not come back'],
    foreign.map(i => {
      const restart = restarts[i];
      return [restartName(i),
        restart.seen.length === 0 ? '–' : restart.seen.map((what, k) => element('div', {}, figure(`restarts.${i}.seen.${k}.clients`, Figures.count),
          ` ${what.how === 'close' ? `${what.code} ${what.name}` : `${what.how}, no Close (${what.code})`}`)),
        number(figure(`restarts.${i}.untouched`, Figures.count)),
        number(figure(`restarts.${i}.wellBehaved.lossesSeconds`, Figures.seconds)),
        number(figure(`restarts.${i}.wellBehaved.peakLossesPerSecond`, Figures.rate)),
        restart.seenByNode.length === 0 ? '–' : restart.seenByNode.map((node, k) => element('div', {}, `${node.node}: `,
          figure(`restarts.${i}.seenByNode.${k}.affected`, Figures.count), ` (${ofMap(node.codes)})`)),
        restart.wellBehaved.advice.length === 0 ? (restart.affected > 0 ? 'well-behaved' : '–')
          : restart.wellBehaved.advice.map(advice => element('div', {}, advice)),
        restart.wouldNotComeBack.length === 0 ? '–' : restart.wouldNotComeBack.map(stray => element('div', {}, `${stray.profile} (${stray.code}${stray.why === 'code' ? '' : ', gives up before'})`))];
    }), {tall: true});
}

function showRecovery() {
  const measured = restarts.map((restart, i) => i).filter(i => restarts[i].affected > 0);
  if (restarts.length === 0) {
    document.getElementById('recovery').remove();
    return;
  }
  section('recovery', restartTable());
  const manners = mannersTable();
  if (manners !== null) {
    section('recovery', manners);
  }
  if (measured.length === 0) {
    section('recovery', element('p', {class: 'empty'}, 'No client lost its connection to a restart.'));
    return;
  }
  const place = element('div', {});
  const which = restartChoices(measured);
  const whose = whoseChoices();
  const chosen = {which: 0, whose: 0};
  const show = () => {
    Plot.every.forEach(plot => MEASURES.some(([key]) => plot.name.startsWith(key)) && plot.remove());
    place.replaceChildren();
    const {label, of} = which[chosen.which];
    place.append(element('p', {class: 'note'}, `Shown: ${label}, ${whose[chosen.whose].label}.${of.length > 1
      ? ' Put together from the curves of each restart: values with ≈ are interpolated.' : ''}`));
    for (const [key, title, text] of MEASURES) {
      const lines = whose[chosen.whose].who.slice(0, MOST_LINES).map(({name, path}) => ({
        name, path: of.length === 1 ? `${path}restarts.${of[0]}` : null,
        times: together(of.map(i => at(`${path}restarts.${i}.${key}`))),
      }));
      const never = lines[0].times.never;
      const plots = curvePlots(key, title, lines);
      place.append(element('h3', {}, title), element('p', {class: 'note'}, text + (never > 0
        ? `. ${plural(never, 'client')} ${lacking(key)}: the curve ends at ${Figures.share(1 - never / lines[0].times.count)}.` : '.')));
      if (lines[0].times.count > 0) {
        place.append(plots.pair);
        plots.draw();
      }
      place.append(curveTable(key, title, lines));
    }
  };
  const controls = element('p', {class: 'controls'});
  if (which.length > 1) {
    controls.append(choice('Restart', which.map(each => each.label), k => { chosen.which = k; show(); }));
  }
  if (whose.length > 1) {
    controls.append(choice('Clients', whose.map(each => each.label), k => { chosen.whose = k; show(); }));
  }
  section('recovery', controls.childElementCount > 0 ? controls : null, place);
  show();
}

// 1010.

/** The observed rate with its interval on a line, and the planned one. */
function rateScale(extension) {
  const [low, high] = extension.interval;
  const most = Math.min(1, Math.max(high, extension.plannedRate ?? 0, 0.01) * 1.3);
  const x = share => 20 + 560 * share / most;
  const text = (share, y, words) => drawn('text', {x: x(share), y, 'text-anchor': share / most > 0.8 ? 'end' : share / most < 0.2 ? 'start' : 'middle'}, words);
  const observed = `observed ${Figures.share(extension.failureRate)} (95%: ${Figures.share(low)} to ${Figures.share(high)})`;
  const planned = extension.plannedRate === null ? '' : `planned ${Figures.share(extension.plannedRate)}`;
  return drawn('svg', {class: 'scale', viewBox: '0 0 600 62', role: 'img', 'aria-label': `${observed} ${planned}`},
    drawn('line', {class: 'rule', x1: 20, x2: 580, y1: 30, y2: 30}),
    drawn('line', {class: 'interval', x1: x(low), x2: x(high), y1: 30, y2: 30}),
    drawn('circle', {class: 'observed', cx: x(extension.failureRate), cy: 30, r: 6}),
    text(extension.failureRate, 16, observed),
    ...(planned ? [drawn('line', {class: 'planned', x1: x(extension.plannedRate), x2: x(extension.plannedRate), y1: 20, y2: 40}),
      text(extension.plannedRate, 57, planned)] : []));
}

function showMandatory() {
  if (results.extensions.length === 0) {
    document.getElementById('mandatory').remove();
    return;
  }
  const outcomes = [['negotiated', 'as wanted'], ['missing', 'not in the response'], ['mismatched', 'with other parameters than required'],
    ['unoffered', 'a response that fails the connection']];
  let unmet = 0;
  results.extensions.forEach((extension, i) => {
    const path = `extensions.${i}`;
    unmet += extension.missing + extension.mismatched + extension.unoffered;
    const bar = element('div', {class: 'parts', 'aria-hidden': 'true'});
    for (const [name] of outcomes.filter(([outcome]) => extension[outcome] > 0)) {
      const part = element('span', {class: `part-${name}`});
      part.style.flex = `${extension[name]} 0 0`;
      bar.append(part);
    }
    const told = list(outcomes.map(([name, meaning]) => {
      const item = element('span', {}, element('i', {class: `part-${name}`, 'aria-hidden': 'true'}), `${name} `, figure(`${path}.${name}`), ` (${meaning})`);
      return item;
    }), {class: 'outcomes'});
    const populations = results.populations.map((population, p) => [population, p, population.extensions.findIndex(each => each.extension === extension.extension)])
      .filter(([population, p, k]) => k >= 0 && population.extensions[k].handshakes > 0);
    section('mandatory',
      element('h3', {}, extension.extension),
      element('p', {}, figure(`${path}.handshakes`), ' handshakes offered it; ', figure(`${path}.closed1010`), ' connections ended with 1010. ',
        extension.judged > 0 ? element('span', {}, 'Of ', figure(`${path}.judged`), ' handshakes that require it ',
          figure(`${path}.failureRate`, Figures.share), ' failed',
          extension.plannedRate === null ? null : element('span', {}, '; planned were ', figure(`${path}.plannedRate`, Figures.share)), '.') : 'No client requires it.'),
      bar, told,
      extension.interval && extension.judged > 0 ? rateScale(extension) : null,
      table('Which offers met which answers', ['Clients', 'Offer', 'Require', 'Handshakes', 'Negotiated', 'Missing', 'Mismatched', 'Unoffered', 'Left with 1010'],
        populations.map(([population, p, k]) => {
          const own = run.populations.find(each => each.name === population.name) ?? {offer: [], require: []};
          const of = name => number(figure(`populations.${p}.extensions.${k}.${name}`));
          return [population.name, code(own.offer.join(', ') || 'nothing'), code(own.require.join(', ') || 'nothing'),
            of('handshakes'), of('negotiated'), of('missing'), of('mismatched'), of('unoffered'), of('closed1010')];
        })));
  });
  const after = Object.entries(results.after1010 ?? {}).filter(([name, count]) => count > 0);
  if (after.length > 0) {
    section('mandatory', element('p', {}, 'After their 1010 clients: ',
      ...after.flatMap(([name], i) => [i ? ', ' : '', `${name.replace(/([A-Z])/g, ' $1').toLowerCase()} `, figure(`after1010.${name}`)]), '.'));
  }
  const told = run.codes.find(each => each.code === 1010);
  if (unmet > 0 && told) {
    section('mandatory', element('p', {class: 'advice'}, element('strong', {}, 'What to do. '), told.advice));
  }
}

// Closes.

/** When: a line over the run, and the first and last second. */
function when(counts) {
  const seconds = (counts ?? []).map((count, i) => [count, i]).filter(([count]) => count > 0).map(([count, i]) => i);
  if (seconds.length === 0) {
    return ['after the load'];
  }
  const bins = Math.min(counts.length, 150);
  const most = Math.max(...counts);
  const heights = Array.from({length: bins}, (none, k) =>
    Math.max(0, ...counts.slice(Math.floor(k * counts.length / bins), Math.max(Math.floor((k + 1) * counts.length / bins), Math.floor(k * counts.length / bins) + 1))));
  const path = heights.map((height, k) => `${k ? 'L' : 'M'}${(100 * k / Math.max(1, bins - 1)).toFixed(2)} ${(19 - 18 * height / most).toFixed(2)}`).join('');
  const [first, last] = [seconds[0], seconds.at(-1) + 1];
  return [
    drawn('svg', {class: 'spark', viewBox: '0 0 100 20', preserveAspectRatio: 'none', 'aria-hidden': 'true'}, drawn('path', {d: path})),
    small(`${Figures.clock(first)} to ${Figures.clock(last)}, at most ${Figures.count(most)} a second`),
  ];
}

function showCloses() {
  const codes = [...new Set(results.closes.map(close => close.code))];
  if (codes.length === 0) {
    section('closes', element('p', {class: 'empty'}, 'No connection was closed.'));
    return;
  }
  const body = codes.flatMap(each => {
    const told = run.codes.find(one => one.code === each) ?? {};
    const rows = results.closes.map((close, i) => [close, i]).filter(([close]) => close.code === each);
    return [
      ...rows.map(([close, i], k) => element('tr', {class: 'open'},
        ...(k === 0 ? [element('th', {scope: 'row', rowspan: rows.length, class: 'number'}, String(each)),
          element('td', {rowspan: rows.length}, element('strong', {}, close.name))] : []),
        element('td', {}, close.by), element('td', {}, close.cause),
        element('td', {class: 'number'}, figure(`closes.${i}.count`)),
        ...(k === 0 ? [element('td', {rowspan: rows.length}, ...when(results.series.closedByCode[each]))] : []))),
      element('tr', {}, element('td', {}), element('td', {colspan: 5}, small(told.meaning ?? '', ' ', element('em', {}, told.advice ?? '')))),
    ];
  });
  section('closes', element('p', {class: 'note'}, 'Every connection once: by the first Close on the wire, else 1006.'),
    element('div', {class: 'wide'}, element('table', {},
      element('caption', {class: 'hidden'}, 'Closes by code, sender and cause'),
      element('thead', {}, element('tr', {}, ...['Code', 'Name', 'Sent by', 'Cause', 'Connections', 'When'].map((head, i) =>
        element('th', {scope: 'col', class: i === 0 || i === 4 ? 'number' : ''}, head)))),
      element('tbody', {}, ...body))));
}

function showLedger() {
  if (results.prediction) {
    document.getElementById('ledger').remove();
    return;
  }
  const ledger = results.ledger;
  const known = value => (value === null ? 'not known' : Figures.count(value));
  const arrow = {'to-client': 'server → client', 'to-server': 'client → server'};
  section('ledger',
    element('p', {}, ledger.mode !== 'two-sided' ? 'Of a server that is not ours only the clients’ side is known.'
      : ledger.balanced ? 'Balanced: every Close frame that was sent was received, or what became of it is explained.' : 'Not balanced: Close frames are unmatched.'),
    ledger.rows.length === 0 ? null : table('Close frames', ['Code', 'Direction', 'Sent', 'Received', 'Explained', 'Unmatched'], ledger.rows.map((row, i) => [
      String(row.code), arrow[row.direction] ?? row.direction, number(figure(`ledger.rows.${i}.sent`, known)), number(figure(`ledger.rows.${i}.received`, known)),
      ofMap(row.explained) || '–', number(figure(`ledger.rows.${i}.unmatched`, known))])),
    ledger.firstUnmatched?.length ? element('h3', {}, 'First unmatched') : null,
    ledger.firstUnmatched?.length ? list(ledger.firstUnmatched.map(code)) : null);
}

// Trust.

/** What a prediction takes for true, in the place of what a run is trusted for. */
function showModel() {
  const prediction = results.prediction;
  const of = (path, format) => figure(`prediction.${path}`, format);
  document.getElementById('trust-title').textContent = 'Model';
  section('trust',
    element('p', {}, 'A prediction: the clients’ own connection machine and reconnect policies on virtual time against a model of the server. Nothing was sent. ',
      'Messages, pings and frames are not simulated.'),
    element('p', {class: 'text'}, prediction.source),
    bigFigures([
      ['Round trip', of('roundTripSeconds', Figures.seconds), 'between a client and a node'],
      ['A node accepts', of('handshakesPerSecond', value => (value === null ? 'all' : Figures.rate(value))), 'connections'],
      ['Waiting to be accepted', of('backlog', value => (value === null ? 'any number' : Figures.count(value))), 'then SYNs are sent again'],
      ['Clients of the experiment', of('experimentClients'), 'each population was scaled in proportion'],
      ...(prediction.bench ? [
        ['A dial takes', of('bench.dialMicros', value => `${Figures.number(value)} µs`), 'of the machine'],
        ['A handshake takes', of('bench.handshakeMicros', value => `${Figures.number(value)} µs`), 'of the machine'],
        ['A close takes', of('bench.closeMicros', value => `${Figures.number(value)} µs`), 'of the machine']] : []),
    ]));
}

function showTrust() {
  if (results.prediction) {
    showModel();
    return;
  }
  const injector = results.injector;
  const of = (path, format) => figure(`injector.${path}`, format);
  const busy = injector.processors;
  section('trust',
    element('p', {}, injector.trusted ? 'The measurement is complete: no process was lost, no event dropped, no row is missing.'
      : 'The measurement is not complete: what would pass is inconclusive.'),
    injector.reasons.length > 0 ? list(injector.reasons, {class: 'reasons'}) : null,
    bigFigures([
      ['Injectors stood still', of('stallMillis.max', Figures.millis), ['at most; p99 ', of('stallMillis.p99', Figures.millis)]],
      ['Nodes stood still', of('nodeStallMillis.max', Figures.millis), ['at most; p99 ', of('nodeStallMillis.p99', Figures.millis)]],
      ['Processors', busy.known ? of('processors.p99', Figures.share) : element('span', {}, 'not known'),
        busy.known ? ['busy at p99; half of the time ', of('processors.p50', Figures.share)] : null],
      ['Saturated', of('processors.saturatedSeconds', value => `${Figures.count(value)} s`), 'busy and standing still'],
      ['Late arrivals', of('lateArrivals'), 'over 100 ms behind the plan'],
      ['Events dropped', of('droppedEvents'), null],
    ]),
    table('Reconnect delays', ['', 'p50', 'p99', 'Max'], [['intendedSeconds', 'as the policies chose', Figures.seconds],
      ['actualSeconds', 'as they were kept', Figures.seconds], ['lateMillis', 'late by', Figures.millis]].map(([name, text, format]) =>
      [text, ...['p50', 'p99', 'max'].map(p => number(of(`reconnectDelay.${name}.${p}`, format)))])),
    results.processes?.length ? table('Each process, while the load went on',
      ['Process', 'Ended', 'Processor time', 'Of one processor: p50', 'p99', 'Max', 'Stalls p99', 'Max', 'Longest collection', 'Collections'],
      results.processes.map((process, i) => {
        const its = (name, format) => number(figure(`processes.${i}.${name}`, format));
        return [process.name, process.endedAsPlanned ? 'as planned' : element('span', {class: 'tag fail'}, '✗ lost'), its('cpuSeconds', Figures.seconds),
          its('cpuShare.p50', Figures.share), its('cpuShare.p99', Figures.share), its('cpuShare.max', Figures.share),
          its('stallMillis.p99', Figures.millis), its('stallMillis.max', Figures.millis), its('gcMillis.max', Figures.millis), its('gcMillis.total', Figures.millis)];
      }), {tall: true}) : null);
}

// Nodes, clients, and the experiment.

function showNodes() {
  if (results.nodes.length < 2) {
    document.getElementById('nodes').remove();
    return;
  }
  const rollout = name => ['p50', 'p99', 'max', 'mean'].map(p => number(figure(`rollout.${name}.${p}`, Figures.number)));
  section('nodes',
    element('p', {}, `Each attempt dials by balance: ${results.target.balance}. When the load ended the fullest node had `,
      figure('imbalance.end', Figures.number), ' times the mean of those in rotation, and at its fullest ', figure('imbalance.peak', Figures.number), ' times an even share.'),
    table('What the restarts did to a client', ['', 'p50', 'p99', 'Max', 'Mean'], [
      ['Connections lost', ...rollout('dropsPerClient')], ['Attempts on its way back', ...rollout('reconnectsPerClient')]]),
    table('Nodes', ['Node', 'Open at the end', 'Most at once', 'In rotation'], results.nodes.map((node, i) => [
      String(node.node), number(figure(`nodes.${i}.open`)), number(figure(`nodes.${i}.peak`)), node.inRotation ? 'yes' : 'no']), {tall: true}));
}

function showClients() {
  const row = (name, path) => {
    const of = (of1, format) => number(figure(`${path}${of1}`, format));
    return [name, of('clients.planned'), of('clients.arrived'), of('clients.open'), of('clients.ready'), of('clients.waiting'), of('clients.connecting'),
      of('clients.gaveUp'), of('clients.finished'), of('clients.lost'), of('availability', Figures.share), of('attempts.total'),
      number(time(`${path}handshakeSeconds`, 'p99')), of('echoSeconds.p99', Figures.seconds), of('pingSeconds.p99', Figures.seconds)];
  };
  section('clients',
    table('When the load ended', ['Clients of', 'Planned', 'Arrived', 'Open', 'Ready', 'Waiting', 'Connecting', 'Gave up', 'Finished', 'Lost', 'Availability',
      'Attempts', 'Handshake p99', 'Echo p99', 'Ping p99'],
    [row('all', ''), ...(results.populations.length > 1 ? results.populations.map((population, i) => row(population.name, `populations.${i}.`)) : [])]),
    element('p', {class: 'note'}, 'Attempts that failed in the whole run: ', ...[failures('attempts.failed')].flat(), '.'));
}

function showAgain() {
  const map = values => Object.entries(values).map(([name, value]) => `${name} ${name === 'memoryBytes' ? `${(value / 2 ** 30).toFixed(1)} GiB` : value}`).join(', ');
  section('again',
    element('p', {}, 'This command runs it again, with the same plan:'),
    element('pre', {class: 'command', tabindex: 0}, run.command),
    element('h3', {}, 'How'),
    facts([
      ['Seed', figure('seed', String)],
      ['Started', results.startedAt],
      run.set.length > 0 ? ['Set over the file', ...run.set.flatMap((set, i) => [i ? ', ' : '', code(set)])] : null,
      ['Versions', map(run.versions)],
      ['Machine', map(run.machine)],
      ['Target', results.target.url ?? results.target.mock.join(', ')],
      results.target.insecure ? ['Certificates', 'any would do (insecure)'] : null,
    ]),
    element('h3', {}, run.set.length > 0 ? 'Experiment, as it was read (without what was set over it)' : 'Experiment, as it was read'),
    element('pre', {tabindex: 0}, run.experiment));
}

showVerdict();
showExpectations();
showTimeline();
showStorm();
showRecovery();
showMandatory();
showCloses();
showLedger();
showTrust();
showNodes();
showClients();
showAgain();

document.querySelector('nav ul').append(...[...document.querySelectorAll('main > section')].slice(1).map(place =>
  element('li', {}, element('a', {href: `#${place.id}`}, place.querySelector('h2').textContent))));
