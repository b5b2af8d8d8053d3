// imgvet for browsers. The server's verdict on a picture, before a byte is sent.

import { createClient, Failure, NoPreview } from './client.js';
import { accept, createAttach } from './attach.js';
import { startWorker } from './start.js';

// Bundlers know these two expressions, and bring the files along. Both files need nothing
// beside them.
const worker = address(() => new URL('./worker.js', import.meta.url));
const wasm = address(() => new URL('./imgvet.wasm', import.meta.url));

// address returns undefined where import.meta is empty, as in a bundle that is no module.
function address(beside) {
  let url;
  try {
    url = beside();
  } catch {
    return undefined;
  }
  // Vite's development server moves this module, and not the files beside it, from
  // node_modules/imgvet/dist to node_modules/.vite/deps.
  const [, name] = /\/\.vite\/deps\/([^/]+)$/.exec(url.pathname) ?? [];
  return name ? new URL(`../../imgvet/dist/${name}`, url) : url;
}

const client = createClient(startWorker, { worker, wasm }, 30_000);

export const { validate, preview, load, close } = client;
export const attach = createAttach(validate);
export { accept, Failure, NoPreview };
export default { validate, preview, attach, accept, load, close, Failure, NoPreview };
