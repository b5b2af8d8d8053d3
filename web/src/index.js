// imgvet for browsers. The server's verdict on a picture, before a byte is sent.

import { createClient, Failure, NoPreview } from './client.js';
import { accept, createAttach } from './attach.js';

function startWorker() {
  // In this form bundlers find the worker and bring it along.
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  return {
    load: (what) => worker.postMessage({ load: what }),
    judge: (job, blob) => worker.postMessage({ ...job, blob }), // sent by reference
    onMessage: (handle) => { worker.onmessage = (event) => handle(event.data); },
    onError: (handle) => {
      worker.onerror = (event) => handle(event.message || 'its script could not be loaded');
      worker.onmessageerror = () => handle('a message could not be read');
    },
    stop: () => worker.terminate(),
    hold: () => {},
    release: () => {},
  };
}

const client = createClient(startWorker, new URL('./imgvet.wasm', import.meta.url), 30_000);

export const { validate, preview, load, close } = client;
export const attach = createAttach(validate);
export { accept, Failure, NoPreview };
export default { validate, preview, attach, accept, load, close, Failure, NoPreview };
