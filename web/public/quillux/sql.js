// SQL in colours: words, names, text, numbers, comments. Splits only; nothing is interpreted.
const WORDS = new Set(
  (
    'select from where group by order having limit offset join inner left right full outer cross on using as and or not in is ' +
    'null like ilike between exists case when then else end distinct union all intersect except with over partition rows ' +
    'range asc desc nulls first last cast interval date timestamp extract filter true false values lateral any some'
  ).split(' ')
);
const PARTS = /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*')|("(?:[^"]|"")*"|`[^`]*`)|(\b\d+(?:\.\d+)?\b)|([A-Za-z_][\w$]*)|(\s+|[^\w\s])/g;

export function tokens(text) {
  const found = [];
  for (const [all, comment, string, name, figure, word] of text.matchAll(PARTS)) {
    const kind = comment
      ? 'comment'
      : string
        ? 'string'
        : name
          ? 'name'
          : figure
            ? 'number'
            : word && WORDS.has(word.toLowerCase())
              ? 'word'
              : word && /^\s*\(/.test(text.slice(found.at(-1)?.end ?? 0).slice(all.length, all.length + 2))
                ? 'function'
                : '';
    const end = (found.at(-1)?.end ?? 0) + all.length;
    found.push({ kind, text: all, end });
  }
  return found;
}
