// Locks: who waits for whom, and a lane for each file with what was held when.
import { el, svg } from './dom.js';

// Arrows from who waits to who holds, in layers: who waits for nobody is on the left.
export function graph(rows, choose) {
  const waiting = rows.filter(r => r['waiting-since'] !== null && r.blocker !== null);
  if (!waiting.length) return null;
  const to = new Map();
  for (const r of waiting) to.set(r.pid, [...(to.get(r.pid) || []), r]);
  const names = new Map(rows.map(r => [r.pid, r.command]));
  const depth = new Map();
  const depthOf = (pid, seen = new Set()) => {
    if (depth.has(pid)) return depth.get(pid);
    if (seen.has(pid)) return 0; // a circle: a deadlock that the kernel did not see
    seen.add(pid);
    const d = Math.max(-1, ...(to.get(pid) || []).map(r => depthOf(r.blocker, seen))) + 1;
    depth.set(pid, d);
    return d;
  };
  const pids = [...new Set(waiting.flatMap(r => [r.blocker, r.pid]))].sort((a, b) => a - b);
  const columns = [];
  for (const pid of pids) (columns[depthOf(pid)] ||= []).push(pid);
  const W = 150, GAP = 70, H = 26, ROW = 38, place = new Map();
  columns.forEach((column, x) => column?.forEach((pid, y) => place.set(pid, { x: x * (W + GAP) + 1, y: y * ROW + 4 })));
  const width = columns.length * (W + GAP) - GAP + 2, height = Math.max(...columns.map(c => c?.length || 0)) * ROW + 4;
  const node = svg('svg', { class: 'graph', width, height, viewBox: `0 0 ${width} ${height}`, role: 'img',
    'aria-label': waiting.map(r => `${r.pid} waits for ${r.blocker}`).join('; ') },
  svg('defs', {}, svg('marker', { id: 'arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' },
    svg('path', { d: 'M0 0 L8 4 L0 8 z' }))));
  for (const r of waiting) {
    const a = place.get(r.pid), b = place.get(r.blocker);
    const x1 = a.x, y1 = a.y + H / 2, x2 = b.x + W + 3, y2 = b.y + H / 2;
    node.append(svg('path', { class: 'edge', 'marker-end': 'url(#arrow)', d: `M${x1} ${y1} C${x1 - GAP / 2} ${y1} ${x2 + GAP / 2} ${y2} ${x2} ${y2}` },
      svg('title', {}, `${r.type} ${r.mode} on ${r.path}, since @${r['waiting-since']}`)));
  }
  for (const [pid, at] of place) {
    const row = waiting.find(r => r.pid === pid) || rows.find(r => r.pid === pid);
    const box = svg('g', { class: to.has(pid) ? 'node waits' : 'node holds', transform: `translate(${at.x} ${at.y})` },
      svg('rect', { width: W, height: H, rx: 6 }),
      svg('text', { x: 9, y: 17 }, `${pid} ${(names.get(pid) || '').slice(0, 14)}`));
    if (row) box.addEventListener('click', () => choose(row));
    node.append(box);
  }
  return el('section', { class: 'waits' }, el('h3', {}, 'Who waits for whom'), el('div', { class: 'scroll' }, node));
}

