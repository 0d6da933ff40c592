// The canvas at the right: all rows of an answer with sorting and paging, its chart, its query, its receipt, downloads.
import { gather } from './parts.js';

const PAGE = 50;

export function makeCanvas({ React, Icons, Chart, parts }) {
  const h = React.createElement;
  const { Table, Code, Facts } = parts;

  // Rows from the server, or from the card where no result is kept (any more).
  function useRows(table, offset, sort) {
    const [page, setPage] = React.useState(null);
    const [busy, setBusy] = React.useState(false);
    const [note, setNote] = React.useState('');
    React.useEffect(() => {
      const asked = new AbortController();
      const query = new URLSearchParams({ offset, limit: PAGE, ...(sort ? { sort: sort.name, desc: sort.desc } : {}) });
      const load = async () => {
        setBusy(true);
        try {
          const answer = await fetch(`/v1/results/${encodeURIComponent(table.result)}?${query}`, { credentials: 'include', signal: asked.signal });
          if (!answer.ok) throw new Error(answer.status === 404 ? 'gone' : 'refused');
          setPage(await answer.json());
          setNote('');
        } catch (error) {
          if (error.name === 'AbortError') return;
          setNote(error.message === 'gone'
            ? 'All rows are not kept any more. These came with the answer; ask again for the rest.'
            : 'All rows could not be fetched just now. These came with the answer.');
        }
        setBusy(false);
      };
      if (table.result) load();
      return () => asked.abort();
    }, [table.result, offset, sort?.name, sort?.desc]);
    if (page && !note) return { ...page, busy, note, whole: true };
    return { columns: table.columns, rows: local(table, sort).slice(offset, offset + PAGE), total: table.rows.length, busy: busy && !page, note, whole: false };
  }

  function local(table, sort) {
    const at = table.columns.findIndex((column) => column.name === sort?.name);
    if (at < 0) return table.rows;
    const compare = (a, b) => (a === null) - (b === null) || (a === null ? 0 : (typeof a === 'number' ? a - b : String(a).localeCompare(String(b))) * (sort.desc ? -1 : 1));
    return [...table.rows].sort((one, other) => compare(one[at], other[at]));
  }

  function Rows({ table }) {
    const [offset, setOffset] = React.useState(0);
    const [sort, setSort] = React.useState(null);
    const { columns, rows, total, busy, note } = useRows(table, offset, sort);
    const turn = (name) => { setOffset(0); setSort((now) => (now?.name !== name ? { name, desc: false } : now.desc ? null : { name, desc: true })); };
    const step = (by, words, Icon, off) => h('button', { type: 'button', className: 'ql-icon', disabled: off, 'aria-label': words, title: words, onClick: () => setOffset(offset + by) }, h(Icon, { size: 16 }));
    return h('section', { className: 'ql-rows' },
      note ? h('p', { className: 'ql-note', role: 'status' }, note) : null,
      h(Table, { columns, rows, sort, onSort: turn, busy }),
      h('nav', { 'aria-label': 'Pages' },
        h('span', null, total ? `${(offset + 1).toLocaleString('en-US')}–${Math.min(offset + PAGE, total).toLocaleString('en-US')} of ${total.toLocaleString('en-US')}` : 'No rows'),
        step(-PAGE, 'Previous page', Icons.ChevronLeft, offset === 0), step(PAGE, 'Next page', Icons.ChevronRight, offset + PAGE >= total)));
  }

  function Downloads({ table, chart, run, title }) {
    const link = (words, href) => h('a', { key: words, className: 'ql-button', href, download: '' }, h(Icons.Download, { size: 14 }), words);
    const result = table?.result && `/v1/results/${encodeURIComponent(table.result)}`;
    const name = `name=${encodeURIComponent(title.slice(0, 60))}`;
    const theme = document.documentElement.classList.contains('dark') ? 'dark' : 'light';
    return h('div', { className: 'ql-downloads' },
      result ? ['csv', 'parquet', 'xlsx'].map((format) => link({ csv: 'CSV', parquet: 'Parquet', xlsx: 'Excel' }[format], `${result}.${format}?${name}`)) : null,
      chart && run ? link('PNG', `/v1/runs/${encodeURIComponent(run)}/chart.png?theme=${theme}`) : null);
  }

  return function Canvas({ message, card }) {
    const { title, table, chart, code, folded } = gather(card);
    const views = [
      table?.columns.length ? ['Table', Icons.Table2 ?? Icons.Table] : null,
      chart ? ['Chart', Icons.ChartColumn ?? Icons.BarChart3 ?? Icons.BarChart] : null,
      code ? ['SQL', Icons.Code ?? Icons.Code2] : null,
      folded.length ? ['Receipt', Icons.ReceiptText ?? Icons.Receipt ?? Icons.FileText] : null
    ].filter(Boolean);
    const [wanted, setView] = React.useState('');
    const names = views.map(([name]) => name);
    const view = names.includes(wanted) ? wanted : chart ? 'Chart' : names[0];
    const turn = (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (by) setView(names[(names.indexOf(view) + by + names.length) % names.length]);
    };
    return h('div', { className: 'ql-canvas' },
      h('header', null, h('h2', { dir: 'auto', title }, title || 'Answer')),
      h('div', { className: 'ql-tabs', role: 'tablist', onKeyDown: turn }, views.map(([name, Icon]) =>
        h('button', { key: name, type: 'button', role: 'tab', 'aria-selected': name === view, tabIndex: name === view ? 0 : -1, onClick: () => setView(name) }, h(Icon, { size: 15 }), name))),
      h('div', { className: 'ql-view', role: 'tabpanel', 'aria-label': view, key: message + view },
        view === 'Table' ? h(Rows, { table, key: `${message}/${table.result}` }) : null,
        view === 'Chart' ? h(Chart, { spec: chart.spec, alt: chart.alt, run: card.run, height: 360 }) : null,
        view === 'Chart' ? h('p', { className: 'ql-muted' }, chart.alt) : null,
        view === 'SQL' ? h(Code, { text: code.text, language: code.language }) : null,
        view === 'Receipt' ? folded.map((part, n) => h('section', { key: n, className: 'ql-folded' },
          folded.length > 1 ? h('h3', { className: 'ql-heading' }, part.title) : null,
          h(Facts, { pairs: part.facts }),
          part.notes.map((note, at) => h('p', { key: at, className: 'ql-muted' }, note.text)))) : null),
      h(Downloads, { table, chart, run: card.run, title }));
  };
}
