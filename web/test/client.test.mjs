import assert from 'node:assert/strict';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { openAsBlob } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { dist, good } from './dist.mjs';

const imgvet = await import(dist('node.js'));
const { createClient } = await import(dist('client.js'));
const { formats, maxBytes } = await import(dist('rules.js'));
const png = await readFile(good('png/magick-rgb8.png'));

test('a good picture, whatever holds its bytes', async () => {
  const want = {
    ok: true, format: 'png', size: png.length, width: 44, height: 30, orientation: 1, frames: 1,
    warnings: [], error: null, reason: null, offset: null, advice: null, limit: null, got: null, detail: null,
    facts: {
      exif: false, gps: false, xmp: false, icc: false, c2pa: false, alpha: false, hdr: false,
      progressive: false, animated: false, bit_depth: 8,
    },
  };
  const exact = png.buffer.slice(png.byteOffset, png.byteOffset + png.length);
  for (const file of [png, exact, new DataView(exact), new Blob([png]), new File([png], 'a.txt'), await openAsBlob(good('png/magick-rgb8.png'))]) {
    assert.deepEqual(await imgvet.validate(file), want);
    assert.deepEqual(Object.keys(await imgvet.validate(file)), Object.keys(want), 'the order is fixed');
  }
  assert.equal(imgvet.default.validate, imgvet.validate);
});

test('a refusal says what the server will say', async () => {
  const v = await imgvet.validate(png.subarray(0, 200));
  assert.equal(JSON.stringify({ error: v.error }), '{"error":{"code":5,"message":"file corrupted"}}');
  assert.equal(v.reason, 'truncated');
  assert.match(v.advice, /ends too early/);
  assert.equal(v.width, 44, 'what was learned until then');
  assert.equal((await imgvet.validate(new Blob([]))).error.code, 6);
});

test('the size limit is exclusive', async () => {
  for (const [size, code] of [[maxBytes - 1, 5], [maxBytes, 3], [maxBytes + 1, 3]]) {
    assert.equal((await imgvet.validate(new Uint8Array(size))).error.code, code, `${size} bytes`);
  }
  for (const [limit, ok] of [[png.length, false], [png.length + 1, true]]) {
    assert.equal((await imgvet.validate(png, { maxBytes: limit })).ok, ok);
  }
});

test('rules of sides, shape and frames', async () => {
  for (const [rules, reason] of [
    [{ minWidth: 44, maxWidth: 44, minHeight: 30, maxHeight: 30, minAspect: 44 / 30, maxAspect: 44 / 30, maxFrames: 1 }, null],
    [{ minWidth: 45 }, 'too_small'], [{ minHeight: 31 }, 'too_small'],
    [{ maxWidth: 43 }, 'too_large_side'], [{ maxHeight: 29 }, 'too_large_side'],
    [{ minAspect: 1.5 }, 'aspect_ratio'], [{ maxAspect: 1.4 }, 'aspect_ratio'],
  ]) {
    const v = await imgvet.validate(png, rules);
    assert.equal(v.reason, reason, JSON.stringify(rules));
    if (!v.ok) assert.equal(v.error.code, 5);
  }
  assert.equal((await imgvet.validate(png, { minWidth: 600 })).advice, 'The picture is 44 pixels wide: send one of at least 600.');
  assert.equal((await imgvet.validate(await readFile(good('png/pillow-apng.png')), { maxFrames: 1 })).reason, 'animated');
  const bad = { minWidth: -1, maxWidth: 1.5, minHeight: 3, maxHeight: 2, minAspect: NaN, maxAspect: '1', maxFrames: 2 ** 31 };
  await assert.rejects(imgvet.validate(png, bad), (e) => {
    assert.ok(e instanceof TypeError);
    for (const name of ['minWidth is -1', 'maxWidth must', 'minHeight is 3', 'minAspect must', 'maxAspect must', 'maxFrames is']) {
      assert.ok(e.message.includes(name), `${name}: ${e.message}`);
    }
    return true;
  });
});

