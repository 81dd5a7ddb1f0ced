'use strict';

// Plots of one look (uPlot draws them), and the timeline made of them. Colours come from the page's style sheet.

/** Figures as people read them; each takes null for what is not known. */
const Figures = (() => {
  const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
  const trimmed = (value, digits) => value.toLocaleString('en', {maximumFractionDigits: digits});
  const known = format => value => (value === null || value === undefined || !Number.isFinite(value) ? '–' : format(value));

  function seconds(value) {
    const size = Math.abs(value);
    if (size === 0) {
      return '0 s';
    }
    if (size < 0.001) {
      return `${trimmed(value * 1e6, 0)} µs`;
    }
    if (size < 0.9995) {
      return `${trimmed(value * 1e3, size < 0.00995 ? 1 : 0)} ms`;
    }
    return `${trimmed(value, size < 99.95 ? 1 : 0)} s`;
  }

  /** As many digits as it takes to be told from 0% and 100%; of one processor more than that is possible. */
  function share(value) {
    if (value <= 0 || value >= 1) {
      return `${trimmed(value * 100, 0)}%`;
    }
    const distance = Math.min(value, 1 - value);
    return `${trimmed(value * 100, distance >= 0.01 ? 1 : Math.min(12, Math.ceil(-Math.log10(distance) - 1e-9) - 1))}%`;
  }

  return {
    count: known(value => whole.format(value)),
    /** For an axis, which is narrow: 250k, 1.5M. */
    short: known(value => (Math.abs(value) < 1e5 ? whole.format(value)
      : Math.abs(value) < 1e6 ? `${trimmed(value / 1e3, 1)}k` : `${trimmed(value / 1e6, 2)}M`)),
    number: known(value => trimmed(value, Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1)),
    seconds: known(seconds),
    millis: known(value => (value === 0 ? '0 ms' : seconds(value / 1e3))),
    share: known(share),
    rate: known(value => `${trimmed(value, Math.abs(value) < 10 ? 2 : 0)}/s`),
    /** A moment of the run. */
    clock: known(value => {
      const of = Math.max(0, value);
      const minutes = Math.floor(of / 60);
      return of < 120 ? `${trimmed(of, 1)} s` : `${minutes}:${String(Math.floor(of % 60)).padStart(2, '0')}`;
    }),
  };
})();

/** A plot that follows the colour scheme, the width of its place and the printer. {@code window.squallPlots} has each by name. */
class Plot {
  static every = new Set();
  static LINES = ['one', 'two', 'three', 'four', 'five', 'six'];
  static DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 2], [1, 4]];

  /**
   * @param place an empty element
   * @param name unique on the page
   * @param options uPlot's, made of (color, axis) each time it is drawn
   * @param data uPlot's
   */
  constructor(place, name, options, data) {
    Object.assign(this, {place, name, options, data, chart: null});
    Plot.every.add(this);
    this.draw();
  }

  static color(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || '#777';
  }

  /** The k-th line of a plot: its colour, and its dashes, by which it is told apart without colour. */
  static line(k, more = {}) {
    return {
      stroke: Plot.color(`line-${Plot.LINES[k % Plot.LINES.length]}`),
      dash: Plot.DASHES[k % Plot.DASHES.length],
      width: 1.75,
      points: {show: false},
      ...more,
    };
  }

  static axis(more = {}) {
    const line = {stroke: Plot.color('line'), width: 1};
    return {
      stroke: Plot.color('soft'), font: '12px system-ui, sans-serif', labelFont: '12px system-ui, sans-serif',
      grid: line, ticks: {...line, size: 4}, gap: 4, labelSize: 18, ...more,
    };
  }

  draw() {
    const zoom = this.chart?.scales.x;
    this.chart?.destroy();
    this.width = this.fitting();
    const made = this.options();
    this.chart = new uPlot({
      width: this.width,
      height: 190,
      ...made,
      legend: {markers: {width: 2, dash: (plot, i) => (plot.series[i].dash?.length ? 'dashed' : 'solid')}, ...made.legend},
    }, this.data, this.place);
    if (this.zoomed && zoom?.min !== null && zoom?.min !== undefined) {
      this.chart.setScale('x', {min: zoom.min, max: zoom.max});
    }
    this.chart.root.querySelectorAll('canvas').forEach(canvas => canvas.setAttribute('aria-hidden', 'true'));
    window.squallPlots = {...window.squallPlots, [this.name]: this.chart};
  }

  /** Shows other data; as many series as before. */
  set(data) {
    this.data = data;
    this.chart.setData(data, !this.zoomed);
    if (this.zoomed) {
      this.chart.redraw();
    }
  }

  remove() {
    this.chart.destroy();
    Plot.every.delete(this);
    delete window.squallPlots[this.name];
  }

  fitting() {
    return Math.max(220, Math.floor(this.place.clientWidth));
  }

  fit() {
    const width = this.fitting();
    if (width !== this.width) {
      this.width = width;
      this.chart.setSize({width, height: this.chart.height});
    }
  }

  static drawAll() {
    Plot.every.forEach(plot => plot.draw());
  }

  /** From zero to a little over the highest. */
  static range(least = 1) {
    return (plot, low, high) => [0, Math.max(least, (high ?? 0) * 1.08)];
  }

  /** Whole numbers, as clients and attempts are. */
  static get COUNTS() {
    return [0, 1, 2, 3, 4, 5, 6, 7].flatMap(e => [1, 2, 5].map(n => n * 10 ** e));
  }
}

