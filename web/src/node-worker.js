// The worker thread, in Node.

import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { serve } from './engine.js';

// Node's fetch knows no file URLs.
const fetchURL = globalThis.fetch;
globalThis.fetch = async (url) => (String(url).startsWith('file:') ? new Response(await readFile(new URL(url))) : fetchURL(url));

serve((handle) => parentPort.on('message', handle), (message, transfer) => parentPort.postMessage(message, transfer));
