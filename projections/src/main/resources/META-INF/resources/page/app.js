import { get, follow, path, upload } from './api.js';
import { el, svg, safe, List, Log } from './dom.js';
import { VIEWS, compare, lanes } from './views.js';

const $ = id => document.getElementById(id);
const url = new URLSearchParams(location.search);
const state = {
  machine: url.get('machine'), at: url.has('at') ? Number(url.get('at').replace('@', '')) : null,
  from: url.has('from') ? Number(url.get('from').replace('@', '')) : null,
  view: VIEWS[url.get('view')] ? url.get('view') : 'mounts', pid: url.get('pid'), q: url.get('q') || '',
  kind: url.get('kind'), name: url.get('name'), theme: url.get('theme'), live: url.has('live'),
  cursor: null, end: 0, names: new Map(), why: null, ns: url.get('ns'),
  lo: 0, hi: null, // the part of the log that the timeline shows; hi null: to the end
};

function mirror() {
  const query = new URLSearchParams();
  query.set('machine', state.machine);
  if (!state.live) query.set('at', '@' + state.at); else query.set('live', '');
  if (state.from !== null) query.set('from', '@' + state.from);
  query.set('view', state.view);
  for (const name of ['pid', 'ns', 'q', 'kind', 'name', 'theme']) if (state[name]) query.set(name, state[name]);
  history.replaceState(null, '', '?' + query);
}

function notice(text) { $('notice').hidden = !text; $('notice').textContent = safe(text); }

const list = new List($('view'), 'tree', () => [], choose);
const eventRow = row => [el('span', { class: 'soft' }, '@' + row.position), el('span', { class: 'rest' }, row.text.replace(/^(\d+ +)\d+\.\d+ /, '$1'))];
const some = new List($('events'), 'listbox', eventRow, row => go(row.position));
const all = new Log($('events'), async (after, limit) => {
  const page = await get(path(state.machine, 'events'), { after: '@' + after, limit, at: '@' + Math.min(state.end, after + limit) });
  return page.rows;
}, eventRow, position => go(position));

// ---- the moment
let timer = null, running = null;
function go(at, keepLive = false) {
  if (!keepLive && state.live) live(false);
  state.at = Math.max(0, Math.min(state.end, Math.round(at)));
  cursors();
  clearTimeout(timer);
  timer = setTimeout(refresh, 40);
}

function cursors() {
  const hi = state.hi ?? state.end;
  const inside = at => at !== null && at >= state.lo && at <= hi;
  const of = at => (hi > state.lo ? 100 * (at - state.lo) / (hi - state.lo) : 0) + '%';
  $('now').style.left = of(state.at);
  $('now').hidden = !inside(state.at);
  $('from').hidden = !inside(state.from);
  if (state.from !== null) $('from').style.left = of(state.from);
  if (document.activeElement !== $('at')) $('at').value = state.at;
  $('end').textContent = 'of ' + state.end;
  $('slider').setAttribute('aria-valuemax', state.end);
  $('slider').setAttribute('aria-valuenow', state.at);
  $('slider').setAttribute('aria-valuetext', `after event ${state.at} of ${state.end}`);
  $('compare').setAttribute('aria-pressed', state.from !== null);
  $('compare').textContent = state.from === null ? 'Compare' : `Compared with @${state.from}`;
}

async function refresh() {
  mirror();
  running?.abort();
  const { signal } = running = new AbortController();
  try {
    await Promise.all([showView(signal), showEvents(signal), showWhy(signal)]);
  } catch (e) {
    if (e.name !== 'AbortError') notice(e.message);
  }
}

async function rowsAt(name, at, signal) {
  const viewer = VIEWS[name].viewer ? state.pid : null;
  const ns = name === 'mounts' ? state.ns : null;
  try {
    return (await get(path(state.machine, name), { at: '@' + at, pid: ns ? null : viewer, ns, filter: name === state.view ? rowFilter() : null }, signal)).rows;
  } catch (e) {
    if (e.status === 404) return []; // nobody is alive, or the chosen process is not there then
    throw e;
  }
}

