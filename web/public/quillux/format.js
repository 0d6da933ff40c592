// Values as people read them: the same words as conversation/cells.py.
const SYMBOLS = { EUR: '€', USD: '$', GBP: '£', JPY: '¥' };
export const EMPTY = '–';

const fixed = (value, digits) =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

export function number(value) {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString('en-US');
  if (Math.abs(value) >= 1) return fixed(value, 2);
  return String(Number(value.toPrecision(4)));
}

export function cell(value, column) {
  if (value === null || value === undefined) return EMPTY;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return column.kind === 'text' ? value : value.trim().split(/\s+/).join(' ');
  const unit = column.unit || '';
  switch (column.kind) {
    case 'money':
      return SYMBOLS[unit] ? SYMBOLS[unit] + fixed(value, 2) : `${fixed(value, 2)} ${unit}`.trimEnd();
    case 'percent':
      return `${fixed(value, 1)} %`;
    case 'text':
      return String(value);
    default:
      return `${number(value)} ${unit}`.trimEnd();
  }
}

export const numeric = (column) => ['integer', 'number', 'money', 'percent'].includes(column.kind);

// Axis labels: 1,250 -> 1.25K.
export const short = (value) =>
  Math.abs(value) < 1000
    ? number(Math.round(value * 1000) / 1000)
    : new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 2 }).format(value);

const DATE = /^\d{4}-\d{2}(-\d{2})?([T ].*)?$/;
export function time(value) {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !DATE.test(value)) return NaN;
  const whole = value.length === 7 ? `${value}-01` : value.replace(' ', 'T');
  return Date.parse(whole.length === 10 ? `${whole}T00:00:00Z` : /[Z+]/.test(whole) ? whole : `${whole}Z`);
}

// One form for all dates of an axis: years, months, days or hours, whichever tells them apart.
export function dates(times) {
  const days = times.map((at) => new Date(at));
  const whole = days.every((day) => day.getUTCHours() === 0 && day.getUTCMinutes() === 0);
  const months = whole && days.every((day) => day.getUTCDate() === 1);
  const years = months && days.every((day) => day.getUTCMonth() === 0) && days.length > 1;
  const form = years
    ? { year: 'numeric' }
    : months
      ? { month: 'short', year: 'numeric' }
      : whole
        ? { day: 'numeric', month: 'short', year: 'numeric' }
        : { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false };
  const writer = new Intl.DateTimeFormat('en-GB', { ...form, timeZone: 'UTC' });
  return (at) => writer.format(at);
}

// Only addresses that a browser may open: https, http, or a path of this site.
export function address(url) {
  if (typeof url !== 'string' || !url) return '';
  if (/^\/(?![/\\])/.test(url)) return url;
  try {
    const parsed = new URL(url);
    return ['https:', 'http:'].includes(parsed.protocol) ? url : '';
  } catch {
    return '';
  }
}
