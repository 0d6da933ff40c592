// A Vega-Lite specification as inline SVG: bars, lines, areas and points, in the page's own colours and at its own width.
// What it can't draw (`plan` gives null) is fetched from the server as a picture.
import { dates, number, short, time } from './format.js';

const KINDS = ['bar', 'line', 'area', 'point', 'circle'];
const SERIES = 8;

export function plan(spec) {
  const mark = typeof spec?.mark === 'string' ? spec.mark : spec?.mark?.type;
  const rows = spec?.data?.values;
  const { x, y, color, xOffset, yOffset } = spec?.encoding ?? {};
  if (!KINDS.includes(mark) || !Array.isArray(rows) || !rows.length || !x?.field || !y?.field) return null;
  if ([x, y].some((channel) => channel.aggregate || channel.bin || channel.timeUnit)) return null;
  const lying = mark === 'bar' && x.type === 'quantitative' && y.type !== 'quantitative';
  const [key, value] = lying ? [y, x] : [x, y];
  if (value.type !== 'quantitative') return null;
  const groups = color?.field && color.field !== key.field ? order(rows, color).map((name) => String(name ?? '–')) : [''];
  if (groups.length > SERIES) return null;
  const keys = order(rows, key, key.type === 'temporal' || key.type === 'quantitative');
  const at = new Map(keys.map((name, n) => [name, n]));
  const points = groups.map((group) =>
    rows
      .filter((row) => !group || String(row[color.field] ?? '–') === group)
      .map((row) => ({ key: row[key.field], at: at.get(row[key.field]), value: row[value.field], group }))
      .filter((point) => typeof point.value === 'number')
      .sort((one, other) => one.at - other.at)
  );
  // Names that would not fit side by side are read better beside bars that lie.
  const across = lying || (mark === 'bar' && key.type === 'nominal' && keys.some((name) => String(name).length > 9));
  return {
    mark: mark === 'circle' ? 'point' : mark,
    across,
    grouped: Boolean(xOffset || yOffset),
    key: { ...key, title: key.title ?? key.field },
    value: { ...value, title: value.title ?? value.field },
    keys,
    groups,
    points,
    label: labels(keys, key.type)
  };
}

function order(rows, channel, sorted = false) {
  const found = [...new Set(rows.map((row) => row[channel.field]))];
  if (sorted) return found.sort((a, b) => (typeof a === 'number' ? a - b : time(a) - time(b)));
  const wanted = Array.isArray(channel.sort) ? channel.sort.filter((name) => found.includes(name)) : [];
  return [...wanted, ...found.filter((name) => !wanted.includes(name))];
}

function labels(keys, kind) {
  const times = keys.map(time);
  if (kind !== 'temporal' || times.some(Number.isNaN)) return (key) => (typeof key === 'number' ? number(key) : String(key ?? '–'));
  const write = dates(times);
  return (key) => write(time(key));
}

function scale(low, high) {
  const span = high - low || Math.abs(high) || 1;
  const raw = span / 5;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((n) => n * size >= raw) * size;
  const ticks = [];
  for (let n = Math.floor(low / step + 1e-9); n * step < high + step * (1 - 1e-9); n++) ticks.push(Number((n * step).toPrecision(12)));
  if (ticks.length < 2) ticks.push(ticks[0] + step);
  return ticks;
}

function extent(drawn, stacked) {
  if (!stacked) {
    const values = drawn.points.flat().map((point) => point.value);
    return [Math.min(...values), Math.max(...values)];
  }
  const sums = drawn.keys.map((_, n) => drawn.points.flat().filter((point) => point.at === n));
  const side = (points, sign) => points.reduce((sum, point) => sum + (Math.sign(point.value) === sign ? point.value : 0), 0);
  return [Math.min(...sums.map((points) => side(points, -1))), Math.max(...sums.map((points) => side(points, 1)))];
}

const colour = (n) => `var(--ql-c${n % SERIES})`;

