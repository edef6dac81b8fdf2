import { get, follow, path } from './api.js';
import { el, safe, List } from './dom.js';
import { VIEWS, compare, lanes } from './views.js';

const $ = id => document.getElementById(id);
const url = new URLSearchParams(location.search);
const state = {
  machine: url.get('machine'), at: url.has('at') ? Number(url.get('at').replace('@', '')) : null,
  from: url.has('from') ? Number(url.get('from').replace('@', '')) : null,
  view: VIEWS[url.get('view')] ? url.get('view') : 'mounts', pid: url.get('pid'), q: url.get('q') || '',
  kind: url.get('kind'), name: url.get('name'), theme: url.get('theme'), live: url.has('live'),
  cursor: null, end: 0, names: new Map(), why: null,
};

function mirror() {
  const query = new URLSearchParams();
  query.set('machine', state.machine);
  if (!state.live) query.set('at', '@' + state.at); else query.set('live', '');
  if (state.from !== null) query.set('from', '@' + state.from);
  query.set('view', state.view);
  for (const name of ['pid', 'q', 'kind', 'name', 'theme']) if (state[name]) query.set(name, state[name]);
  history.replaceState(null, '', '?' + query);
}

function notice(text) { $('notice').hidden = !text; $('notice').textContent = safe(text); }

const list = new List($('view'), 'tree', row => VIEWS[state.view].render(row, state.names), choose);
const events = new List($('events'), 'listbox', row => [
  el('span', { class: 'soft' }, '@' + row.position), el('span', { class: 'rest' }, row.text)], row => go(row.position));

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
  const of = at => (state.end ? 100 * at / state.end : 0) + '%';
  $('now').style.left = of(state.at);
  $('from').hidden = state.from === null;
  if (state.from !== null) $('from').style.left = of(state.from);
  if (document.activeElement !== $('at')) $('at').value = state.at;
  $('end').textContent = 'of ' + state.end;
  $('slider').setAttribute('aria-valuemax', state.end);
  $('slider').setAttribute('aria-valuenow', state.at);
  $('slider').setAttribute('aria-valuetext', `after event ${state.at} of ${state.end}`);
  $('compare').setAttribute('aria-pressed', state.from !== null);
  $('compare').textContent = state.from === null ? 'Compare from here' : `Compared with @${state.from}`;
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
  try {
    return (await get(path(state.machine, name), { at: '@' + at, pid: viewer }, signal)).rows;
  } catch (e) {
    if (e.status === 404) return []; // nobody is alive, or the chosen process is not there then
    throw e;
  }
}

async function showView(signal) {
  const view = VIEWS[state.view];
  const tasks = await rowsAt('tasks', state.at, signal);
  state.names = new Map(tasks.map(t => [t.tid, t.command]));
  $('viewer').hidden = !view.viewer;
  const options = [el('option', { value: '' }, 'the oldest process')].concat(tasks.filter(t => t.tid === t.pid)
    .map(t => el('option', { value: t.pid }, `${t.pid} ${t.command}`)));
  if (state.pid && !tasks.some(t => String(t.pid) === state.pid)) options.push(el('option', { value: state.pid }, `${state.pid} (not there now)`));
  $('pid').replaceChildren(...options);
  $('pid').value = state.pid || '';
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
  if (signal.aborted) return;
  if (state.q) {
    const q = state.q.toLowerCase();
    rows = rows.filter(r => JSON.stringify(r).toLowerCase().includes(q));
    total += `, ${rows.length} with “${state.q}”`;
  }
  $('count').textContent = safe(total);
  notice('');
  if (!rows.length) $('view').replaceChildren(el('p', { class: 'empty' }, 'Nothing here at this moment.'));
  else if (view.lanes) lanes($('view'), rows, choose);
  else {
    list.role = view.role;
    const chosen = rows.findIndex(r => view.why && state.why && JSON.stringify(view.why(r, state.pid)) === JSON.stringify(state.why));
    list.show(rows, chosen);
  }
}

