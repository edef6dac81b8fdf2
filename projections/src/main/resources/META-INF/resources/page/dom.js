// Builds elements. Names of traced machines are hostile: they only ever become text nodes.
const ODD = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\udc80-\udcff]/g;

export function safe(value) {
  if (value === null || value === undefined) return '';
  return String(value).replace(/[\ud800-\udbff][\udc00-\udfff]|/g, m => m).replace(ODD, (c, at, all) => {
    const code = c.charCodeAt(0);
    const before = at > 0 ? all.charCodeAt(at - 1) : 0;
    if (code >= 0xdc80 && before >= 0xd800 && before < 0xdc00) return c;
    return code >= 0xdc80 && code <= 0xdcff ? '\\x' + (code - 0xdc00).toString(16)
      : '\\u' + code.toString(16).padStart(4, '0');
  });
}

export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'class') node.className = value;
    else if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value);
  }
  for (const child of children.flat()) {
    if (child === null || child === undefined) continue;
    node.append(child instanceof Node ? child : document.createTextNode(safe(child)));
  }
  return node;
}

export function svg(name, attributes = {}, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  for (const child of children.flat()) node.append(child instanceof Node ? child : document.createTextNode(safe(child)));
  return node;
}

const HEIGHT = 28;
const TALLEST = 12_000_000; // browsers cut what is taller

// A list of which only what can be seen is built.
export class List {
  constructor(box, role, render, choose) {
    Object.assign(this, { box, role, render, choose, rows: [], chosen: -1 });
    box.addEventListener('scroll', () => this.draw());
    box.addEventListener('keydown', e => this.key(e));
    new ResizeObserver(() => this.draw()).observe(box);
  }

  show(rows, chosen = -1, scroll = false) {
    this.rows = rows;
    this.chosen = chosen;
    this.spacer = el('div', { class: 'spacer', role: this.role });
    this.spacer.style.height = rows.length * HEIGHT + 'px';
    const top = this.box.scrollTop;
    this.box.replaceChildren(this.spacer);
    this.box.scrollTop = scroll && chosen >= 0
      ? Math.max(0, chosen * HEIGHT - this.box.clientHeight / 2) : top;
    this.draw();
  }

  draw() {
    if (!this.spacer || this.spacer.parentNode !== this.box) return;
    const first = Math.max(0, Math.floor(this.box.scrollTop / HEIGHT) - 8);
    const last = Math.min(this.rows.length, first + Math.ceil(this.box.clientHeight / HEIGHT) + 16);
    const focused = document.activeElement?.dataset?.index;
    const had = this.spacer.contains(document.activeElement);
    const item = this.role === 'tree' ? 'treeitem' : 'option';
    this.spacer.replaceChildren();
    for (let i = first; i < last; i++) {
      const row = this.rows[i];
      const node = el('div', {
        class: `row ${row.mark || ''} ${row.kin ? 'kin' : ''}`, role: item, tabindex: i === Math.max(0, this.chosen) ? 0 : -1,
        'data-index': i, 'aria-selected': i === this.chosen, 'aria-level': row.depth === undefined ? null : row.depth + 1,
        'aria-posinset': i + 1, 'aria-setsize': this.rows.length,
        onclick: () => this.pick(i),
      }, row.mark ? el('span', { class: 'sign', title: row.mark }, { added: '+', removed: '−', changed: '~' }[row.mark]) : null,
        this.render(row));
      node.style.top = i * HEIGHT + 'px';
      if (row.depth) node.style.setProperty('--depth', Math.min(row.depth, 20));
      this.spacer.append(node);
    }
    if (had && focused !== undefined) this.spacer.querySelector(`[data-index="${focused}"]`)?.focus({ preventScroll: true });
  }

  pick(i) {
    this.chosen = i;
    this.draw();
    this.choose(this.rows[i]);
  }

  key(event) {
    const at = Number(event.target.dataset?.index);
    if (Number.isNaN(at)) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 }[event.key];
    if (step) {
      event.preventDefault();
      const to = Math.min(this.rows.length - 1, Math.max(0, at + step));
      const top = to * HEIGHT;
      if (top < this.box.scrollTop) this.box.scrollTop = top;
      if (top + HEIGHT > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = top + HEIGHT - this.box.clientHeight;
      this.draw();
      this.spacer.querySelector(`[data-index="${to}"]`)?.focus({ preventScroll: true });
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.pick(at);
    }
  }
}

// A list of so many rows that only those that can be seen are asked for. Rows are known by their number from 1 on.
export class Log {
  constructor(box, fetchPage, render, choose) {
    Object.assign(this, { box, fetchPage, render, choose, count: 0, chosen: 0, pages: new Map(), wanted: new Set() });
    box.addEventListener('scroll', () => this.draw());
    box.addEventListener('keydown', e => {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 }[e.key];
      if (!step) return;
      e.preventDefault();
      this.choose(Math.max(1, Math.min(this.count, this.chosen + step)));
    });
    new ResizeObserver(() => this.draw()).observe(box);
  }

  static SIZE = 100;

  show(count, chosen, forget = false) {
    if (forget) this.pages.clear();
    // A page that was not full when it was asked for has more rows now.
    if (count !== this.count) this.pages.delete(Math.floor((this.count - 1) / Log.SIZE));
    const moved = chosen !== this.chosen;
    Object.assign(this, { count, chosen });
    if (!this.spacer || this.spacer.parentNode !== this.box) {
      this.spacer = el('div', { class: 'spacer', role: 'listbox', 'aria-label': 'Events' });
      this.box.replaceChildren(this.spacer);
    }
    this.spacer.style.height = Math.min(TALLEST, count * HEIGHT) + 'px';
    if (moved || forget) this.box.scrollTop = Math.max(0, (chosen - 1) * this.scale() - this.box.clientHeight / 2 + HEIGHT);
    this.draw();
  }

  scale() { return Math.min(HEIGHT, TALLEST / Math.max(1, this.count)); }

  draw() {
    if (!this.spacer) return;
    const fit = Math.ceil(this.box.clientHeight / HEIGHT) + 2;
    const top = this.box.scrollTop;
    const first = Math.max(1, Math.min(this.count - fit + 3, Math.floor(top / this.scale()) + 1));
    const rows = [];
    for (let i = first; i < first + fit && i <= this.count; i++) {
      const page = Math.floor((i - 1) / Log.SIZE);
      const row = this.pages.get(page)?.[(i - 1) % Log.SIZE];
      if (!row) this.fetch(page);
      const node = el('div', { class: 'row', role: 'option', tabindex: i === this.chosen ? 0 : -1, 'data-position': i,
        'aria-selected': i === this.chosen, 'aria-posinset': i, 'aria-setsize': this.count, onclick: () => this.choose(i) },
      row ? this.render(row) : el('span', { class: 'soft' }, '@' + i));
      node.style.top = (this.scale() === HEIGHT ? (i - 1) * HEIGHT : top + (i - first) * HEIGHT) + 'px';
      rows.push(node);
    }
    const had = this.spacer.contains(document.activeElement);
    this.spacer.replaceChildren(...rows);
    if (had) this.spacer.querySelector('[tabindex="0"]')?.focus({ preventScroll: true });
  }

  fetch(page) {
    if (this.wanted.has(page)) return;
    this.wanted.add(page);
    this.fetchPage(page * Log.SIZE, Log.SIZE).then(rows => {
      if (this.pages.size > 200) this.pages.clear();
      this.pages.set(page, rows);
      this.wanted.delete(page);
      this.draw();
    }, () => setTimeout(() => this.wanted.delete(page), 1000));
  }
}
