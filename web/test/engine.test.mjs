// The worker's side, here in this thread: how much of a file it reads.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { dist, good } from './dist.mjs';

const { serve } = await import(dist('engine.js'));
const { maxBytes } = await import(dist('rules.js'));

const chunk = 64 << 10;
const defaults = {
  maxBytes: 0, maxPixels: 0, formats: null, tolerance: 'normal',
  minWidth: 0, minHeight: 0, maxWidth: 0, maxHeight: 0, minAspect: 0, maxAspect: 0, maxFrames: 0, maxSide: 0,
};

/** A file that notes how much of it was read, and whether that was ended. */
function counting(bytes) {
  const file = { size: bytes.length, read: 0, ended: false };
  file.stream = () => new ReadableStream({
    pull(controller) {
      if (file.read >= bytes.length) return controller.close();
      const next = bytes.subarray(file.read, file.read + chunk);
      file.read += next.length;
      controller.enqueue(next);
    },
    cancel() { file.ended = true; },
  }, { highWaterMark: 0 });
  return file;
}

let handle;
const answers = new Map();
serve((h) => { handle = h; }, (message) => answers.get(message.id)?.(message));
handle({ load: { module: await WebAssembly.compile(await readFile(new URL(dist('imgvet.wasm')))) } });

let lastID = 0;
function judge(blob, options = {}) {
  const id = ++lastID;
  return new Promise((resolve) => {
    answers.set(id, resolve);
    handle({ id, blob, size: blob.size, options: { ...defaults, ...options } });
  });
}

test('a file that is too large by its size is not read', async () => {
  const file = counting(new Uint8Array(maxBytes));
  const { verdict } = await judge(file);
  assert.equal(verdict.error.code, 3);
  assert.equal(verdict.size, maxBytes);
  assert.equal(file.read, 0);
  const { verdict: larger } = await judge(counting(new Uint8Array(maxBytes + 1)));
  assert.equal(larger.size, maxBytes, 'as the server, which stops reading there');
});

test('a file of another type is read no further than its head', async () => {
  const file = counting(new Uint8Array(maxBytes - 1));
  const { verdict } = await judge(file);
  assert.equal(verdict.reason, 'unknown_format');
  assert.equal(verdict.size, 4096, 'the bytes looked at, as the server has it');
  assert.equal(file.read, chunk, 'one chunk, at least 4096 bytes');
  assert.ok(file.ended);
});

test('a format that is not taken is read no further than its head', async () => {
  const file = counting(new Uint8Array(await readFile(good('bmp/go-24.bmp'))));
  const { verdict } = await judge(file, { formats: ['png'] });
  assert.equal(verdict.reason, 'format_not_allowed');
  assert.ok(file.read <= chunk);
});

test('a good file is read to its end, in chunks of any size', async () => {
  const bytes = new Uint8Array(await readFile(good('png/benchNRGBA-gradient.png')));
  const file = counting(bytes);
  assert.ok((await judge(file)).verdict.ok);
  assert.equal(file.read, bytes.length);

  const single = { size: bytes.length, stream: () => ReadableStream.from(Array.from(bytes.subarray(0, 5000), (b) => Uint8Array.of(b))) };
  const { verdict } = await judge(single);
  assert.equal(verdict.reason, 'truncated');
});

test('a size that lies is no way past the limit', async () => {
  const bytes = new Uint8Array(await readFile(good('png/magick-rgb8.png')));
  const more = { size: 10, stream: () => new Blob([bytes]).stream() };
  assert.equal((await judge(more, { maxBytes: 100 })).verdict.error.code, 3);
});

test('options that the page should have refused are operational here', async () => {
  const { verdict, failure } = await judge(counting(new Uint8Array(9)), { maxBytes: -1, formats: ['gif'] });
  assert.equal(verdict, undefined);
  assert.match(failure, /MaxBytes.*\n.*Formats/s);
});
