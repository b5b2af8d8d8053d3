// The page's side: a queue before one worker.
//
// To the worker go {load: {url or blob, size}} or {load: {module}} once and, when it is ready,
// {id, size, options} with a blob or a port for its pieces, one at a time. From it come
// {progress: {loaded, total}}, {module} (compiled, for the next worker), {ready},
// {id, verdict, picture, none}, {id, failure} and {dead}, after which it answers no more.

import { checkLoad, checkOptions } from './options.js';
import { remedy } from './remedy.js';
import { wasmBytes } from './rules.js';

/** What kept a file from being judged. It says nothing about the file. */
export class Failure extends Error {
  name = 'ImgvetFailure';
}

/** Why there is no preview of a file that was judged. See index.d.ts. */
export class NoPreview extends Error {
  name = 'ImgvetNoPreview';

  constructor(reason, verdict) {
    const why = {
      refused: `the file is refused: ${verdict.reason}`,
      format: `only HEIC is decoded here, and the file is ${verdict.format}: browsers show that`,
      too_many_pixels: 'the picture has too many pixels',
    };
    super(`imgvet: no preview: ${why[reason]}`);
    this.reason = reason;
    this.verdict = verdict;
  }
}

/**
 * Returns {validate, preview, load, close} over a worker that start makes when it is needed:
 * start(script) returns {load, judge, onMessage, onError, stop, hold, release}. places are
 * where the worker's script and the WebAssembly are, {worker, wasm}: addresses, or functions
 * that return a promise of a Blob; undefined if a bundler has lost them.
 */
