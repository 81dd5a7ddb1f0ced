'use strict';

// Runs held against a base: what `squall compare` says, and the curves of both in one plot.

const comparisons = JSON.parse(document.getElementById('data').textContent);
const BECAME = {worse: 'fail', better: 'pass', changed: 'inconclusive', noise: 'same', same: 'same'};
const ORDER = Object.keys(BECAME);
const TAIL = [0, 0.5, 0.9, 0.99, 0.999, 0.9999];
const SECONDS = {incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200], values: (chart, ticks) => ticks.map(Figures.clock)};
const TIMES = /outage|recover|detection|attempt\.|handshake|echo|ping|stall|delay|rtt|fleet/;

document.getElementById('name').textContent = comparisons[0].base;
document.getElementById('meta').textContent =
  `base of ${comparisons.map(comparison => comparison.run).join(', ')}`;

/** A figure of the comparison: where it stands there and its raw value go with it. */
function value(path, raw, text) {
  return element('span', {'data-path': path, 'data-value': JSON.stringify(raw)}, text);
}

function shown(metric, raw) {
  if (raw === null) {
    return 'never';
  }
  return metric.includes('.rate') ? Figures.share(raw) : metric.includes('peak-attempts') ? Figures.rate(raw)
    : TIMES.test(metric) && !metric.includes('per-') ? Figures.seconds(raw) : Figures.number(raw);
}

function change(figure) {
  if (figure.relative === null) {
    return figure.change === 0 ? '=' : 'from none';
  }
  return figure.relative === 0 ? '=' : `${figure.relative > 0 ? '+' : '−'}${Figures.share(Math.abs(figure.relative))}`;
}

/** Lines of both sides, the base's alike and the other's alike. */
function lines(comparison, values) {
  return ['baseRunsData', 'runRunsData'].flatMap((side, look) => comparison[side].map((run, i) => ({
    label: `${look === 0 ? 'base' : 'run'}${comparison[side].length > 1 ? ` ${i + 1}` : ''}`, look, values: values(run) ?? [],
  })));
}

function plot(place, name, title, xs, all, {x, y, stepped = false}) {
  const frame = element('div', {class: 'plot', tabindex: 0, role: 'group', 'aria-label': title});
  place.append(element('figure', {}, element('figcaption', {}, title), frame));
  const padded = all.map(line => xs.map((at, i) => line.values[i] ?? null));
  return new Plot(frame, name, () => ({
    height: 240,
    padding: [8, 16, 0, 0],
    cursor: {drag: {x: true, y: false}, y: false},
    scales: {x: {time: false}, y: {range: Plot.range(0.1)}},
    axes: [Plot.axis({size: 30, ...x.axis}), Plot.axis({size: 60, values: (chart, ticks) => ticks.map(y)})],
    series: [
      {label: x.label, value: (chart, at) => (at === null ? '–' : x.format(at))},
      ...all.map(line => Plot.line(line.look, {
        label: line.label, spanGaps: false, value: (chart, at) => y(at), paths: stepped ? uPlot.paths.stepped({align: 1}) : undefined,
      })),
    ],
  }), [xs, ...padded]);
}

function curves(place, comparison, k) {
  const runs = [...comparison.baseRunsData, ...comparison.runRunsData];
  const most = Math.max(0, ...runs.map(run => run.restarts.length));
  const seconds = length => Array.from({length}, (unused, i) => i);
  const box = element('div', {});
  let drawn = [];

  function show(r) {
    drawn.forEach(each => each.remove());
    box.replaceChildren();
    const quantiles = runs[0].quantiles.filter(p => p < 1);
    const tail = p => -Math.log10(1 - p);
    const storm = lines(comparison, run => run.restarts[r]?.attempts);
    const pair = element('div', {class: 'pair'});
    box.append(pair);
    drawn = [
      plot(pair, `outage-${k}`, 'Outage, by share of clients (the tail stretched; a curve ends where clients never came back)',
        quantiles.map(tail), lines(comparison, run => run.restarts[r]?.outage), {
          x: {
            label: 'share', format: at => Figures.share(1 - 10 ** -at),
            axis: {splits: () => TAIL.map(tail), values: () => TAIL.map(p => Figures.share(p))},
          },
          y: Figures.seconds,
        }),
      plot(pair, `storm-${k}`, 'Storm: attempts each second since the restart',
        seconds(Math.max(1, ...storm.map(line => line.values.length))), storm,
        {x: {label: 'second', format: Figures.clock, axis: SECONDS}, y: Figures.count, stepped: true}),
    ];
  }

  if (most > 1) {
    place.append(choice('Restart', seconds(most).map(r => runs.find(run => run.restarts[r]).restarts[r].name), show));
  }
  place.append(box);
  if (most > 0) {
    show(0);
  }
  const open = lines(comparison, run => run.open);
  plot(place, `open-${k}`, 'Clients open', seconds(Math.max(1, ...open.map(line => line.values.length))), open,
    {x: {label: 'at', format: Figures.clock, axis: SECONDS}, y: Figures.count});
}

comparisons.forEach((comparison, k) => {
  const verdict = comparison.inconclusive ? 'inconclusive' : comparison.regression ? 'fail' : 'pass';
  const worse = comparison.figures.filter(figure => figure.became === 'worse').length;
  const answer = comparison.inconclusive ? 'Nothing can be concluded: a run is inconclusive.'
    : comparison.regression ? `Worse: ${Figures.count(worse)} of ${Figures.count(comparison.figures.length)} figures, by more than ${Figures.share(comparison.tolerance)}.`
      : `No figure is worse by more than ${Figures.share(comparison.tolerance)}.`;
  const noise = comparison.noiseKnown
    ? 'A figure is worse only if that is more than noise: repeats of the same would lie as far apart less than once in 20 times (test of Mann and Whitney).'
    : 'Whether it is noise cannot be told: fewer than three runs on a side.';
  const place = element('section', {},
    element('h2', {}, `${comparison.run} (${plural(comparison.runRuns, 'run')}) against ${comparison.base} (${plural(comparison.baseRuns, 'run')})`),
    element('p', {class: `answer ${verdict}`}, element('span', {class: `tag ${verdict}`}, answer)),
    element('p', {class: 'note'}, noise),
    ...comparison.differs.map(what => element('p', {class: 'note'}, `The experiments differ. ${what}`)),
    table('Figures, what is worse first; of several restarts the worst, of several runs the median',
      ['became', 'figure', 'base', 'run', 'change', 'p'],
      comparison.figures.map((figure, i) => ({...figure, path: `${k}.figures.${i}`}))
        .sort((a, b) => ORDER.indexOf(a.became) - ORDER.indexOf(b.became))
        .map(figure => [
          element('span', {class: `tag ${BECAME[figure.became]}`}, figure.became), code(figure.metric),
          number(value(`${figure.path}.base`, figure.base, shown(figure.metric, figure.base))),
          number(value(`${figure.path}.run`, figure.run, shown(figure.metric, figure.run))),
          number(value(`${figure.path}.relative`, figure.relative, change(figure))),
          number(value(`${figure.path}.p`, figure.p, figure.p === null ? '–' : Figures.number(figure.p))),
        ])));
  document.getElementById('comparisons').append(place);
  curves(place, comparison, k);
});