const EVENT_FILTER = /(^|[( ])(evt|proc|fd|note)\.[a-z]+\b/;
const ROW_FILTER = /^\(?(not )?[a-z:-]+ *(=|!=|<|>|\bin\b|\bcontains\b|\bstartswith\b|\bexists\b)/;
const rowFilter = () => (ROW_FILTER.test(state.q) && !EVENT_FILTER.test(state.q) && state.view !== 'changes' ? state.q : null);

// Everything that can be chosen as the one whose mounts or files are shown.
async function viewers(view, tasks, signal) {
  $('viewer').hidden = !view.viewer;
  if (!view.viewer) return;
  const options = [el('option', { value: '' }, 'the oldest process')].concat(tasks.filter(t => t.tid === t.pid)
    .map(t => el('option', { value: t.pid }, `${t.pid} ${t.command}`)));
  if (state.pid && !tasks.some(t => String(t.pid) === state.pid)) options.push(el('option', { value: state.pid }, `${state.pid} (not there now)`));
  if (state.view === 'mounts') {
    const { rows } = await get(path(state.machine, 'namespaces'), { at: '@' + state.at, filter: 'type = mnt' }, signal);
    for (const r of rows.filter(n => n.ns)) options.push(el('option', { value: 'ns:' + r.ns }, `namespace mnt:[${r.ns}], ${r.nprocs} tasks`));
    if (state.ns && !rows.some(n => String(n.ns) === state.ns)) options.push(el('option', { value: 'ns:' + state.ns }, `mnt:[${state.ns}] (not there now)`));
  }
  $('pid').replaceChildren(...options);
  $('pid').value = state.ns && state.view === 'mounts' ? 'ns:' + state.ns : state.pid || '';
}

// What happened to locks around the moment.
async function lockWindow(signal) {
  const width = 1000;
  const from = Math.max(0, Math.min(state.at, state.from ?? state.at) - width / 2), to = Math.min(state.end, Math.max(state.at, from) + width / 2);
  const [before, page] = await Promise.all([rowsAt('locks', from, signal),
    get(path(state.machine, 'changes'), { after: '@' + from, at: '@' + to, what: 'locks,tasks', limit: 5000 }, signal)]);
  return { before, changes: page.rows, from, to };
}

async function showView(signal) {
  const view = VIEWS[state.view];
  const tasks = await rowsAt('tasks', state.at, signal);
  state.names = new Map(tasks.map(t => [t.tid, t.command]));
  await viewers(view, tasks, signal);
  let rows, total;
  if (state.view === 'changes') {
    const after = state.from !== null ? Math.min(state.from, state.at) : Math.max(0, state.at - 500);
    const page = await get(path(state.machine, 'changes'), { after: '@' + after, at: '@' + Math.max(state.at, state.from ?? 0), what: 'all', limit: 5000 }, signal);
    rows = page.rows;
    total = `${rows.length} changes after @${after}${page.next ? ', and more' : ''}`;
  } else {
    rows = state.view === 'tasks' ? tasks : await rowsAt(state.view, state.at, signal);
    total = `${rows.length} at @${state.at}`;
    if (state.from !== null) {
      rows = compare(view, await rowsAt(state.view, state.from, signal), rows);
      const count = mark => rows.filter(r => r.mark === mark).length;
      total = `since @${state.from}: +${count('added')} ~${count('changed')} −${count('removed')}`;
    }
    if (view.arrange) rows = view.arrange(rows);
  }
  const window = view.lanes ? await lockWindow(signal) : null;
  if (signal.aborted) return;
  if (state.q && !rowFilter() && !EVENT_FILTER.test(state.q)) {
    const q = state.q.toLowerCase();
    rows = rows.filter(r => JSON.stringify(r).toLowerCase().includes(q));
    total += `, ${rows.length} with “${state.q}”`;
  }
  $('count').textContent = safe(total);
  notice('');
  if (!rows.length && !window?.changes.length) $('view').replaceChildren(el('p', { class: 'empty' }, 'Nothing here at this moment.'));
  else if (view.lanes) lanes($('view'), rows, window, state.at, choose, go);
  else {
    list.role = view.role;
    const chosen = rows.findIndex(r => view.why && state.why && JSON.stringify(view.why(r, state.pid)) === JSON.stringify(state.why));
    if (view.kin && chosen >= 0) rows = rows.map(r => (view.kin(r, rows[chosen]) ? { ...r, kin: true } : r));
    // Rows are drawn as what they are, also while those of the next view are on their way.
    list.render = row => view.render(row, state.names);
    list.show(rows, chosen);
  }
}

let shownFilter = null;
async function showEvents(signal) {
  const filter = EVENT_FILTER.test(state.q) ? state.q : null;
  if (!filter) {
    all.show(state.end, state.at, shownFilter !== null);
  } else {
    const page = await get(path(state.machine, 'events'), { after: '@' + Math.max(0, state.at - 5000), limit: 1000, filter }, signal);
    some.show(page.rows, page.rows.findLastIndex(r => r.position <= state.at), true);
  }
  shownFilter = filter;
  const [row] = state.at > 0 ? (await get(path(state.machine, 'events'), { after: '@' + (state.at - 1), limit: 1, at: '@' + state.at }, signal)).rows : [];
  $('clock').textContent = row?.time ? row.time.replace('T', ' ').replace('Z', ' UTC') : '';
}

// ---- why
function choose(row) {
  const view = VIEWS[state.view];
  if (state.view === 'changes') return go(row.position);
  if (!view.why) return;
  state.why = view.why(row, state.pid);
  const object = view.object?.(row);
  state.kind = state.why.kind;
  state.name = state.why.name;
  state.object = object;
  mirror();
  showWhy().catch(e => notice(e.message));
  if (view.kin) {
    list.rows = list.rows.map(r => ({ ...r, kin: view.kin(r, row) }));
    list.draw();
  }
}

async function showWhy(signal) {
  if (!state.kind || !state.name) return;
  state.why ??= { kind: state.kind, name: state.name, ...(state.kind === 'mount' && { pid: state.pid }) };
  let answer;
  try {
    answer = await get(path(state.machine, 'why'), { ...state.why, at: '@' + state.at }, signal);
  } catch (e) {
    if (e.status !== 404) throw e;
    answer = { rows: [] };
  }
  const steps = answer.rows.map(step => el('li', { class: step.text.startsWith(' ') ? 'deep' : '' }, step.text.trim(),
    step.position ? el('div', {}, el('button', { class: 'link', onclick: () => go(step.position) }, '@' + step.position),
      el('span', { class: 'soft' }, step.line ? `  line ${step.line} of source ${step.source}` : '')) : null,
    step.event ? el('code', {}, step.event) : null));
  $('why').replaceChildren(el('p', {}, `${state.kind} ${state.name}`),
    steps.length ? el('ol', { class: 'steps' }, steps) : el('p', { class: 'soft' }, 'It is not there at this moment.'));
}

async function stepObject(direction) {
  const object = state.object || (state.kind && { kind: state.kind, name: state.name });
  if (!object || object.kind === 'lock') return;
  const rows = (await get(path(state.machine, 'history'), { ...object, at: '@' + state.at, to: 'end' })).rows;
  const positions = rows.map(r => r.position);
  const to = direction > 0 ? positions.find(p => p > state.at) : positions.findLast(p => p < state.at);
  if (to !== undefined) go(to);
}

// ---- the timeline
async function timeline() {
  const data = await get(path(state.machine, 'timeline'), { buckets: 300, from: '@' + state.lo, at: state.hi === null ? null : '@' + state.hi });
  if (state.hi === null) state.end = Math.max(state.end, data.to);
  const chart = $('density'), span = Math.max(1, data.to - data.from);
  const max = Math.max(1, ...data.buckets.map(b => b.counts.reduce((a, c) => a + c, 0) / (b.to - b.from + 1)));
  chart.setAttribute('viewBox', `0 0 ${span} 100`);
  const parts = [];
  for (const bucket of data.buckets) {
    let y = 100;
    const wide = bucket.to - bucket.from + 1;
    bucket.counts.forEach((count, i) => {
      if (!count) return;
      const height = 88 * count / wide / max;
      y -= height;
      parts.push(svg('rect', { x: bucket.from - 1 - data.from, y, width: wide, height, class: 'f' + i }));
    });
  }
  const kinds = new Set();
  for (const mark of data.marks) {
    kinds.add(mark.kind);
    parts.push(svg('rect', { x: mark.position - data.from - 0.5, y: 0, width: Math.max(1, span / 400), height: 9, class: 'm-' + mark.kind },
      svg('title', {}, `${mark.kind} @${mark.position}: ${mark.text}`)));
  }
  chart.replaceChildren(...parts);
  $('legend').replaceChildren(...data.families.map((f, i) => el('span', {}, el('i', { class: 'f' + i }), f)),
    ...[...kinds].map(k => el('span', {}, el('i', { class: 'm-' + k }), k)),
    data.marked > data.marks.length ? el('span', {}, `${data.marked} marks, some are shown`) : '',
    el('span', { class: 'span' }, `@${data.from} – @${data.to}${data.indexed < data.to ? `, counted up to @${data.indexed}` : ''}`));
  if (data.indexed < data.to) setTimeout(() => timeline().catch(() => {}), 700);
  cursors();
}

// Shows a quarter of what is shown, about the moment, or four times as much.
function zoom(closer) {
  const hi = state.hi ?? state.end, wide = Math.max(20, Math.round((hi - state.lo) * (closer ? 0.25 : 4)));
  if (wide >= state.end) { state.lo = 0; state.hi = null; } else {
    state.lo = Math.max(0, Math.min(state.end - wide, Math.round(state.at - wide / 2)));
    state.hi = state.lo + wide;
  }
  timeline().catch(e => notice(e.message));
}

const slider = $('slider');
const drag = e => go(state.lo + ((state.hi ?? state.end) - state.lo) * (e.clientX - slider.getBoundingClientRect().left) / slider.clientWidth);
slider.addEventListener('wheel', e => { e.preventDefault(); zoom(e.deltaY < 0); }, { passive: false });
slider.addEventListener('pointerdown', e => { slider.setPointerCapture(e.pointerId); drag(e); });
slider.addEventListener('pointermove', e => { if (slider.hasPointerCapture(e.pointerId)) drag(e); });
slider.addEventListener('keydown', e => {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowUp: 1, ArrowDown: -1, PageUp: 100, PageDown: -100 }[e.key];
  if (step) go(state.at + step);
  else if (e.key === 'Home') go(0);
  else if (e.key === 'End') go(state.end);
  else return;
  e.preventDefault();
});

// ---- live
let listening = null;
function live(on) {
  state.live = on;
  $('live').setAttribute('aria-pressed', on);
  listening?.abort();
  listening = null;
  if (!on) { $('live').textContent = 'Live'; mirror(); return; }
  listening = new AbortController();
  let pending = null, drawn = 0;
  follow(state.machine, state.cursor || '@' + state.end, (kind, data, cursor) => {
    state.cursor = cursor;
    if (kind === 'error') notice(data.detail);
    if (!(data.position > state.end)) return;
    state.end = data.position;
    pending ??= setTimeout(() => {
      pending = null;
      go(state.end, true);
      if (Date.now() - drawn > 2000) { drawn = Date.now(); timeline().catch(() => {}); }
    }, 250);
  }, text => { $('live').textContent = text === 'live' ? 'Live' : 'Live: ' + text; }, listening.signal)
    .catch(e => { notice(e.message); live(false); });
  go(state.end, true);
}

// ---- what one can press
function tab(name) {
  state.view = name;
  for (const button of $('tabs').children) button.setAttribute('aria-selected', button.dataset.view === name);
  $('view').scrollTop = 0;
  go(state.at, true);
}
function toggleCompare() { state.from = state.from === null ? state.at : null; go(state.at, true); }

$('tabs').replaceChildren(...Object.entries(VIEWS).map(([name, view]) => el('button', {
  role: 'tab', 'data-view': name, 'aria-selected': name === state.view, 'aria-controls': 'view', onclick: () => tab(name) }, view.title)));
$('back').onclick = () => go(state.at - 1);
$('forward').onclick = () => go(state.at + 1);
$('live').onclick = () => live(!state.live);
$('compare').onclick = toggleCompare;
$('at').onchange = e => { const at = Number(e.target.value.replace('@', '')); if (Number.isFinite(at)) go(at); };
$('q').value = state.q;
$('q').oninput = e => { state.q = e.target.value; go(state.at, true); };
$('pid').onchange = e => {
  const value = e.target.value, ns = value.startsWith('ns:');
  state.ns = ns ? value.slice(3) : null;
  if (!ns) state.pid = value || null;
  go(state.at, true);
};
$('closer').onclick = () => zoom(true);
$('farther').onclick = () => zoom(false);
$('open').onclick = () => $('file').click();
$('file').onchange = e => look(e.target.files[0]);
document.addEventListener('dragover', e => { if (e.dataTransfer.types.includes('Files')) e.preventDefault(); });
document.addEventListener('drop', e => { if (e.dataTransfer.files.length) { e.preventDefault(); look(e.dataTransfer.files[0]); } });

// A trace of one's own, in a ledger that goes when nobody looks at it.
async function look(file) {
  if (!file) return;
  notice(`Reading ${file.name} …`);
  try {
    const { machine } = await upload(file);
    location.search = '?' + new URLSearchParams({ machine });
  } catch (e) { notice(`${file.name}: ${e.message}`); }
}
$('help').onclick = () => $('keys').showModal();
$('machine').onchange = e => { location.search = '?' + new URLSearchParams({ machine: e.target.value }); };
$('theme').onclick = () => {
  const dark = state.theme ? state.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  theme(dark ? 'light' : 'dark');
  mirror();
};
function theme(name) { state.theme = name; if (name) document.documentElement.dataset.theme = name; }
document.addEventListener('keydown', e => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.matches('input, select') || $('keys').open) {
    if (e.key === 'Escape' && e.target.matches('input')) e.target.blur();
    return;
  }
  const number = Number(e.key);
  const act = {
    j: () => go(state.at + 1), k: () => go(state.at - 1), J: () => go(state.at + 100), K: () => go(state.at - 100),
    '[': () => stepObject(-1), ']': () => stepObject(1), c: toggleCompare, l: () => live(!state.live),
    '+': () => zoom(true), '-': () => zoom(false),
    '/': () => $('q').focus(), '?': () => $('keys').showModal(),
  }[e.key] || (number >= 1 && number <= Object.keys(VIEWS).length ? () => tab(Object.keys(VIEWS)[number - 1]) : null);
  if (act) { e.preventDefault(); act(); }
});