export function createClient(start, places, idleMs) {
  let { worker: script, wasm } = places;
  const waiting = []; // jobs in order of arrival; the first is the one at work
  let worker = null;
  let module; // as compiled by the first worker
  let ready = false; // the worker at hand has its WebAssembly
  const loads = []; // {resolve, reject, onProgress} of calls of load that wait for that
  let timer;
  let busy = false; // the worker at hand judges the first of waiting
  let moved = false; // load has named another place meanwhile
  let lastID = 0;

  function wake() {
    clearTimeout(timer);
    if (worker) return worker;
    let mine;
    try {
      mine = start(typeof script === 'function' ? script() : script);
    } catch (cause) { // no workers here, or a policy that forbids them
      fail(`the worker could not be started: ${cause.message}`);
      return null;
    }
    worker = mine;
    mine.onMessage((message) => { if (worker === mine) receive(message); });
    mine.onError((cause) => { if (worker === mine) fail(`the worker failed: ${cause}`); });
    hand(mine);
    return worker;
  }

  // hand gives a worker its WebAssembly.
  async function hand(mine) {
    if (module) return mine.load({ module });
    if (wasm === undefined) return fail(`imgvet.wasm has no address, which the bundler has left out: ${remedy}`);
    if (typeof wasm !== 'function') return mine.load({ ...source(wasm), size: wasmBytes });
    try {
      const blob = await wasm();
      if (worker === mine) mine.load({ blob, size: wasmBytes });
    } catch (cause) {
      if (worker === mine) fail(`the WebAssembly could not be loaded: ${cause.message}`);
    }
    return undefined;
  }

  function stop() {
    clearTimeout(timer);
    worker?.stop();
    worker = null;
    busy = ready = moved = false;
  }

  function receive(message) {
    if (message.module) {
      module = message.module;
    } else if (message.progress) {
      for (const { onProgress } of loads) onProgress?.(message.progress);
    } else if (message.ready) {
      ready = true;
      for (const { resolve } of loads.splice(0)) resolve();
      next();
    } else if (message.dead) {
      fail(message.dead);
    } else if (message.id === waiting[0]?.id) {
      const job = waiting.shift();
      busy = false;
      if (moved) stop();
      if (message.verdict) job.resolve(message);
      else job.reject(new Failure(`imgvet: ${message.failure}`));
      next();
    }
  }

  // fail ends the worker and every job: those that wait would meet the same end, unless they
  // wait for a worker from another place.
  function fail(why) {
    const over = moved ? [waiting.shift()] : [...waiting.splice(0), ...loads.splice(0)];
    stop();
    for (const job of over) job.reject(new Failure(`imgvet: ${why}`));
    next();
  }

  function next() {
    if (busy) return;
    if (waiting.length === 0 && loads.length === 0) {
      if (!ready) return; // a slow link is no idleness
      worker.release();
      // An idle worker holds tens of megabytes; a new one takes some 50 ms.
      clearTimeout(timer);
      timer = setTimeout(stop, idleMs);
      timer.unref?.();
      return;
    }
    if (!wake()) return; // and nobody waits any more
    worker.hold();
    // No job goes to a worker that still loads: whoever takes it back need not end the worker.
    if (!ready || waiting.length === 0) return;
    busy = true;
    const { id, blob, options } = waiting[0];
    try {
      worker.judge({ id, size: blob.size, options }, blob);
    } catch (cause) { // a blob that can't be sent
      busy = false;
      waiting.shift().reject(new Failure(`imgvet: ${cause.message}`));
      next();
    }
  }

  // abort takes a job out of the queue. What is at work can't be interrupted, so
  // its worker is ended.
  function abort(job) {
    const at = waiting.indexOf(job);
    if (at < 0) return;
    waiting.splice(at, 1);
    if (at === 0 && busy) stop();
    next();
  }

  // ask resolves to the worker's message. also are options that validate has not.
  function ask(file, options, also) {
    return new Promise((resolve, reject) => {
      const wanted = checkOptions(options, also);
      const signal = options?.signal;
      signal?.throwIfAborted();
      const job = { id: ++lastID, blob: toBlob(file), options: wanted };
      const onAbort = () => { abort(job); reject(signal.reason); };
      signal?.addEventListener('abort', onAbort, { once: true });
      const settle = (how) => (value) => { signal?.removeEventListener('abort', onAbort); how(value); };
      job.resolve = settle(resolve);
      job.reject = settle(reject);
      waiting.push(job);
      next();
    });
  }

  async function validate(file, options) {
    return (await ask(file, options, [])).verdict;
  }

  async function preview(file, options) {
    const { verdict, picture, none } = await ask(file, options, ['maxSide']);
    if (!picture) throw new NoPreview(verdict.ok ? none : 'refused', verdict);
    return imageData(picture, verdict.facts.profile === 'display-p3' ? 'display-p3' : 'srgb');
  }

  function load(options) {
    const given = checkLoad(options);
    if (given.wasm !== undefined || given.worker !== undefined) {
      script = given.worker ?? script;
      if (given.wasm !== undefined) {
        wasm = given.wasm;
        module = undefined;
      }
      for (const job of loads.splice(0)) job.reject(new Failure('imgvet: loaded from elsewhere'));
      // The next worker comes from there. A check at work is not ended for it.
      if (busy) moved = true;
      else stop();
    }
    const loaded = new Promise((resolve, reject) => { loads.push({ resolve, reject, onProgress: given.onProgress }); });
    loaded.catch(() => {}); // whoever does not wait is told by the calls that need it
    if (ready && !moved) for (const { resolve } of loads.splice(0)) resolve();
    next();
    return loaded;
  }

  function close() {
    moved = false;
    fail('closed');
  }

  return { validate, preview, load, close };
}

// source is where a worker gets the WebAssembly from, as a message says it.
function source(wasm) {
  return wasm instanceof Blob ? { blob: wasm } : { url: String(wasm) };
}

// imageData returns an ImageData, or in Node, which has none, an object like it. The
// decoder applies no colour profile; the canvas does, of the one that phones write.
function imageData({ data, width, height }, colorSpace) {
  if (typeof ImageData === 'undefined') return { data, width, height, colorSpace };
  return new ImageData(data, width, height, { colorSpace });
}

// toBlob returns what a worker can be sent. slice() makes a plain Blob of a File
// without reading it.
function toBlob(file) {
  if (typeof file?.slice === 'function' && typeof file.stream === 'function' && typeof file.size === 'number') {
    return file.slice(0, file.size);
  }
  if (file instanceof ArrayBuffer || ArrayBuffer.isView(file)) return new Blob([file]);
  throw new TypeError('imgvet: the file must be a File, a Blob, an ArrayBuffer or a view of one');
}
