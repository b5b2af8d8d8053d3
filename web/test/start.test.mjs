// How a page, or a worker of its own, which has no document, starts our worker.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { dist } from './dist.mjs';

const { startWorker } = await import(dist('start.js'));
const { checkLoad } = await import(dist('options.js'));

const app = 'https://app.example/deep/page';
let made;

beforeEach(() => {
  made = [];
  globalThis.location = new URL(app);
  globalThis.Worker = class {
    constructor(address, options) {
      made.push(this);
      Object.assign(this, { address, options });
    }

    terminate() {}
  };
});
afterEach(() => {
  delete globalThis.location;
  delete globalThis.Worker;
});

/** Resolves to the worker that a script is started as, or to why there is none. */
async function started(script) {
  const handle = startWorker(script);
  const failed = new Promise((resolve) => { handle.onError(resolve); });
  const begun = new Promise((resolve) => { setTimeout(() => resolve(made.at(-1))); });
  return Promise.race([failed, begun]);
}

test('the worker starts from each kind of place, without a document too', async () => {
  assert.equal(globalThis.document, undefined);
  const own = new URL('/assets/worker.js', app);
  for (const script of [own, Promise.resolve(own), new URL('file:///worker.js')]) {
    const worker = await started(script);
    assert.equal(worker.address, (await script).href);
    assert.deepEqual(worker.options, { type: 'module' });
  }
  const { address } = await started(new URL('https://cdn.example/worker.js'));
  assert.match(address, /^blob:/, 'a script from elsewhere is imported');
  assert.equal(await (await fetch(address)).text(), 'import "https://cdn.example/worker.js";');
  const inline = await started(Promise.resolve(new Blob(['worker'])));
  assert.equal(await (await fetch(inline.address)).text(), 'worker');
});

test('a worker that cannot be started says from where', async () => {
  globalThis.Worker = class { constructor() { throw new Error('no'); } };
  assert.match(await started(new URL('/worker.js', app)), /loaded from https:\/\/app\.example\/worker\.js \(no\)/);
  assert.match(await started(new Blob([])), /loaded from this module \(no\)/);
  assert.match(await started(undefined), /this module \(the bundler left no address\)/);
  assert.match(await started(Promise.reject(new Error('a chunk is gone'))), /this module \(a chunk is gone\)/);
});

test('an address of load is relative to the page, or to the worker that calls it', () => {
  assert.equal(checkLoad({ wasm: '/files/imgvet.wasm' }).wasm.href, 'https://app.example/files/imgvet.wasm');
  globalThis.document = { baseURI: 'https://app.example/base/' };
  try {
    assert.equal(checkLoad({ worker: 'worker.js' }).worker.href, 'https://app.example/base/worker.js');
  } finally {
    delete globalThis.document;
  }
});