test('options', async () => {
  const trailing = new Blob([png, 'more']);
  const normal = await imgvet.validate(trailing);
  assert.deepEqual(normal.warnings.map((w) => [w.reason, w.offset]), [['trailing_data', png.length]]);
  assert.equal((await imgvet.validate(trailing, { tolerance: 'strict' })).reason, 'trailing_data');
  assert.equal((await imgvet.validate(trailing, { strict: true })).reason, 'trailing_data');
  await assert.rejects(imgvet.validate(png, { strict: true, tolerance: 'lenient' }), TypeError);
  const cut = png.subarray(0, png.length - 12);
  assert.equal((await imgvet.validate(cut, { tolerance: 'normal' })).reason, 'truncated');
  assert.equal((await imgvet.validate(cut, { tolerance: 'lenient' })).warnings[0].reason, 'missing_end');
  assert.equal((await imgvet.validate(png, { formats: ['jpeg', 'heic'] })).reason, 'format_not_allowed');
  assert.equal((await imgvet.validate(png, { maxPixels: 44 * 30 - 1 })).reason, 'too_many_pixels');
  assert.ok((await imgvet.validate(png, { maxPixels: 44 * 30, maxBytes: 0, formats: undefined, signal: undefined })).ok);
});

test('bad options are all named', async () => {
  const bad = { maxBytes: -1, maxPixels: 1.5, formats: ['gif', 'png'], tolerance: 'loose', signal: 3, upload: true };
  await assert.rejects(imgvet.validate(png, bad), (cause) => {
    assert.ok(cause instanceof TypeError);
    for (const name of Object.keys(bad)) assert.match(cause.message, new RegExp(`\\b${name}\\b`));
    return true;
  });
  for (const one of [3, 'x', [], { formats: [] }, { formats: 'png' }, { formats: ['constructor'] }, { maxBytes: 2 ** 31 }, { maxBytes: NaN }]) {
    await assert.rejects(imgvet.validate(png, one), TypeError, JSON.stringify(one));
  }
  for (const file of [undefined, null, 'a.png', {}, [1, 2]]) {
    await assert.rejects(imgvet.validate(file), TypeError);
  }
});

test('a preview of a HEIC, and of nothing else', async () => {
  const heic = await readFile(good('heic/irot-90.heic'));
  const { width, height } = await imgvet.validate(heic);
  const p = await imgvet.preview(heic);
  assert.deepEqual(Object.keys(p), ['data', 'width', 'height', 'colorSpace'], 'the fields of an ImageData');
  assert.deepEqual([p.width, p.height], [height, width], 'upright');
  assert.ok(p.data instanceof Uint8ClampedArray);
  assert.equal(p.data.length, 4 * width * height);
  assert.deepEqual((await imgvet.preview(heic, { maxSide: 1 })).data.length, 4);
  assert.equal(imgvet.default.preview, imgvet.preview);

  for (const [file, options, reason, told] of [
    [heic.subarray(0, heic.length - 1), {}, 'refused', /refused: truncated/],
    [heic, { formats: ['png'] }, 'refused', /format_not_allowed/],
    [heic, { maxPixels: width * height - 1 }, 'refused', /too_many_pixels/],
    [heic, { maxWidth: 1 }, 'refused', /too_large_side/],
    [png, {}, 'format', /the file is png/],
    [new Uint8Array(0), {}, 'refused', /refused/],
  ]) {
    await assert.rejects(imgvet.preview(file, options), (cause) => {
      assert.ok(cause instanceof imgvet.NoPreview && !(cause instanceof imgvet.Failure));
      assert.equal(cause.reason, reason);
      assert.equal(cause.verdict.ok, reason === 'format');
      assert.match(cause.message, told);
      return true;
    });
  }
  for (const maxSide of [0, -1, 1.5, 4097, '9', NaN]) {
    await assert.rejects(imgvet.preview(heic, { maxSide, colour: 1 }), (e) => e instanceof TypeError && /maxSide.*/.test(e.message) && /colour/.test(e.message));
  }
  await assert.rejects(imgvet.validate(heic, { maxSide: 9 }), /no option maxSide/);
  await assert.rejects(imgvet.preview(heic, { signal: AbortSignal.abort(new Error('early')) }), /early/);
  const stop = new AbortController();
  const under = imgvet.preview(heic, { signal: stop.signal });
  stop.abort();
  await assert.rejects(under, { name: 'AbortError' });
  assert.ok((await imgvet.validate(heic)).ok, 'the next one is judged');
});

