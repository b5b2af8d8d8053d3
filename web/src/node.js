// imgvet for Node 20 and later: the same, in a worker thread.

import { MessageChannel, Worker } from 'node:worker_threads';
import { createClient, Failure, NoPreview } from './client.js';
import { accept, createAttach } from './attach.js';
import { servePieces } from './pieces.js';

function startWorker(script) {
  const worker = new Worker(script);
  worker.unref(); // an idle worker does not keep the program alive
  return {
    load: (what) => worker.postMessage({ load: what }),
    judge: (job, blob) => {
      // Node 20 crashes when a worker reads a blob that openAsBlob made.
      const { port1, port2 } = new MessageChannel();
      servePieces(blob, port1);
      port1.unref();
      worker.postMessage({ ...job, port: port2 }, [port2]);
    },
    onMessage: (handle) => worker.on('message', handle),
    onError: (handle) => {
      worker.on('error', (cause) => handle(cause.message));
      worker.on('exit', (code) => handle(`it exited with ${code}`));
    },
    stop: () => { worker.terminate(); },
    hold: () => worker.ref(),
    release: () => worker.unref(),
  };
}

const places = { worker: new URL('./node-worker.js', import.meta.url), wasm: new URL('./imgvet.wasm', import.meta.url) };
const client = createClient(startWorker, places, 30_000);

export const { validate, preview, load, close } = client;
export const attach = createAttach(validate);
export { accept, Failure, NoPreview };
export default { validate, preview, attach, accept, load, close, Failure, NoPreview };
