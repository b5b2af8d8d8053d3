// The worker's side: one WebAssembly program that judges one file at a time. The
// page's side is client.js, which says what the messages are.

import './wasm_exec.js'; // defines globalThis.Go
import { pieces, piecesAt } from './pieces.js';

/**
 * Answers the client's messages, which onMessage passes on, by post.
 */
export function serve(onMessage, post) {
  let check; // a promise of the WebAssembly's function
  onMessage(async (message) => {
    if (message.load) {
      check = load(message.load, post).catch((cause) => {
        post({ dead: `could not load the WebAssembly: ${text(cause)}` });
        return () => {}; // the client has given this worker up
      });
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

// load starts the program from a URL, or from the module that an earlier worker
// compiled, and returns the function it offers.
async function load({ url, module }, post) {
  const go = new globalThis.Go();
  const ready = new Promise((resolve) => { globalThis.imgvetReady = resolve; });
  let instance;
  if (module) {
    instance = await WebAssembly.instantiate(module, go.importObject);
  } else {
    ({ module, instance } = await compile(url, go.importObject));
    post({ module });
  }
  go.run(instance).then(
    () => post({ dead: 'the WebAssembly program ended' }),
    (cause) => post({ dead: `the WebAssembly program failed: ${text(cause)}` }),
  );
  return ready;
}

// compile takes the file as the server sends it, plain or with Content-Encoding, and
// a gzipped file that is sent as it lies on the disk.
async function compile(url, imports) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`);
  if (/^application\/wasm\b/i.test(response.headers.get('Content-Type'))) {
    return WebAssembly.instantiateStreaming(response, imports); // compiles what has arrived
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return WebAssembly.instantiate(bytes, imports);
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return WebAssembly.instantiate(await new Response(plain).arrayBuffer(), imports);
}

function text(cause) {
  return cause instanceof Error ? cause.message : String(cause);
}