// What was held and waited for between two moments: the locks before, and what happened to them since.
function spans(before, changes, from, to) {
  const files = new Map();
  const lane = (path, pid, type) => {
    if (!files.has(path)) files.set(path, new Map());
    const lanes = files.get(path), key = `${pid} ${type}`;
    if (!lanes.has(key)) lanes.set(key, { pid, type, spans: [] });
    return lanes.get(key);
  };
  const end = (l, at, kind) => {
    const open = l.spans.findLast(s => s.to === null && (!kind || s.kind === kind));
    if (open) open.to = at;
  };
  for (const r of before) {
    lane(r.path, r.pid, r.type).spans.push({ from, to: null, kind: r['waiting-since'] !== null ? 'wait' : 'hold', mode: r.mode.replace('*', ''), row: r });
  }
  for (const c of changes) {
    const k = Object.fromEntries(c.keys.map(t => [t.slice(0, t.indexOf('=')), t.slice(t.indexOf('=') + 1)]));
    if (c.type === 'task.exit') {
      // Who is gone waits for nothing: the kernel tells nobody that a request was withdrawn.
      for (const lanes of files.values()) for (const l of lanes.values()) if (l.pid === Number(k.pid)) end(l, c.position, 'wait');
    }
    if (!c.type.startsWith('lock.')) continue;
    const l = lane(k.path, Number(k.pid), k.type);
    switch (c.type) {
      case 'lock.block': l.spans.push({ from: c.position, to: null, kind: 'wait', mode: k.mode }); break;
      case 'lock.acquire': end(l, c.position, 'wait'); l.spans.push({ from: c.position, to: null, kind: 'hold', mode: k.mode }); break;
      case 'lock.convert': end(l, c.position); l.spans.push({ from: c.position, to: null, kind: 'hold', mode: k.mode }); break;
      case 'lock.release': end(l, c.position, 'hold'); break;
      case 'lock.timeout': end(l, c.position, 'wait'); break;
    }
  }
  for (const lanes of files.values()) for (const l of lanes.values()) for (const s of l.spans) s.to ??= to;
  return files;
}

// A lane for each process at each file; the moment is a line through all of them.
export function lanes(box, now, window, at, choose, go) {
  const { before, changes, from, to } = window;
  const files = spans(before, changes, from, to);
  for (const r of now) {
    if (!files.has(r.path)) files.set(r.path, new Map([[`${r.pid} ${r.type}`, { pid: r.pid, type: r.type, spans: [] }]]));
  }
  const names = new Map([...before, ...now].map(r => [r.pid, r.command]));
  const percent = p => (100 * (p - from) / Math.max(1, to - from)).toFixed(2) + '%';
  const held = path => now.filter(r => r.path === path);
  const sections = [...files].map(([path, processes]) => el('section', { class: 'lane' },
    el('h3', {}, path),
    [...processes.values()].map(l => {
      const row = held(path).find(r => r.pid === l.pid && r.type === l.type);
      const waits = row && row['waiting-since'] !== null;
      const range = row && (row.start || row.end) ? ` ${row.start}–${row.end || 'end'}` : '';
      const says = !row ? 'nothing at this moment' : waits
        ? `waits for ${row.type} ${row.mode.replace('*', '')}${range} → ${row.blocker}, since @${row['waiting-since']}`
        : `holds ${row.type} ${row.mode}${range}${row.holders.length > 1 ? ', shared by ' + row.holders.join(', ') : ''}, since @${row.since}`;
      return el('div', { class: 'track ' + (row?.mark || '') },
        el('button', { onclick: () => row ? choose(row) : choose({ path, pid: l.pid }), 'aria-label': `why ${l.type} of ${l.pid}` }, `${l.pid} ${names.get(l.pid) || ''}`),
        el('div', { class: 'swim', title: says },
          l.spans.map(s => {
            const bar = el('button', { class: 'bar-' + s.kind + (s.mode === 'READ' ? ' read' : ''), tabindex: -1,
              title: `${s.kind === 'wait' ? 'waits for' : 'holds'} ${l.type} ${s.mode}, @${s.from} to @${s.to}`, onclick: () => go(s.from) });
            bar.style.left = percent(s.from);
            bar.style.width = `max(3px, ${(100 * (s.to - s.from) / Math.max(1, to - from)).toFixed(2)}%)`;
            return bar;
          }), (() => { const line = el('i', { class: 'moment-line' }); line.style.left = percent(at); return line; })()),
        el('span', { class: waits ? 'waits-text' : row ? 'holds-text' : 'soft' }, says));
    })));
  box.replaceChildren(graph(now, choose) ?? '', ...sections,
    el('p', { class: 'axis soft' }, el('span', {}, '@' + from), el('span', {}, 'green holds, red waits, pale is shared'), el('span', {}, '@' + to)));
}