{
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', Plot.drawAll);
  let waiting = 0;
  addEventListener('resize', () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => Plot.every.forEach(plot => plot.fit()));
  });
  // Paper is white, and as wide as the style sheet makes it.
  addEventListener('beforeprint', () => {
    document.documentElement.dataset.print = 'yes';
    Plot.drawAll();
  });
  addEventListener('afterprint', () => {
    delete document.documentElement.dataset.print;
    Plot.drawAll();
  });
}

/** The run second by second: plots over one time axis, whose zoom and hover are linked. */
const Timeline = (() => {
  /** More bands have no number. */
  const MOST_NUMBERS = 12;

  let mounted = 0;

  /** Draws within the plot's frame. */
  function framed(draw) {
    return plot => {
      const {ctx, bbox} = plot;
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      ctx.setLineDash([]);
      draw(ctx, bbox, second => plot.valToPos(second, 'x', true), uPlot.pxRatio);
      ctx.restore();
    };
  }

  /** The windows of faults, under the lines; with their numbers in the first plot. */
  const bands = (faults, withNumbers) => framed((ctx, bbox, at, ratio) => {
    faults.forEach((fault, i) => {
      const from = at(fault.fromSeconds);
      const to = fault.toSeconds === null ? bbox.left + bbox.width : at(fault.toSeconds);
      ctx.fillStyle = Plot.color(fault.fault === 'restart' ? 'band-restart' : 'band-fault');
      ctx.fillRect(from, bbox.top, Math.max(ratio, to - from), bbox.height);
      if (withNumbers && i < MOST_NUMBERS) {
        ctx.fillStyle = Plot.color('soft');
        ctx.font = `${11 * ratio}px system-ui, sans-serif`;
        ctx.textAlign = 'left';
        ctx.textBaseline = 'top';
        ctx.fillText(String(i + 1), Math.max(from, bbox.left) + 4 * ratio, bbox.top + (3 + 12 * (i % 4)) * ratio);
      }
    });
  });

  /** The moments of restarts, over the grid. */
  const moments = restarts => framed((ctx, bbox, at, ratio) => {
    ctx.strokeStyle = Plot.color('restart');
    ctx.globalAlpha = restarts.length > MOST_NUMBERS ? 0.35 : 1; // Of a rollout: the lines of the clients matter more.
    ctx.lineWidth = ratio;
    for (const restart of restarts) {
      const x = Math.round(at(restart.atSeconds)) + 0.5;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    }
  });

  /** What the numbers in the bands mean. */
  function key(faults) {
    const list = document.createElement('ol');
    list.className = 'bands';
    for (const fault of faults) {
      const item = document.createElement('li');
      item.className = fault.fault === 'restart' ? 'restart' : 'fault';
      const text = document.createElement('span');
      const until = fault.toSeconds === null ? 'to the end' : fault.toSeconds === fault.fromSeconds ? '' : `to ${Figures.clock(fault.toSeconds)}`;
      const nodes = fault.nodes ?? [];
      const where = nodes.length === 0 ? '' : nodes.length > 4 ? `, ${nodes.length} nodes` : `, node ${nodes.join(', ')}`;
      text.textContent = `${fault.fault} ${Figures.clock(fault.fromSeconds)} ${until}${where}`;
      const detail = document.createElement('code');
      detail.textContent = fault.text;
      item.append(text, ' ', detail);
      list.append(item);
    }
    return list;
  }

  /**
   * @param element where it goes
   * @param told {series, faults, restarts, durationSeconds, names, observed}: as results.json has them; names: of close
   *     codes; names and observed may be absent
   * @return push(second, values) for a run that goes on (values: a number for each of series, closedByCode a map), which is
   *     take(second, values) and draw(); and plots
   */
  function mount(element, {series, faults = [], restarts = [], durationSeconds, names = {}, observed = []}) {
    const group = `timeline-${mounted++}`;
    const prefix = mounted === 1 ? '' : `${group}-`;
    const plots = [];
    const held = structuredClone(series);
    let end = durationSeconds;
    let linking = false;

    /** uPlot shows the data's first to last unless somebody zoomed. */
    const isAll = (seconds, low, high) => low === null || (low === seconds[0] && high === seconds.at(-1));

    function linkZoom(chart, scale) {
      if (scale !== 'x' || linking) {
        return;
      }
      linking = true;
      const {min, max} = chart.scales.x;
      for (const plot of plots) {
        plot.zoomed = min > 0 || max < end;
        if (plot.chart && plot.chart !== chart) {
          plot.chart.setScale('x', {min, max});
        }
      }
      linking = false;
    }

    function keyboard(plot) {
      plot.place.addEventListener('keydown', event => {
        const chart = plot.chart;
        const {min, max} = chart.scales.x;
        const middle = chart.cursor.idx === null || chart.cursor.idx === undefined ? (min + max) / 2 : chart.data[0][chart.cursor.idx];
        const zoom = factor => chart.setScale('x', {
          min: Math.max(0, middle - (middle - min) * factor), max: Math.min(end, middle + (max - middle) * factor),
        });
        const step = by => {
          const next = Math.min(chart.data[0].length - 1, Math.max(0, (chart.cursor.idx ?? 0) + by));
          chart.setCursor({left: chart.valToPos(chart.data[0][next], 'x'), top: 20});
        };
        const acts = {
          ArrowLeft: () => step(-1), ArrowRight: () => step(1), '+': () => zoom(0.5), '-': () => zoom(2),
          0: () => chart.setScale('x', {min: 0, max: end}), Escape: () => chart.setScale('x', {min: 0, max: end}),
        };
        if (acts[event.key] && !event.ctrlKey && !event.metaKey) {
          event.preventDefault();
          acts[event.key]();
        }
      });
    }

    function add(name, title, lines, {left, right} = {}) {
      const figure = document.createElement('figure');
      const caption = document.createElement('figcaption');
      caption.textContent = title;
      const place = document.createElement('div');
      place.className = 'plot';
      place.tabIndex = 0;
      place.setAttribute('role', 'group');
      place.setAttribute('aria-label', `${title}: arrow keys move, + and - zoom, 0 shows all`);
      figure.append(caption, place);
      element.append(figure);
      const isFirst = plots.length === 0;
      const data = () => [lines[0].at(), ...lines.map(line => line.values())];
      const plot = new Plot(place, prefix + name, () => ({
        height: isFirst ? 200 : 150,
        padding: [8, right ? 0 : 56, 0, 0],
        cursor: {
          sync: {key: group, filters: {pub: type => type !== 'mousedown' && type !== 'mouseup'}},
          drag: {x: true, y: false}, y: false,
        },
        scales: {
          x: {time: false, range: (chart, low, high) => (isAll(chart.data[0], low, high) ? [0, Math.max(1, end)] : [low, high])},
          y: {range: left?.range ?? Plot.range()},
          ...(right ? {right: {range: right.range}} : {}),
        },
        axes: [
          Plot.axis({size: 26, values: (chart, ticks) => ticks.map(Figures.clock), incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200]}),
          Plot.axis({size: 56, incrs: left?.incrs ?? Plot.COUNTS, values: (chart, ticks) => ticks.map(left?.format ?? Figures.short)}),
          ...(right ? [Plot.axis({side: 1, scale: 'right', size: 56, grid: {show: false}, values: (chart, ticks) => ticks.map(right.format)})] : []),
        ],
        series: [
          {label: 'at', value: (chart, second) => Figures.clock(second)},
          ...lines.map((line, k) => Plot.line(line.look ?? k, {
            label: line.label,
            scale: line.right ? 'right' : 'y',
            paths: line.stepped ? uPlot.paths.stepped({align: 1}) : undefined,
            fill: line.fill ? `${Plot.color(`line-${Plot.LINES[line.look ?? k]}`)}22` : undefined,
            value: (chart, value) => (line.format ?? Figures.count)(value),
          })),
        ],
        hooks: {drawClear: [bands(faults, isFirst)], draw: [moments(restarts)], setScale: [linkZoom]},
      }), data());
      plot.refresh = () => plot.set(data());
      keyboard(plot);
      plots.push(plot);
    }

    // A second's counts stand from its beginning to its end, what is open at its end.
    const begins = values => () => values().map((value, i) => i);
    const ends = values => () => values().map((value, i) => i + 1);
    const line = (label, values, at, more = {}) => ({label, values, at: at(values), ...more});

    if (faults.length > 0) {
      element.append(key(faults));
    }
    add('open', 'Clients open, and ready', [
      line('open', () => held.open, ends, {fill: true}),
      line('ready', () => held.ready, ends),
    ]);
    add('attempts', 'Attempts, opened and failed, each second', [
      line('attempts', () => held.attempts, begins, {stepped: true, fill: true}),
      line('opened', () => held.opened, begins, {stepped: true, look: 2}),
      line('failed', () => held.failed, begins, {stepped: true, look: 1}),
    ]);
    let codes = [];

    function addCloses() {
      codes = Object.keys(held.closedByCode);
      if (codes.length > 0) {
        add('closes', 'Closes by code, each second', codes.map((code, k) =>
          line(`${code}${names[code] ? ` ${names[code]}` : ''}`, () => held.closedByCode[code], begins, {stepped: true, look: k})));
      }
    }

    addCloses();
    if (held.stallMillis) {
      add('machine', 'The machine: the longest stall of any process, and how busy the processors were', [
        line('stall', () => held.stallMillis, begins, {stepped: true, format: Figures.millis, look: 1}),
        line('busy', () => held.busy ?? held.stallMillis.map(() => null), begins, {right: true, format: Figures.share, look: 5}),
      ], {left: {format: Figures.millis, range: Plot.range(20)}, right: {format: Figures.share, range: () => [0, 1]}});
    }
    observed.forEach((each, i) => add(`observed-${i}`, `Observed: ${each.name}${each.unit ? ` (${each.unit})` : ''}`, [
      line(each.name, () => each.series, begins, {look: i + 3, format: Figures.number}),
    ], {left: {format: Figures.number, incrs: undefined}}));

    /** Takes what happened in a second; null where nothing is known of it. It is shown when drawn. */
    function take(second, values) {
      for (const [name, held1] of Object.entries(held)) {
        if (Array.isArray(held1)) {
          while (held1.length < second) {
            held1.push(null);
          }
          held1[second] = values[name] ?? null;
        }
      }
      for (const [code, count] of Object.entries(values.closedByCode ?? {})) {
        held.closedByCode[code] ??= [];
        const counts = held.closedByCode[code];
        while (counts.length < second) {
          counts.push(0);
        }
        counts[second] = count;
      }
      for (const counts of Object.values(held.closedByCode)) {
        while (counts.length <= second) {
          counts.push(0);
        }
      }
      end = Math.max(end, second + 1);
    }

    function push(second, values) {
      take(second, values);
      draw();
    }

    function draw() {
      if (Object.keys(held.closedByCode).length !== codes.length) {
        const old = plots.findIndex(plot => plot.name === `${prefix}closes`);
        const before = old < 0 ? null : plots[old].place.parentElement;
        if (before) {
          plots.splice(old, 1)[0].remove();
        }
        addCloses();
        const figure = plots.at(-1).place.parentElement;
        if (before) {
          before.replaceWith(figure);
        } else {
          plots.find(plot => plot.name === `${prefix}attempts`).place.parentElement.after(figure);
        }
      }
      plots.forEach(plot => plot.refresh());
    }

    return {push, take, draw, plots};
  }

  return {mount};
})();
