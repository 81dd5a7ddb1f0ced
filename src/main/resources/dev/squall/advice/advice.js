'use strict';

// Reconnect policies on the same restart: what `squall predict --policies` says, and their storms in one plot.

const advice = JSON.parse(document.getElementById('data').textContent);
const VERDICTS = ['pass', 'inconclusive', 'fail'];
/** So many storms can be told apart in one plot. */
const SHOWN = 6;

document.getElementById('name').textContent = advice.experiment;
document.getElementById('meta').textContent =
  `predicted: ${Figures.count(advice.clients)} clients, seed ${advice.seed}, ${advice.source}`;

/** A figure of policies.json: where it stands there and its raw value go with it. */
function value(path, raw, format) {
  return number(element('span', {'data-path': path, 'data-value': JSON.stringify(raw)}, raw === null ? 'never' : format(raw)));
}

/** By verdict, then by cost; each with its place in policies.json. */
function ranked(list) {
  return advice[list].map((candidate, i) => ({...candidate, path: `${list}.${i}`}))
    .sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict)
      || a.peakAttemptsPerSecond - b.peakAttemptsPerSecond || a.wasted - b.wasted);
}

function costs(caption, what, candidates) {
  return table(caption,
    [what, 'Verdict', 'Peak a second', '99% back', 'All back', 'Attempts', 'Wasted', 'Availability', 'Client-time lost', 'What broke'],
    candidates.map(candidate => [
      code(candidate.name), element('span', {class: `tag ${candidate.verdict}`}, candidate.verdict),
      value(`${candidate.path}.peakAttemptsPerSecond`, candidate.peakAttemptsPerSecond, Figures.count),
      value(`${candidate.path}.back99Seconds`, candidate.back99Seconds, Figures.seconds),
      value(`${candidate.path}.back100Seconds`, candidate.back100Seconds, Figures.seconds),
      value(`${candidate.path}.attempts`, candidate.attempts, Figures.count),
      value(`${candidate.path}.wasted`, candidate.wasted, Figures.count),
      value(`${candidate.path}.availability`, candidate.availability, Figures.share),
      value(`${candidate.path}.lostClientSeconds`, candidate.lostClientSeconds, Figures.seconds),
      candidate.broken || '–']));
}

function storms(place, name, title, candidates) {
  const shown = candidates.slice(0, SHOWN);
  const seconds = Math.max(1, ...shown.map(candidate => candidate.storm.length));
  const xs = Array.from({length: seconds}, (unused, i) => i);
  const frame = element('div', {class: 'plot', tabindex: 0, role: 'group', 'aria-label': title});
  place.append(element('figure', {}, element('figcaption', {}, title), frame));
  return new Plot(frame, name, () => ({
    height: 280,
    padding: [8, 16, 0, 0],
    cursor: {drag: {x: true, y: false}, y: false},
    scales: {x: {time: false}, y: {distr: 3}},
    axes: [Plot.axis({size: 30, incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200], values: (chart, ticks) => ticks.map(Figures.clock)}),
      Plot.axis({size: 70, values: (chart, ticks) => ticks.map(tick => (tick === null ? '' : Figures.short(tick)))})],
    series: [
      {label: 'second', value: (chart, at) => (at === null ? '–' : Figures.clock(at))},
      ...shown.map((candidate, look) => Plot.line(look, {
        label: candidate.name, spanGaps: false, value: (chart, at) => (at === null ? '–' : Figures.count(at)),
        paths: uPlot.paths.stepped({align: 1}),
      })),
    ],
  }), [xs, ...shown.map(candidate => xs.map(second => candidate.storm[second] || null))]);
}

const place = document.getElementById('advice');
const policies = ranked('policies');
place.append(element('section', {},
  element('h2', {}, 'What to do'),
  element('p', {class: `answer ${advice.verdict}`}, element('span', {class: `tag ${advice.verdict}`}, advice.verdict), ` ${advice.advice[0]}`),
  ...advice.advice.slice(1).map(sentence => element('p', {}, sentence)),
  element('p', {class: 'note'}, 'A prediction: the clients’ own policies on virtual time against a model of the server. Messages and pings are not simulated.')));
const policy = element('section', {}, element('h2', {}, 'Reconnect policies'),
  costs('All clients follow the policy; what meets the expectations first, then the lowest peak', 'Policy', policies));
place.append(policy);
storms(policy, 'storms', `Attempts each second since the restart began (logarithmic)${policies.length > SHOWN ? `; the ${SHOWN} best` : ''}`, policies);
if (advice.measured.length > 0) {
  place.append(element('section', {}, element('h2', {}, 'Measured'),
    costs('Real runs of the best, on this machine', 'Policy', ranked('measured'))));
}
if (advice.windows.length > 0) {
  const windows = element('section', {}, element('h2', {}, 'Drain windows and batches'),
    costs(`With the cheapest policy; everybody is to be back within ${Figures.seconds(advice.withinSeconds)} of the beginning`, 'With',
      advice.windows.map((candidate, i) => ({...candidate, path: `windows.${i}`}))));
  place.append(windows);
  storms(windows, 'windows', 'Attempts each second since the restart began (logarithmic)', ranked('windows'));
}
