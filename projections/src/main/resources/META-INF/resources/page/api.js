// Asks the service. A token, where one is needed, stays in this tab.
const API = '/api/v1';

export class Refused extends Error {
  constructor(status, detail) { super(detail); this.status = status; }
}

function headers() {
  const token = sessionStorage.getItem('kledger-token');
  return token ? { Authorization: 'Bearer ' + token } : {};
}

async function checked(response) {
  if (response.ok) return response;
  let detail = response.statusText;
  try { detail = (await response.json()).detail; } catch { /* no problem+json */ }
  if (response.status === 401) {
    const token = prompt('This service needs a token.');
    if (token) { sessionStorage.setItem('kledger-token', token); location.reload(); }
  }
  throw new Refused(response.status, detail);
}

export function path(machine, view) { return `/machines/${encodeURIComponent(machine)}/${view}`; }

export async function get(where, parameters = {}, signal) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') query.set(name, value);
  }
  const response = await fetch(`${API}${where}?${query}`, { headers: headers(), signal });
  return (await checked(response)).json();
}

// Hears of changes until told to stop; goes on after the last one heard when the connection is lost.
export async function follow(machine, after, hear, state, signal) {
  let cursor = after;
  while (!signal.aborted) {
    try {
      const query = new URLSearchParams({ what: 'all', after: cursor });
      const response = await checked(
        await fetch(`${API}${path(machine, 'stream')}?${query}`, { headers: headers(), signal }));
      state('live');
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        text += value;
        let end;
        while ((end = text.indexOf('\n\n')) >= 0) {
          const message = {};
          for (const line of text.slice(0, end).split('\n')) {
            const colon = line.indexOf(': ');
            if (colon > 0) message[line.slice(0, colon)] = line.slice(colon + 2);
          }
          text = text.slice(end + 2);
          if (message.id) cursor = message.id;
          if (message.data) hear(message.event, JSON.parse(message.data), cursor);
        }
      }
    } catch (e) {
      if (signal.aborted) return;
      if (e instanceof Refused && e.status < 500) throw e;
      state('lost, trying again');
    }
    await new Promise(resolve => setTimeout(resolve, 2000));
  }
}

// Sends a trace to be looked at apart from the ledger.
export async function upload(file) {
  const zipped = /\.gz$/.test(file.name);
  const response = await fetch(`${API}/scratch`, { method: 'POST', body: file,
    headers: { ...headers(), 'Content-Type': 'text/plain', ...(zipped && { 'Content-Encoding': 'gzip' }) } });
  return (await checked(response)).json();
}
