// Prints how long a verdict takes in WebAssembly and in native code, and the ratio:
//
//	go run ./web/build && node web/bench/bench.mjs
//
// Of each file the fastest of many calls counts: other work on the machine only adds
// time. A call is all that a program waits for, here with the way to the worker and
// back.

import { execFileSync } from 'node:child_process';
import { openAsBlob } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validate, close } from '../dist/node.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'imgvet-bench-'));
try {
  const native = JSON.parse(execFileSync('go', ['run', '.', folder], { cwd: here, encoding: 'utf8' }));
  console.log('| file | KiB | native ms | WebAssembly ms | ratio |');
  console.log('|---|---|---|---|---|');
  for (const { file, nanoseconds } of native) {
    const blob = await openAsBlob(file);
    const took = await measure(file, blob);
    console.log(`| ${basename(file)} | ${Math.round(blob.size / 1024)} | ${(nanoseconds / 1e6).toFixed(2)} | ${took.toFixed(2)} | ${((took * 1e6) / nanoseconds).toFixed(1)} |`);
  }
} finally {
  close();
  await rm(folder, { recursive: true });
}

async function measure(file, blob) {
  let best = Infinity;
  const start = performance.now();
  for (let calls = 0; calls < 10 || performance.now() - start < 3000; calls++) {
    const began = performance.now();
    const v = await validate(blob);
    best = Math.min(best, performance.now() - began);
    if (!v.ok) throw new Error(`${file}: ${v.reason}`);
  }
  return best;
}
