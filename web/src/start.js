// Starts the worker of a page from wherever its script lies.

import { remedy } from './remedy.js';

/**
 * Starts a worker for the client from the URL of its script, or from a Blob with it;
 * from a promise of one of them, too.
 */
export function startWorker(script) {
  let worker, address, onMessage, onError;
  let stopped = false;
  let alive = false; // the script runs
  const early = []; // messages sent before there is a worker

  const post = (message) => (worker ? worker.postMessage(message) : early.push(message));
  const missing = (why) => `worker.js could not be loaded from ${where(script)}${why}: ${remedy}`;

  async function begin() {
    const source = await script;
    if (stopped) return;
    if (source === undefined) throw new Error('the bundler left no address');
    address = addressFor(source);
    worker = new Worker(address, { type: 'module' });
    worker.onmessage = ({ data }) => {
      if (!data.alive) return onMessage(data);
      alive = true;
      return forget();
    };
    worker.onerror = (event) => {
      // A script that is missing, of another type, or forbidden, is an event without a message.
      onError(alive ? event.message || 'it failed' : missing(event.message ? ` (${event.message})` : ''));
    };
    worker.onmessageerror = () => onError('a message could not be read');
    for (const message of early.splice(0)) worker.postMessage(message);
  }

  function forget() {
    if (address?.startsWith('blob:')) URL.revokeObjectURL(address);
    address = undefined;
  }

  begin().catch((cause) => onError(missing(` (${cause.message})`)));
  return {
    load: (what) => post({ load: what }),
    judge: (job, blob) => post({ ...job, blob }), // sent by reference
    onMessage: (handle) => { onMessage = handle; },
    onError: (handle) => { onError = (why) => { if (!stopped) handle(why); }; },
    stop: () => {
      stopped = true;
      worker?.terminate();
      forget();
    },
    hold: () => {},
    release: () => {},
  };
}

// addressFor returns an address that a worker may be started from. Only the origin of the
// page and blob: are allowed, so a script from elsewhere (a CDN) is imported by a blob.
function addressFor(source) {
  if (source instanceof Blob) return URL.createObjectURL(source);
  if (source.origin === location.origin || !source.protocol.startsWith('http')) return source.href;
  return URL.createObjectURL(new Blob([`import ${JSON.stringify(source.href)};`], { type: 'text/javascript' }));
}

function where(script) {
  return script instanceof URL ? script.href : 'this module';
}
