// What each view shows of a row, what it is compared by, and what `why` is asked about it.
import { el } from './dom.js';
import { lanes, graph } from './locks.js';

export { lanes, graph };

const tag = (kind, text, title) => el('span', { class: 'tag ' + kind, title }, text);

function tree(rows, id, parent, label) {
  const children = new Map(), known = new Set(rows.map(id)), result = [];
  for (const row of rows) {
    const up = known.has(parent(row)) && parent(row) !== id(row) ? parent(row) : null;
    if (!children.has(up)) children.set(up, []);
    children.get(up).push(row);
  }
  const seen = new Set();
  const stack = (children.get(null) || []).toReversed().map(row => [row, 0]);
  while (stack.length) {
    const [row, depth] = stack.pop();
    if (seen.has(row)) continue;
    seen.add(row);
    result.push({ ...row, depth, up: label });
    for (const child of (children.get(id(row)) || []).toReversed()) stack.push([child, depth + 1]);
  }
  return result;
}


// A view that is a table: the first column names the row, the others follow it.
function plain(title, key, render) {
  return { title, role: 'listbox', arrange: rows => rows, key, same: r => JSON.stringify(r), render };
}

export const VIEWS = {
  mounts: {
    title: 'Mounts', role: 'tree', viewer: true,
    arrange: rows => tree(rows, r => r.id, r => r.parent),
    key: r => r['uniq-id'] + ' ' + r.id, same: r => [r.target, r.options, r.shared, r.master, r.parent].join('\n'),
    why: (r, pid) => ({ kind: 'mount', name: r.target, pid }), object: r => ({ kind: 'mount', name: String(r.id) }),
    kin: (r, chosen) => r !== chosen && [r.shared, r.master].some(g => g && (g === chosen.shared || g === chosen.master)),
    render: r => [
      el('span', { class: 'name' }, r.target), el('span', { class: 'fs soft' }, r.fstype),
      el('span', { class: 'tags' },
        r.shared ? tag('peer', 'shared:' + r.shared, 'peer group ' + r.shared) : null,
        r.master ? tag('master', 'master:' + r.master, 'receives from peer group ' + r.master) : null,
        r.propagation.includes('unbindable') ? tag('', 'unbindable') : null,
        r.inferred ? tag('', 'inferred') : null),
      el('span', { class: 'rest' }, `${r.source}  ${r.options}`)],
  },
  locks: { title: 'Locks', lanes: true, key: r => [r.path, r.pid, r.type, r.start, r.end, r.since].join(' '), same: r => r.mode + r.blocker,
    why: r => ({ kind: 'lock', name: r.path }) },
  cgroups: {
    title: 'Cgroups', role: 'tree',
    arrange: rows => rows.map(r => ({ ...r, depth: r.path === '/' ? 0 : r.path.split('/').length - 1 })),
    key: r => r.path, same: r => r.procs + ' ' + r.frozen + r['subtree-control'],
    why: r => ({ kind: 'cgroup', name: r.path }), object: r => ({ kind: 'cgroup', name: r.path }),
    render: (r, names) => [
      el('span', { class: 'name' }, r.path === '/' ? '/' : r.path.slice(r.path.lastIndexOf('/') + 1)),
      el('span', { class: 'tags' }, r.frozen ? tag('wait', 'frozen') : null, r.type !== 'domain' ? tag('', r.type) : null,
        r.procs.length ? tag('', r.procs.length === 1 ? '1 process' : r.procs.length + ' processes') : null),
      el('span', { class: 'rest' }, r.procs.map(p => `${p} ${names.get(p) || ''}`.trim()).join(', '))],
  },
  tasks: {
    title: 'Processes', role: 'tree',
    arrange: rows => tree(rows, r => r.tid, r => (r.tid === r.pid ? r.ppid : r.pid)),
    key: r => r.tid + ' ' + r.since, same: r => [r.state, r.command, r.cgroup, r.cwd, r.uid].join('\n'),
    why: r => ({ kind: 'task', name: String(r.tid) }), object: r => ({ kind: 'task', name: String(r.tid) }),
    render: r => [el('span', { class: 'name' }, el('span', { class: 'mono' }, r.tid), ' ', r.command),
      tag(r.state === 'Z' ? 'wait' : '', r.state),
      el('span', { class: 'rest' }, `uid ${r.uid}  ${r.cwd ?? ''}  ${r.cgroup ?? ''}`)],
  },
  fds: {
    title: 'Files', role: 'listbox', viewer: true, arrange: rows => rows,
    key: r => r.tid + ':' + r.fd, same: r => r.name + r.since,
    why: r => ({ kind: 'fd', name: r.tid + ':' + r.fd }), object: r => ({ kind: 'fd', name: r.tid + ':' + r.fd }),
    render: r => [el('span', { class: 'mono' }, r.fd), el('span', { class: 'grow' }, r.name), el('span', { class: 'rest' }, `${r.type ?? ''}  ${r.flags ?? ''}`)],
  },
  changes: {
    title: 'Changes', role: 'listbox',
    render: r => [el('span', { class: 'mono soft' }, '@' + r.position), el('span', {}, r.type),
      el('span', { class: 'grow' }, r.keys.join(' ')), el('span', { class: 'rest' }, r.event)],
  },
  namespaces: plain('Namespaces', r => r.type + r.ns + r.pid, r => [el('span', { class: 'name' }, `${r.type}:[${r.ns ?? '?'}]`),
    el('span', { class: 'fs' }, `${r.nprocs} tasks`),
    el('span', { class: 'rest' }, `${r.pid ?? ''} ${r.command ?? ''}${r.mounts ? `  ${r.mounts} mounts` : ''}`)]),
  sockets: plain('Sockets', r => r.inode + ' ' + r.holders, r => [el('span', { class: 'name' }, r.name ?? `socket:[${r.inode ?? '?'}]`),
    el('span', { class: 'fs soft' }, `${r.family} ${r.type}`),
    el('span', { class: 'tags' }, tag('', r.state), r.queued ? tag('wait', r.queued + ' queued') : null),
    el('span', { class: 'rest' }, `${r.holders.join(', ')}${r.peer ? `  peer ${r.peer}` : ''}`)]),
  blockdevs: plain('Devices', r => r['maj:min'], r => [el('span', { class: 'name' }, r.path), el('span', { class: 'fs soft' }, r['maj:min']),
    el('span', { class: 'rest' }, `${r.size} bytes  diskseq ${r.diskseq}  ${r['back-file'] ?? ''}`)]),
  watches: plain('Watches', r => r.kind + r.instance, r => [el('span', { class: 'name' }, r.kind),
    el('span', { class: 'fs soft' }, r.holders.join(', ')), el('span', { class: 'tags' }, r.queued ? tag('wait', r.queued + ' queued') : null),
    el('span', { class: 'rest' }, r.marks.map(m => `${m.path ?? `inode ${m.inode ?? '?'}`} ${m.mask}`).join(', '))]),
};

// Marks in `now` what is not as it was in `then`; what went is put where it was.
export function compare(view, then, now) {
  const before = new Map(then.map(r => [view.key(r), r]));
  const rows = now.map(r => {
    const was = before.get(view.key(r));
    before.delete(view.key(r));
    return { ...r, mark: !was ? 'added' : view.same(was) !== view.same(r) ? 'changed' : '' };
  });
  for (const gone of before.values()) rows.push({ ...gone, mark: 'removed' });
  return rows;
}