test('several at once are answered in order, each with its own verdict', async () => {
  const done = [];
  const all = Array.from({ length: 50 }, (_, i) => imgvet.validate(png.subarray(0, i % 2 ? png.length : i)).then((v) => {
    done.push(i);
    return v.ok;
  }));
  assert.deepEqual(await Promise.all(all), Array.from({ length: 50 }, (_, i) => i % 2 === 1));
  assert.deepEqual(done, Array.from({ length: 50 }, (_, i) => i));
});

test('abort: before, while waiting, while at work', async () => {
  await assert.rejects(imgvet.validate(png, { signal: AbortSignal.abort(new Error('early')) }), /early/);

  const stuck = new Blob(['x']);
  stuck.slice = () => stuck;
  stuck.arrayBuffer = () => new Promise(() => {});
  const [atWork, waiting] = [new AbortController(), new AbortController()];
  const first = imgvet.validate(stuck, { signal: atWork.signal });
  const second = imgvet.validate(png, { signal: waiting.signal });
  const third = imgvet.validate(png);
  waiting.abort();
  await assert.rejects(second, { name: 'AbortError' });
  atWork.abort();
  await assert.rejects(first, { name: 'AbortError' });
  assert.ok((await third).ok, 'the queue goes on');
});

test('a file that cannot be read is no verdict', async () => {
  const broken = new Blob(['x'.repeat(10)]);
  broken.slice = () => broken;
  broken.arrayBuffer = async () => { throw new Error('the stick was pulled out'); };
  await assert.rejects(imgvet.validate(broken), (cause) => cause instanceof imgvet.Failure && /pulled out/.test(cause.message));

  const folder = await mkdtemp(join(tmpdir(), 'imgvet-'));
  const name = join(folder, 'a.png');
  await writeFile(name, png);
  const changed = await openAsBlob(name);
  const handle = await open(name, 'a');
  await handle.write('more');
  await handle.close();
  await assert.rejects(imgvet.validate(changed), imgvet.Failure, 'the file changed behind the blob');
  await rm(folder, { recursive: true });
  assert.ok((await imgvet.validate(png)).ok, 'the next one is judged');
});

test('load takes another place of the WebAssembly, gzipped too; a wrong one fails the calls alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'imgvet-'));
  const copy = join(folder, 'some.bin');
  await writeFile(copy, gzipSync(await readFile(new URL(dist('imgvet.wasm'))), { level: 1 }));
  imgvet.load({ wasm: new URL(`file://${copy}`) });
  assert.ok((await imgvet.validate(png)).ok);

  imgvet.load({ wasm: new URL(`file://${copy}.missing`) });
  await assert.rejects(imgvet.validate(png), imgvet.Failure);
  await writeFile(copy, 'not WebAssembly');
  imgvet.load({ wasm: new URL(`file://${copy}`) });
  await assert.rejects(imgvet.validate(png), imgvet.Failure);

  imgvet.load({ wasm: dist('imgvet.wasm') });
  assert.ok((await imgvet.validate(png)).ok);
  await rm(folder, { recursive: true });
});

test('close ends what is under way; the next call starts again', async () => {
  const under = imgvet.validate(png);
  imgvet.close();
  await assert.rejects(under, imgvet.Failure);
  assert.ok((await imgvet.validate(png)).ok);
});

// The client over a worker that the test plays.
function played(idleMs = 1e6) {
  const workers = [];
  const start = () => {
    const w = { jobs: [], loads: [], stopped: false, held: 0 };
    workers.push(w);
    return {
      load: (what) => w.loads.push(what),
      judge: (job) => w.jobs.push(job),
      onMessage: (handle) => { w.say = handle; },
      onError: (handle) => { w.break = handle; },
      stop: () => { w.stopped = true; },
      hold: () => { w.held++; },
      release: () => { w.held--; },
    };
  };
  return { workers, client: createClient(start, { worker: 'file:///x.js', wasm: 'file:///x.wasm' }, idleMs) };
}

