// The pieces that card and canvas share: table, code, facts, buttons.
import { cell, numeric } from './format.js';
import { tokens } from './sql.js';

export const wide = () => window.innerWidth >= 1100;

// What the canvas shows of a card: its first table, chart and query, and how it was made.
export function gather(card) {
  const all = (card?.body ?? []).flatMap((element) => (element['@'] === 'Details' ? [element, ...element.body] : [element]));
  const first = (kind) => all.find((element) => element['@'] === kind);
  const titled = card?.body?.find((element) => element['@'] === 'Text' && ['title', 'heading'].includes(element.style));
  return {
    title: titled?.text ?? '',
    table: first('Table'),
    chart: first('Chart'),
    code: first('Code'),
    folded: (card?.body ?? []).filter((element) => element['@'] === 'Details').map(({ title, body }) => ({
      title,
      facts: body.filter((element) => element['@'] === 'Facts').flatMap((element) => element.pairs),
      notes: body.filter((element) => element['@'] === 'Text')
    })).filter(({ facts, notes }) => facts.length || notes.length)
  };
}

export function makeParts({ React, Icons, Sonner }) {
  const h = React.createElement;

  function Table({ columns, rows, sort, onSort, busy }) {
    return h('div', { className: `ql-table${busy ? ' ql-busy' : ''}`, tabIndex: 0, role: 'region', 'aria-label': 'Rows' },
      h('table', null,
        h('thead', null, h('tr', null, columns.map((column, n) => {
          const mine = sort?.name === column.name;
          const Arrow = mine ? (sort.desc ? Icons.ArrowDown : Icons.ArrowUp) : Icons.ChevronsUpDown;
          return h('th', { key: n, className: numeric(column) ? 'ql-figure' : '', 'aria-sort': mine ? (sort.desc ? 'descending' : 'ascending') : undefined },
            onSort
              ? h('button', { type: 'button', onClick: () => onSort(column.name), title: `Sort by ${column.name}` }, h('span', null, column.name), h(Arrow, { size: 13 }))
              : h('span', null, column.name));
        }))),
        h('tbody', null, rows.map((row, n) => h('tr', { key: n }, row.map((value, at) => {
          const words = cell(value, columns[at]);
          return h('td', { key: at, dir: 'auto', className: numeric(columns[at]) ? 'ql-figure' : '', title: words.length > 40 ? words : undefined }, words);
        }))))),
      rows.length ? null : h('p', { className: 'ql-none' }, 'No rows.'));
  }

  function Code({ text, language }) {
    const copy = async () => {
      try {
        await navigator.clipboard.writeText(text);
        Sonner.toast.success('Copied');
      } catch {
        Sonner.toast.error('The browser did not allow copying. Select the text instead.');
      }
    };
    const drawn = language === 'sql' ? tokens(text).map((part, n) => h('span', { key: n, className: part.kind && `ql-${part.kind}` }, part.text)) : text;
    return h('div', { className: 'ql-code' },
      h('button', { type: 'button', onClick: copy, title: 'Copy', 'aria-label': 'Copy' }, h(Icons.Copy, { size: 14 })),
      h('pre', { tabIndex: 0 }, h('code', null, drawn)));
  }

  function Facts({ pairs }) {
    return h('dl', { className: 'ql-facts' }, pairs.map(([name, value], n) =>
      h('div', { key: n }, h('dt', null, name), h('dd', { dir: 'auto' }, value))));
  }

  return { Table, Code, Facts };
}
