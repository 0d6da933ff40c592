// A card in the chat: every element, every kind of input, every style of button.
import { address } from './format.js';
import { gather, wide } from './parts.js';

const SHOWN = 8;
const opened = new Set();

export function makeCard({ React, Icons, Recoil, Sonner, Client, Chart, parts }) {
  const h = React.createElement;
  const { Table, Code, Facts } = parts;

  const SIGNS = { good: 'CircleCheck', warning: 'TriangleAlert', bad: 'CircleAlert' };
  const TAGS = { title: 'h3', heading: 'h4' };

  function Text({ text, style }) {
    if (!text.trim()) return null;
    const Sign = SIGNS[style] && (Icons[SIGNS[style]] ?? Icons.Info);
    return h(TAGS[style] ?? 'p', { className: `ql-text ql-${style}`, dir: 'auto' }, Sign ? h(Sign, { size: 17 }) : null, h('span', null, text));
  }

  function Preview({ element, open }) {
    const { columns, rows, total, title } = element;
    const more = Math.max(total, rows.length) - Math.min(rows.length, SHOWN);
    return h('div', { className: 'ql-block' },
      title ? h('h4', { className: 'ql-text ql-heading' }, title) : null,
      columns.length ? h(Table, { columns, rows: rows.slice(0, SHOWN) }) : null,
      more > 0 ? h('button', { type: 'button', className: 'ql-more', onClick: open }, `${more.toLocaleString('en-US')} more rows`, h(Icons.ArrowRight, { size: 14 })) : null);
  }

  function Progress({ label, done, total }) {
    const known = total > 0 ? Math.min(Math.max(done / total, 0), 1) : null;
    return h('div', { className: 'ql-progress', role: 'status' },
      h('div', null, h(Icons.LoaderCircle ?? Icons.Loader2, { size: 16, className: 'animate-spin' }), h('span', null, label || 'Working')),
      h('div', { className: known === null ? 'ql-bar ql-endless' : 'ql-bar', role: 'progressbar', 'aria-valuenow': known === null ? undefined : Math.round(known * 100) },
        h('i', { style: known === null ? undefined : { width: `${known * 100}%` } })));
  }

  function Details({ element, draw }) {
    return h('details', { className: 'ql-details' },
      h('summary', null, h(Icons.ChevronRight, { size: 15 }), element.title || 'Details'),
      h('div', null, element.body.map(draw)));
  }

  function File({ element }) {
    const url = address(element.url) || (element.result ? `/v1/results/${encodeURIComponent(element.result)}.${encodeURIComponent(element.format)}?name=${encodeURIComponent(element.name.replace(/\.\w+$/, ''))}` : '');
    return h('a', { className: 'ql-button', href: url || undefined, download: element.name }, h(Icons.Download, { size: 15 }), element.name);
  }

  function Input({ element, value, set, disabled }) {
    const { id, label, kind, placeholder, choices, required, limit } = element;
    const shared = { id: `ql-${id}`, disabled, required, placeholder: placeholder || undefined, maxLength: limit > 0 ? limit : undefined };
    const chosen = kind === 'choices' ? (Array.isArray(value) ? value : String(value ?? '').split(',').filter(Boolean)) : [];
    const toggle = (name) => set(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
    const check = (name, words, on, change) => h('label', { key: name, className: 'ql-check' },
      h('input', { type: 'checkbox', checked: on, disabled, onChange: change }), h('span', null, words));
    const plain = (type) => h('input', { ...shared, type, value: value ?? '', onChange: (event) => set(event.target.value) });
    const fields = {
      text: () => plain('text'),
      number: () => plain('number'),
      date: () => plain('date'),
      multiline: () => h('textarea', { ...shared, rows: Math.min(14, Math.max(3, String(element.value ?? '').split('\n').length)), value: value ?? '', onChange: (event) => set(event.target.value) }),
      toggle: () => check(id, label, value === true || value === 'true', (event) => set(event.target.checked)),
      choices: () => h('div', { className: 'ql-checks' }, choices.map((choice) => check(choice.value, choice.label, chosen.includes(choice.value), () => toggle(choice.value)))),
      choice: () => h('select', { ...shared, value: value ?? '', onChange: (event) => set(event.target.value) },
        h('option', { value: '' }, placeholder || 'Choose…'), choices.map((choice, n) => h('option', { key: n, value: choice.value }, choice.label)))
    };
    return h('div', { className: 'ql-input' },
      kind === 'toggle' ? null : h('label', { htmlFor: `ql-${id}` }, label, required ? h('span', { 'aria-hidden': true }, ' *') : null),
      (fields[kind] ?? fields.text)());
  }

  function Button({ button, busy, press, chip }) {
    const [asking, setAsking] = React.useState(false);
    const style = `ql-button ql-${button.style}${chip ? ' ql-chip' : ''}`;
    const url = address(button.url);
    if (url) return h('a', { className: style, href: url, target: '_blank', rel: 'noopener noreferrer' }, button.label, h(Icons.ExternalLink, { size: 14 }));
    if (asking) {
      return h('span', { className: 'ql-confirm', role: 'alertdialog' }, h('span', null, button.confirm),
        h('button', { type: 'button', className: `ql-button ql-${button.style}`, autoFocus: true, onClick: () => { setAsking(false); press(button); } }, button.label),
        h('button', { type: 'button', className: 'ql-button', onClick: () => setAsking(false) }, 'Cancel'));
    }
    const mine = busy === button;
    return h('button', { type: 'button', className: style, disabled: Boolean(busy), title: button.label.length > 40 ? button.label : undefined,
      onClick: () => (button.confirm ? setAsking(true) : press(button)) },
      mine ? h(Icons.LoaderCircle ?? Icons.Loader2, { size: 14, className: 'animate-spin' }) : null, h('span', null, button.label));
  }

  // Thumbs; a thumb down is answered with a card that asks what was wrong.
  function Feedback({ buttons, press, busy }) {
    const [given, setGiven] = React.useState('');
    const send = (button) => { setGiven(button.payload.value); press(button); };
    return buttons.map((button) => {
      const up = button.payload.value === 'up';
      const label = up ? 'This helped' : 'This is wrong';
      return h('button', { key: button.payload.value, type: 'button', className: `ql-icon${given === button.payload.value ? ' ql-given' : ''}`, disabled: Boolean(busy),
        title: label, 'aria-label': label, 'aria-pressed': given === button.payload.value, onClick: () => send(button) },
        h(up ? Icons.ThumbsUp : Icons.ThumbsDown, { size: 15 }));
    });
  }

  return function Card({ message, version, settled, card, callAction }) {
    const inputs = React.useMemo(() => card.body.flatMap((element) => (element['@'] === 'Details' ? element.body : [element])).filter((element) => element['@'] === 'Input'), [card]);
    // What was typed, for as long as the card asks for the same; a card that is replaced in place begins anew.
    const asked = JSON.stringify(inputs.map(({ id, value }) => [id, value]));
    const [typed, setTyped] = React.useState({ asked, values: {} });
    const values = { ...Object.fromEntries(inputs.map((input) => [input.id, input.value])), ...(typed.asked === asked ? typed.values : {}) };
    const set = (id, value) => setTyped((now) => ({ asked, values: { ...(now.asked === asked ? now.values : {}), [id]: value } }));
    const [busy, setBusy] = React.useState(null);
    const setElements = Recoil.useSetRecoilState(Client.elementState);
    const setSideView = Recoil.useSetRecoilState(Client.sideViewState);
    const newest = Recoil.useRecoilValue(Client.messagesState).at(-1)?.id === message;
    const found = gather(card);
    const canvas = Boolean(settled && (found.table?.rows.length || found.chart));

    const open = React.useCallback(() => {
      const element = { id: 'canvas', forId: message, type: 'custom', name: 'canvas', display: 'side', mime: 'application/json', props: { message, card } };
      setElements((all) => [...all.filter((one) => one.id !== 'canvas'), element]);
      setSideView({ title: 'canvas', elements: [element] });
    }, [message, card]);

    React.useEffect(() => setBusy(null), [version]);
    React.useEffect(() => {
      const key = `${message}/${version}`;
      if (!newest || !canvas || opened.has(key) || !wide()) return;
      opened.add(key);
      open();
    }, [newest, canvas, version]);

    const press = async (button) => {
      const missing = inputs.find((input) => input.required && !String(values[input.id] ?? '').trim());
      if (missing) return Sonner.toast.error(`Fill in “${missing.label}” first.`);
      setBusy(button);
      try {
        const payload = { message, press: crypto.randomUUID?.() ?? uuid(), verb: button.verb, payload: button.payload, inputs: values };
        const answer = await callAction({ name: 'press', payload });
        if (answer?.response?.error) Sonner.toast.error(answer.response.error);
        else if (button.payload.value === 'up') Sonner.toast.success('Thank you.');
        if (answer?.response?.error || button.verb === 'run.feedback' || button.verb === 'ask') setBusy(null);
        else setTimeout(() => setBusy(null), 8000);
      } catch {
        setBusy(null);
        Sonner.toast.error('The server could not be reached. Nothing was changed; try again.');
      }
      return null;
    };

    const draw = (element, n) => {
      const props = { key: n, element };
      switch (element['@']) {
        case 'Text': return h(Text, { key: n, ...element });
        case 'Facts': return h(Facts, { key: n, pairs: element.pairs });
        case 'Table': return h(Preview, { ...props, open });
        case 'Code': return h(Code, { key: n, ...element });
        case 'Chart': return h('div', { key: n, className: 'ql-block' }, h(Chart, { spec: element.spec, alt: element.alt, run: card.run, height: 220 }));
        case 'Image': return address(element.url) ? h('img', { key: n, className: 'ql-image', src: address(element.url), alt: element.alt, loading: 'lazy' }) : null;
        case 'File': return h(File, props);
        case 'Progress': return h(Progress, { key: n, ...element });
        case 'Input': return h(Input, { ...props, value: values[element.id], disabled: Boolean(busy), set: (value) => set(element.id, value) });
        case 'Details': return h(Details, { ...props, draw });
        default: return null;
      }
    };

    const thumbs = card.actions.filter((button) => button.verb === 'run.feedback' && !button.payload.final);
    const actions = card.actions.filter((button) => !thumbs.includes(button) && !(button.verb === 'run.csv' && found.table?.result));
    const question = card.body.every((element) => element['@'] === 'Text');
    const file = found.table?.result && `/v1/results/${encodeURIComponent(found.table.result)}.csv?name=${encodeURIComponent(found.title.slice(0, 60))}`;
    return h('article', { className: 'ql-card', 'data-settled': settled, 'data-run': card.run },
      card.body.length ? card.body.map(draw) : h(Text, { text: card.fallback, style: 'body' }),
      card.alternatives.length
        ? h('div', { className: 'ql-readings' }, question || !canvas ? null : h('span', null, 'Or did you mean'),
            card.alternatives.map((button, n) => h(Button, { key: n, button, busy, press, chip: true })))
        : null,
      actions.length ? h('div', { className: 'ql-actions' }, actions.map((button, n) => h(Button, { key: n, button, busy, press }))) : null,
      canvas || thumbs.length
        ? h('footer', null,
            canvas ? h('button', { type: 'button', className: 'ql-open', onClick: open }, h(Icons.PanelRight, { size: 15 }), 'Open') : null,
            file ? h('a', { className: 'ql-open', href: file, download: '' }, h(Icons.Download, { size: 15 }), 'CSV') : null,
            thumbs.length ? h('span', { className: 'ql-thumbs' }, h(Feedback, { buttons: thumbs, press, busy })) : null)
        : null);
  };
}

// For pages served without https, where the browser offers no randomUUID.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}`;
}