async function showEvents(signal) {
  const page = await get(path(state.machine, 'events'), { after: '@' + Math.max(0, state.at - 150), limit: 300,
    filter: state.q.match(/^(evt|proc|fd)\./) ? state.q : null }, signal);
  events.show(page.rows, page.rows.findLastIndex(r => r.position <= state.at), true);
}

// ---- why
function choose(row) {
  const view = VIEWS[state.view];
  if (state.view === 'changes') return go(row.position);
  state.why = view.why(row, state.pid);
  const object = view.object?.(row);
  state.kind = state.why.kind;
  state.name = state.why.name;
  state.object = object;
  mirror();
  showWhy().catch(e => notice(e.message));
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
  const data = await get(path(state.machine, 'timeline'), { buckets: 300 });
  state.end = Math.max(state.end, data.to);
  const svg = $('density'), SVG = 'http://www.w3.org/2000/svg';
  const max = Math.max(1, ...data.buckets.map(b => b.counts.reduce((a, c) => a + c, 0)));
  svg.setAttribute('viewBox', `0 0 ${Math.max(1, data.to)} 100`);
  svg.replaceChildren();
  const rect = (x, y, width, height, kind, title) => {
    const node = document.createElementNS(SVG, 'rect');
    for (const [k, v] of Object.entries({ x, y, width, height, class: kind })) node.setAttribute(k, v);
    if (title) { const t = document.createElementNS(SVG, 'title'); t.textContent = safe(title); node.append(t); }
    svg.append(node);
  };
  for (const bucket of data.buckets) {
    let y = 100;
    bucket.counts.forEach((count, i) => {
      if (!count) return;
      const height = 92 * count / max;
      y -= height;
      rect(bucket.from - 1, y, bucket.to - bucket.from + 1, height, 'f' + i);
    });
  }
  const kinds = new Set();
  for (const mark of data.marks) {
    kinds.add(mark.kind);
    rect(mark.position, 0, Math.max(1, data.to / 500), 8, 'm-' + mark.kind, `${mark.kind} @${mark.position}: ${mark.text}`);
  }
  $('legend').replaceChildren(...data.families.map((f, i) => el('span', {}, el('i', { class: 'f' + i }), f)),
    ...[...kinds].map(k => el('span', {}, el('i', { class: 'm-' + k }), k)));
  if (data.indexed < data.to) setTimeout(() => timeline().catch(() => {}), 700);
  cursors();
}

const slider = $('slider');
const drag = e => go(state.end * (e.clientX - slider.getBoundingClientRect().left) / slider.clientWidth);
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
$('pid').onchange = e => { state.pid = e.target.value || null; go(state.at, true); };
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
    '/': () => $('q').focus(), '?': () => $('keys').showModal(),
  }[e.key] || (number >= 1 && number <= Object.keys(VIEWS).length ? () => tab(Object.keys(VIEWS)[number - 1]) : null);
  if (act) { e.preventDefault(); act(); }
});

async function start() {
  theme(state.theme === 'dark' || state.theme === 'light' ? state.theme : null);
  const { machines, ledger } = await get('/machines');
  if (!machines.length) return notice(`The ledger ${ledger} is empty: kledger record -- COMMAND, or kledger import TRACE.`);
  const machine = machines.find(m => m.machine === state.machine) || machines[0];
  state.machine = machine.machine;
  state.end = machine.position;
  // The demo opens where the container is up, not where everything is gone.
  state.at ??= machine.demo ? Math.min(1900, machine.position) : machine.position;
  if (machine.demo) { document.title = 'kledger: demo'; state.pid ??= url.has('at') ? null : '19'; }
  $('machine').replaceChildren(...machines.map(m => el('option', { value: m.machine }, m.demo ? m.machine + ' (the ledger is empty)' : m.machine)));
  $('machine').value = state.machine;
  if (state.kind && state.name) state.why = { kind: state.kind, name: state.name, ...(state.kind === 'mount' && { pid: state.pid }) };
  await timeline();
  if (state.live) live(true); else go(state.at);
}
start().catch(e => notice(e.message));