async function start() {
  theme(state.theme === 'dark' || state.theme === 'light' ? state.theme : null);
  const { machines, ledger } = await get('/machines');
  if (!machines.length && !state.machine?.startsWith('scratch-')) return notice(`The ledger ${ledger} is empty: kledger record -- COMMAND, or kledger import TRACE.`);
  const apart = state.machine?.startsWith('scratch-') ? await get('/machines/' + encodeURIComponent(state.machine)).catch(() => null) : null;
  const machine = apart || machines.find(m => m.machine === state.machine) || machines[0];
  if (apart) machines.push(apart);
  state.machine = machine.machine;
  state.end = machine.position;
  // The demo opens where the container is up, not where everything is gone.
  const demo = machine.demo && !apart;
  state.at ??= demo ? Math.min(1900, machine.position) : machine.position;
  if (demo) { document.title = 'kledger: demo'; state.pid ??= url.has('at') ? null : '19'; }
  $('machine').replaceChildren(...machines.map(m => el('option', { value: m.machine }, m === apart ? 'your trace' : m.demo ? 'demo recording' : m.machine)));
  $('machine').value = state.machine;
  if (state.kind && state.name) state.why = { kind: state.kind, name: state.name, ...(state.kind === 'mount' && { pid: state.pid }) };
  await timeline();
  if (state.live) live(true); else go(state.at);
}
start().catch(e => notice(e.message));
