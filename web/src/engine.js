// The worker's side: one WebAssembly program that judges one file at a time. The
// page's side is client.js, which says what the messages are.

import './wasm_exec.js'; // defines globalThis.Go
import { pieces, piecesAt } from './pieces.js';
import { remedy } from './remedy.js';

/**
 * Answers the client's messages, which onMessage passes on, by post.
 */
export function serve(onMessage, post) {
  let found;
  const check = new Promise((resolve) => { found = resolve; }); // of the WebAssembly's function
  onMessage(async (message) => {
    if (message.load) {
      found(load(message.load, post).catch((cause) => {
        post({ dead: `could not load the WebAssembly, imgvet.wasm: ${text(cause)}: ${remedy}` });
        return () => {}; // the client has given this worker up
      }));
      return;
    }
    const { id, size, options } = message;
    const source = message.port ? piecesAt(message.port) : pieces(message.blob);
    const answer = (result) => {
      source.cancel(); // what is not read by now will not be
      post({ id, ...result }, result.picture ? [result.picture.data.buffer] : []);
    };
    const done = (verdict, picture, none) => answer({ verdict, picture, none });
    (await check)(options, size, source.next, done, (failure) => answer({ failure }));
  });
}

// load starts the program from a URL, a Blob, or the module that an earlier worker
// compiled, and returns the function it offers. size is the program's, for the progress.
async function load({ url, blob, module, size }, post) {
  const go = new globalThis.Go();
  const ready = new Promise((resolve) => { globalThis.imgvetReady = resolve; });
  let instance;
  if (module) {
    instance = await WebAssembly.instantiate(module, go.importObject);
  } else {
    ({ module, instance } = await compile(url, blob, go.importObject, size, post));
    post({ module });
  }
  go.run(instance).then(
    () => post({ dead: 'the WebAssembly program ended' }),
    (cause) => post({ dead: `the WebAssembly program failed: ${text(cause)}` }),
  );
  const check = await ready;
  post({ ready: true });
  return check;
}

// compile takes the file as the server sends it, plain or with Content-Encoding, and
// a gzipped file that is sent as it lies on the disk.
async function compile(url, blob, imports, size, post) {
  const response = blob ? new Response(blob) : await fetch(url);
  const type = response.headers.get('Content-Type');
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`);
  if (/^application\/wasm\b/i.test(type)) {
    // Compiles what has arrived. Content-Length would be that of the coding.
    const counted = new Response(counting(response.body, size, post), { headers: { 'Content-Type': 'application/wasm' } });
    return WebAssembly.instantiateStreaming(counted, imports);
  }
  const length = Number(response.headers.get('Content-Length'));
  const bytes = new Uint8Array(await new Response(counting(response.body, length, post)).arrayBuffer());
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return WebAssembly.instantiate(await new Response(plain).arrayBuffer(), imports);
  }
  // A server that answers every address with its start page.
  if (/^text\/html\b/i.test(type)) throw new Error(`${blob ? '' : `${url}: `}there is a page of HTML`);
  return WebAssembly.instantiate(bytes, imports);
}

// counting passes a stream on and posts how much of it has come. total is 0 if not known.
function counting(stream, total, post) {
  let loaded = 0;
  return stream.pipeThrough(new TransformStream({
    transform(chunk, controller) {
      loaded += chunk.byteLength;
      post({ progress: { loaded, total: total && Math.max(total, loaded) } });
      controller.enqueue(chunk);
    },
  }));
}

function text(cause) {
  return cause instanceof Error ? cause.message : String(cause);
}