export function makeChart({ React }) {
  const h = React.createElement;

  function Legend({ groups }) {
    if (groups.length < 2) return null;
    return h('div', { className: 'ql-legend' }, groups.map((name, n) =>
      h('span', { key: name }, h('i', { style: { background: colour(n) } }), name)));
  }

  // A bubble beside the pointer; `lines` are [colour, name, value].
  function Tip({ tip, width }) {
    if (!tip) return null;
    const left = tip.x > width / 2;
    return h('div', { className: 'ql-tip', style: { left: tip.x, top: tip.y, transform: `translate(${left ? 'calc(-100% - 12px)' : '12px'}, -50%)` } },
      h('b', null, tip.title),
      tip.lines.map(([paint, name, value], n) =>
        h('div', { key: n }, paint ? h('i', { style: { background: paint } }) : null, name ? h('span', null, name) : null, h('em', null, value))));
  }

  function Bars({ drawn, width, tip }) {
    const { keys, points, groups, label, grouped } = drawn;
    const stacked = !grouped && groups.length > 1;
    const [low, high] = extent(drawn, stacked);
    const ticks = scale(Math.min(0, low), Math.max(0, high));
    const longest = Math.max(...keys.map((key) => label(key).length));
    const left = Math.min(Math.max(longest * 6.6 + 14, 40), width * 0.38);
    const band = grouped ? Math.max(12 * groups.length + 8, 26) : 30;
    const room = width - left - (stacked || grouped ? 14 : 64);
    const to = (value) => left + ((value - ticks[0]) / (ticks.at(-1) - ticks[0])) * room;
    const height = keys.length * band + 26;
    const cut = Math.floor(left / 6.9);
    const ends = keys.map(() => [0, 0]);
    const marks = points.flatMap((series, g) => series.map((point) => {
      const from = stacked ? ends[point.at][point.value < 0 ? 1 : 0] : 0;
      if (stacked) ends[point.at][point.value < 0 ? 1 : 0] += point.value;
      const [a, b] = [to(from), to(from + point.value)];
      const thick = grouped ? (band - 8) / groups.length : band - 10;
      const y = point.at * band + (grouped ? 4 + g * thick : 5);
      const name = label(point.key);
      const show = () => tip({ x: Math.max(a, b), y: y + thick / 2, title: name, lines: [[colour(g), point.group || drawn.value.title, number(point.value)]] });
      return h('g', { key: `${g}-${point.at}`, onMouseEnter: show, onMouseLeave: () => tip(null) },
        h('rect', { x: Math.min(a, b), y, width: Math.max(Math.abs(b - a), 1), height: thick - (grouped ? 1 : 0), rx: 3, fill: colour(g) }),
        !stacked && !grouped ? h('text', { x: Math.max(a, b) + 6, y: y + thick / 2, dy: '.35em', className: 'ql-value' }, number(point.value).length < 9 ? number(point.value) : short(point.value)) : null);
    }));
    return h('svg', { width, height, role: 'presentation' },
      ticks.map((tick) => h('g', { key: tick },
        h('line', { x1: to(tick), x2: to(tick), y1: 0, y2: height - 24, className: tick === 0 ? 'ql-axis' : 'ql-grid' }),
        h('text', { x: to(tick), y: height - 8, textAnchor: 'middle' }, short(tick)))),
      keys.map((key, n) => h('text', { key: n, x: left - 8, y: n * band + band / 2, dy: '.35em', textAnchor: 'end' },
        h('title', null, label(key)), label(key).length > cut ? `${label(key).slice(0, cut - 1)}…` : label(key))),
      marks);
  }

  function Plot({ drawn, width, height, tip }) {
    const { keys, points, groups, mark, key, label, grouped } = drawn;
    const stacked = mark === 'bar' && !grouped && groups.length > 1;
    const [low, high] = extent(drawn, stacked);
    const flat = mark === 'bar' || mark === 'area' || (low >= 0 && low < high * 0.6);
    const ticks = scale(flat ? Math.min(0, low) : low, flat ? Math.max(0, high) : high);
    const left = Math.max(...ticks.map((tick) => short(tick).length)) * 7 + 14;
    const [right, bottom, top] = [14, 26, 8];
    const room = width - left - right;
    const measured = mark === 'point' && key.type === 'quantitative';
    const wide = room / keys.length;
    const spots = keys.map(key.type === 'temporal' ? time : key.type === 'quantitative' ? Number : (_, n) => n);
    const across = measured ? scale(Math.min(...spots), Math.max(...spots)) : null;
    const [first, last] = across ? [across[0], across.at(-1)] : [Math.min(...spots), Math.max(...spots)];
    const x = (n) => mark === 'bar' || first === last ? left + (n + 0.5) * wide : left + ((spots[n] - first) / (last - first)) * room;
    const y = (value) => top + (1 - (value - ticks[0]) / (ticks.at(-1) - ticks[0])) * (height - top - bottom);
    const most = Math.max(Math.floor(room / 84), 2);
    const every = Math.ceil(keys.length / most);
    const hover = (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      const at = event.clientX - box.left;
      let near = 0;
      keys.forEach((_, n) => { if (Math.abs(x(n) - at) < Math.abs(x(near) - at)) near = n; });
      const here = points.map((series, g) => [g, series.find((point) => point.at === near)]).filter(([, point]) => point);
      tip({ at: near, x: x(near), y: Math.min(...here.map(([, point]) => y(point.value))), title: label(keys[near]),
        lines: here.map(([g, point]) => [colour(g), point.group || drawn.value.title, number(point.value)]) });
    };
    const ends = keys.map(() => [0, 0]);
    const bars = () => points.flatMap((series, g) => series.map((point) => {
      const from = stacked ? ends[point.at][point.value < 0 ? 1 : 0] : 0;
      if (stacked) ends[point.at][point.value < 0 ? 1 : 0] += point.value;
      const thick = Math.min((wide * 0.72) / (grouped ? groups.length : 1), 56);
      const start = x(point.at) - (grouped ? (thick * groups.length) / 2 - g * thick : thick / 2);
      const [a, b] = [y(from), y(from + point.value)];
      return h('rect', { key: `${g}-${point.at}`, x: start, y: Math.min(a, b), width: Math.max(thick - (grouped ? 1 : 0), 1), height: Math.max(Math.abs(a - b), 1), rx: 2, fill: colour(g) });
    }));
    const path = (series) => series.map((point, n) => `${n ? 'L' : 'M'}${x(point.at)},${y(point.value)}`).join('');
    const lines = () => points.map((series, g) => h('g', { key: g },
      mark === 'area' && series.length ? h('path', { d: `${path(series)}L${x(series.at(-1).at)},${y(0)}L${x(series[0].at)},${y(0)}Z`, fill: colour(g), opacity: 0.2 }) : null,
      h('path', { d: path(series), fill: 'none', stroke: colour(g), strokeWidth: 2.25, strokeLinejoin: 'round' }),
      series.length <= 40 ? series.map((point) => h('circle', { key: point.at, cx: x(point.at), cy: y(point.value), r: 2.75, fill: colour(g) })) : null));
    const dots = () => points.flatMap((series, g) => series.map((point, n) =>
      h('circle', { key: `${g}-${n}`, cx: x(point.at), cy: y(point.value), r: 3.5, fill: colour(g), opacity: 0.7 })));
    const shown = across
      ? across.map((tick) => [tick, left + ((tick - first) / (last - first)) * room, short(tick)])
      : keys.map((name, n) => [n, x(n), label(name)]).filter(([n]) => n % every === 0);
    return h('svg', { width, height, role: 'presentation', onMouseMove: hover, onMouseLeave: () => tip(null) },
      ticks.map((tick) => h('g', { key: tick },
        h('line', { x1: left, x2: width - right, y1: y(tick), y2: y(tick), className: tick === 0 ? 'ql-axis' : 'ql-grid' }),
        h('text', { x: left - 8, y: y(tick), dy: '.35em', textAnchor: 'end' }, short(tick)))),
      shown.map(([id, at, words]) => h('text', { key: id, x: Math.min(Math.max(at, 24), width - 30), y: height - 7, textAnchor: 'middle' },
        words.length > 14 ? `${words.slice(0, 13)}…` : words)),
      mark === 'bar' ? bars() : mark === 'point' ? dots() : lines());
  }

  return function Chart({ spec, run, alt, height = 240 }) {
    const box = React.useRef(null);
    const [width, setWidth] = React.useState(0);
    const [tip, setTip] = React.useState(null);
    const drawn = React.useMemo(() => plan(spec), [spec]);
    React.useEffect(() => {
      const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
      watch.observe(box.current);
      return () => watch.disconnect();
    }, []);
    const dark = document.documentElement.classList.contains('dark');
    if (!drawn) {
      const picture = run ? `/v1/runs/${encodeURIComponent(run)}/chart.png?theme=${dark ? 'dark' : 'light'}` : '';
      return h('div', { ref: box, className: 'ql-chart' }, picture ? h('img', { src: picture, alt }) : h('p', { className: 'ql-muted' }, alt));
    }
    const Drawing = drawn.across ? Bars : Plot;
    return h('figure', { ref: box, className: 'ql-chart', role: 'img', 'aria-label': alt },
      h('figcaption', null, drawn.value.title),
      h(Legend, { groups: drawn.groups }),
      h('div', { className: 'ql-plot' },
        width > 60 ? h(Drawing, { drawn, width, height, tip: setTip }) : h('div', { style: { height } }),
        tip?.at !== undefined && !drawn.across ? h('div', { className: 'ql-rule', style: { left: tip.x } }) : null,
        h(Tip, { tip, width })));
  };
}
