// Where the worker and the WebAssembly come from, and what is said when they do not come.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import test from 'node:test';
import { dist, good } from './dist.mjs';

const imgvet = await import(dist('node.js'));
const { createClient } = await import(dist('client.js'));
const { wasmBytes } = await import(dist('rules.js'));
const png = await readFile(good('png/magick-rgb8.png'));

test('the worker is one file', async () => {
  const text = await readFile(new URL(dist('worker.js')), 'utf8');
  assert.doesNotMatch(text, /^(import|export)\b/m);
  for (const part of ['globalThis.Go = ', 'function serve(', 'function pieces(', 'alive: true']) assert.ok(text.includes(part), part);
});

test('load tells how much has come, and when all of it is there', async () => {
  const seen = [];
  await imgvet.load({ wasm: dist('imgvet.wasm'), onProgress: (p) => seen.push(p) });
  assert.ok(seen.length > 0);
  for (let i = 1; i < seen.length; i++) assert.ok(seen[i].loaded > seen[i - 1].loaded);
  assert.equal(seen.at(-1).loaded, wasmBytes);
  await imgvet.load(); // at once
  assert.ok((await imgvet.validate(png)).ok);
});

test('the total is 0 where a server does not say it', async (t) => {
  const body = 'not WebAssembly';
  const server = createServer((request, response) => {
    if (request.url === '/known') response.setHeader('Content-Length', body.length);
    response.write(body.slice(0, 3));
    response.end(body.slice(3));
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(() => {
    server.closeAllConnections();
    server.close();
    imgvet.load({ wasm: dist('imgvet.wasm') });
  });
  for (const [path, total] of [['unknown', 0], ['known', body.length]]) {
    const seen = [];
    const wasm = `http://127.0.0.1:${server.address().port}/${path}`;
    await assert.rejects(imgvet.load({ wasm, onProgress: (p) => seen.push(p) }), imgvet.Failure);
    assert.equal(seen.at(-1).loaded, body.length);
    for (const p of seen) assert.equal(p.total, total, path);
  }
});

test('load takes the WebAssembly as a Blob', async () => {
  const bytes = await readFile(new URL(dist('imgvet.wasm')));
  await imgvet.load({ wasm: new Blob([bytes]) });
  assert.ok((await imgvet.validate(png)).ok);
  imgvet.load({ wasm: new Blob(['<!doctype html>'], { type: 'text/html' }) });
  await assert.rejects(imgvet.validate(png), ({ message }) => /imgvet\.wasm: there is a page of HTML/.test(message));
  imgvet.load({ wasm: dist('imgvet.wasm') });
  assert.ok((await imgvet.validate(png)).ok);
});

test('what is missing is named, with what to do', async () => {
  const told = (name) => (cause) => {
    assert.ok(cause instanceof imgvet.Failure);
    for (const part of [name, 'imgvet.load({ worker, wasm })', 'imgvet/inline']) assert.ok(cause.message.includes(part), cause.message);
    return true;
  };
  await assert.rejects(imgvet.load({ wasm: dist('gone.wasm') }), told('gone.wasm'));
  await assert.rejects(imgvet.validate(png), told('gone.wasm'));
  imgvet.load({ wasm: dist('imgvet.wasm') });

  const silent = { load() {}, judge() {}, onMessage() {}, onError() {}, stop() {}, hold() {}, release() {} };
  const lost = createClient(() => silent, {}, 1e6);
  await assert.rejects(lost.validate(png), told('imgvet.wasm'));
  await assert.rejects(lost.load(), told('imgvet.wasm'));
  const broken = createClient(() => silent, { wasm: async () => { throw new Error('a chunk is gone'); } }, 1e6);
  await assert.rejects(broken.validate(png), /a chunk is gone/);
});

test('a worker that still loads is not idle', async () => {
  let say, stopped = false;
  const worker = { load() {}, judge() {}, onMessage(handle) { say = handle; }, onError() {}, stop() { stopped = true; }, hold() {}, release() {} };
  const client = createClient(() => worker, { wasm: 'file:///x.wasm' }, 1);
  const loaded = client.load();
  await new Promise((resolve) => { setTimeout(resolve, 20); });
  assert.ok(!stopped);
  say({ ready: true });
  await loaded;
  await new Promise((resolve) => { setTimeout(resolve, 20); });
  assert.ok(stopped);
});

// A client whose workers the test plays.
function played(wasm = 'file:///x.wasm') {
  const workers = [];
  const start = (script) => {
    const w = { script, jobs: [], loads: [], stopped: false };
    workers.push(w);
    return {
      load: (what) => w.loads.push(what), judge: (job) => w.jobs.push(job.id), hold() {}, release() {},
      onMessage: (handle) => { w.say = handle; }, onError: (handle) => { w.break = handle; }, stop: () => { w.stopped = true; },
    };
  };
  return { workers, client: createClient(start, { worker: 'file:///x.js', wasm }, 1e6) };
}

const elsewhere = /loaded from elsewhere/;

test('load from another place during a check: that one ends, the next is judged from there', async () => {
  const { workers, client } = played();
  const [first, second] = [client.validate(png), client.validate(png)];
  workers[0].say({ module: 'old' });
  workers[0].say({ ready: true });
  const overtaken = client.load({ wasm: 'file:///y.wasm' });
  let settled = false;
  const loaded = client.load({ wasm: 'file:///z.wasm', worker: 'file:///z.js' }).finally(() => { settled = true; });
  await assert.rejects(overtaken, elsewhere);
  assert.ok(!workers[0].stopped && workers.length === 1);
  workers[0].say({ id: workers[0].jobs[0], verdict: 'good' });
  assert.equal(await first, 'good');
  assert.ok(workers[0].stopped && !settled);
  assert.equal(String(workers[1].script), 'file:///z.js');
  assert.equal(workers[1].loads[0].url, 'file:///z.wasm');
  assert.equal(workers[1].loads[0].module, undefined, 'not what another place had');
  workers[1].say({ ready: true });
  await loaded;
  workers[1].say({ id: workers[1].jobs[0], verdict: 'of the new one' });
  assert.equal(await second, 'of the new one');
  client.close();
});

test('load from another place during a check rejects if nothing is there', async () => {
  for (const end of ['verdict', 'abort', 'death']) {
    const { workers, client } = played();
    const stop = new AbortController();
    const checked = client.validate(png, { signal: stop.signal });
    workers[0].say({ ready: true });
    const loaded = client.load({ wasm: 'file:///gone.wasm' });
    if (end === 'verdict') {
      workers[0].say({ id: workers[0].jobs[0], verdict: 'good' });
      assert.equal(await checked, 'good');
    } else if (end === 'abort') {
      stop.abort();
      await assert.rejects(checked, { name: 'AbortError' });
    } else {
      workers[0].break('out of memory');
      await assert.rejects(checked, /out of memory/);
    }
    workers[1].say({ dead: 'gone.wasm: HTTP status 404' });
    await assert.rejects(loaded, /status 404/, end);
    client.close();
  }
});

test('load from another place, while one loads, starts over there with all that waits', async () => {
  const { workers, client } = played();
  const old = client.load();
  const checked = client.validate(png);
  const loaded = client.load({ wasm: 'file:///y.wasm' });
  await assert.rejects(old, elsewhere);
  assert.ok(workers[0].stopped);
  workers[1].say({ ready: true });
  await loaded;
  workers[1].say({ id: workers[1].jobs[0], verdict: 'good' });
  assert.equal(await checked, 'good');
  const again = client.validate(png);
  const closed = client.load({ wasm: 'file:///z.wasm' });
  client.close();
  for (const call of [again, closed]) await assert.rejects(call, /closed/);
});

test('a worker gets a place, a Blob that a function makes, or what was compiled, and no more', async () => {
  const blob = new Blob(['wasm']);
  for (const [wasm, want] of [['file:///x.wasm', { url: 'file:///x.wasm' }], [blob, { blob }], [async () => blob, { blob }]]) {
    const { workers, client } = played(wasm);
    const loaded = client.load();
    await null; // the function's promise
    await null;
    assert.deepEqual(workers[0].loads, [{ ...want, size: wasmBytes }]);
    workers[0].say({ module: 'compiled' });
    workers[0].say({ ready: true });
    await loaded;
    client.close();
    client.load();
    assert.deepEqual(workers[1].loads, [{ module: 'compiled' }]);
    client.close();
  }
});

test('load rejects what it does not know, all at once', () => {
  assert.throws(() => imgvet.load({ wasm: 'http://[', url: 1, onProgress: 3 }), (cause) => {
    assert.ok(cause instanceof TypeError);
    for (const name of ['wasm', 'url', 'onProgress']) assert.match(cause.message, new RegExp(`\\b${name}\\b`));
    return true;
  });
  assert.throws(() => imgvet.load(3), TypeError);
});
