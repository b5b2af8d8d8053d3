// imgvet for browsers in JavaScript alone: the worker and the WebAssembly are in data.js,
// which is loaded with the first call.

import { createClient, Failure, NoPreview } from '../dist/client.js';
import { accept, createAttach } from '../dist/attach.js';
import { startWorker } from '../dist/start.js';

const data = () => import('./data.js');

// decoded returns the gzipped WebAssembly of its base64.
async function decoded() {
  const text = atob((await data()).wasm);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new Blob([bytes], { type: 'application/gzip' });
}

const places = {
  worker: async () => new Blob([(await data()).worker], { type: 'text/javascript' }),
  wasm: decoded,
};
const client = createClient(startWorker, places, 30_000);

export const { validate, preview, load, close } = client;
export const attach = createAttach(validate);
export { accept, Failure, NoPreview };
export default { validate, preview, attach, accept, load, close, Failure, NoPreview };