test('a worker that dies fails its calls, and is replaced with the compiled module', async () => {
  const { workers, client } = played();
  const [a, b] = [client.validate(png), client.validate(png)];
  workers[0].say({ ready: true });
  assert.equal(workers[0].jobs.length, 1, 'one at a time');
  workers[0].say({ module: 'compiled' });
  workers[0].break('out of memory');
  await assert.rejects(a, /out of memory/);
  await assert.rejects(b, /out of memory/);
  assert.ok(workers[0].stopped);

  const c = client.validate(png);
  assert.deepEqual(workers[1].loads, [{ module: 'compiled' }]);
  workers[1].say({ ready: true });
  workers[0].say({ id: workers[1].jobs[0].id, verdict: 'of a dead worker' });
  workers[1].say({ id: workers[1].jobs[0].id, verdict: 'good' });
  assert.equal(await c, 'good');
  client.close();
});

test('an abort while the WebAssembly loads does not start the load anew', async () => {
  const { workers, client } = played();
  const stop = new AbortController();
  const loaded = client.load();
  const first = client.validate(png, { signal: stop.signal });
  const second = client.validate(png);
  stop.abort();
  await assert.rejects(first, { name: 'AbortError' });
  assert.ok(!workers[0].stopped);
  assert.deepEqual(workers[0].jobs, [], 'no job before the worker can do it');
  workers[0].say({ ready: true });
  await loaded;
  assert.equal(workers[0].jobs.length, 1);
  workers[0].say({ id: workers[0].jobs[0].id, verdict: 'good' });
  assert.equal(await second, 'good');
  assert.equal(workers.length, 1);
  client.close();
});

test('a preview is an ImageData where there are any, in the colours that the file names', async () => {
  const { workers, client } = played();
  const data = new Uint8ClampedArray(8);
  const say = (facts, rest) => {
    const { jobs } = workers[0];
    const job = jobs[jobs.length - 1];
    assert.equal(job.options.maxSide, 9);
    workers[0].say({ id: job.id, verdict: { ok: true, facts }, picture: null, none: null, ...rest });
  };
  const ask = () => client.preview(png, { maxSide: 9 });
  globalThis.ImageData = class { constructor(...args) { this.args = args; } };
  try {
    for (const [profile, colorSpace] of [['display-p3', 'display-p3'], ['srgb', 'srgb'], ['other', 'srgb'], [undefined, 'srgb']]) {
      const asked = ask();
      workers[0].say({ ready: true });
      say({ profile }, { picture: { data, width: 2, height: 1 } });
      const got = await asked;
      assert.ok(got instanceof ImageData);
      assert.deepEqual(got.args, [data, 2, 1, { colorSpace }]);
    }
  } finally {
    delete globalThis.ImageData;
  }
  const asked = ask();
  say({}, { none: 'too_many_pixels' });
  await assert.rejects(asked, /too many pixels/);
  const judged = client.validate(png);
  assert.equal(workers[0].jobs.at(-1).options.maxSide, 0, 'no verdict decodes');
  client.close();
  await assert.rejects(judged);
});

test('where no worker can be started every call fails, and none waits', async () => {
  const client = createClient(() => { throw new Error('forbidden by policy'); }, { wasm: 'file:///x.wasm' }, 20);
  client.load();
  for (let i = 0; i < 2; i++) {
    await assert.rejects(client.validate(png), (cause) => cause instanceof imgvet.Failure && /forbidden by policy/.test(cause.message));
  }
});

test('an idle worker is ended after a while, a busy one is not', async () => {
  const { workers, client } = played(20);
  const wait = () => new Promise((resolve) => { setTimeout(resolve, 60); });
  const a = client.validate(png);
  workers[0].say({ ready: true });
  await wait();
  assert.ok(!workers[0].stopped, 'busy');
  workers[0].say({ id: workers[0].jobs[0].id, verdict: 'good' });
  await a;
  await wait();
  assert.ok(workers[0].stopped, 'idle');
});

test('accept names every format, by type and extension', () => {
  for (const f of Object.values(formats)) {
    assert.ok(imgvet.accept().split(',').includes(f.mime));
    for (const e of f.extensions) assert.ok(imgvet.accept().split(',').includes(`.${e}`));
  }
  assert.equal(imgvet.accept(['webp']), 'image/webp,.webp');
  assert.throws(() => imgvet.accept(['gif']), TypeError);
  assert.throws(() => imgvet.accept([]), TypeError);
});
