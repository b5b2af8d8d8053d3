// The nets in runtimes that share no code with package face.
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';

// A net's run takes an input tensor and returns {scores, boxes}: raw, before the
// sigmoid, one score and 16 numbers an anchor.

// onnx opens the independent ONNX copy of the short-range net, whose outputs come
// in two parts: the anchors of the 16x16 map, then those of the 8x8 map.
export async function onnx(file) {
  const ort = await import('onnxruntime-node');
  const session = await ort.InferenceSession.create(file, {logSeverityLevel: 3, intraOpNumThreads: 1});
  const part = (out, rows, columns) => {
    const found = Object.values(out).filter((t) => t.dims[1] === rows && t.dims[2] === columns);
    if (found.length !== 1) throw new Error(`${file}: no output of ${rows}x${columns}`);
    return found[0].data;
  };
  return async (input) => {
    const out = await session.run({[session.inputNames[0]]: new ort.Tensor('float32', input, [1, 128, 128, 3])});
    return {
      scores: Float32Array.of(...part(out, 512, 1), ...part(out, 384, 1)),
      boxes: Float32Array.of(...part(out, 512, 16), ...part(out, 384, 16)),
    };
  };
}

// liteRT opens a TFLite file in Google's own runtime, built for WebAssembly.
export async function liteRT(file) {
  const {loadAndCompile, Tensor} = await runtime();
  const model = await loadAndCompile(new Uint8Array(readFileSync(file)), {accelerator: 'wasm'});
  const shape = Array.from(model.getInputDetails()[0].shape);
  return async (input) => {
    const tensor = new Tensor(input, shape);
    const outputs = await model.run([tensor]);
    tensor.delete();
    const data = outputs.map((o) => ({columns: o.type.layout.dimensions[2], values: Float32Array.from(o.toTypedArray())}));
    outputs.forEach((o) => o.delete());
    return {
      scores: data.find((o) => o.columns === 1).values,
      boxes: data.find((o) => o.columns === 16).values,
    };
  };
}

let loading;

// runtime loads LiteRT.js once. It was made for pages and workers: Node is told to
// look like a worker that loads its scripts from the package's folder.
function runtime() {
  loading ??= (async () => {
    const require = createRequire(import.meta.url);
    const folder = path.join(path.dirname(require.resolve('@litertjs/core')), '..', 'wasm');
    Object.assign(globalThis, {
      self: globalThis,
      navigator: globalThis.navigator ?? {},
      require,
      __dirname: folder,
      __filename: path.join(folder, 'worker.js'),
      importScripts: (name) => vm.runInThisContext(readFileSync(name, 'utf8'), {filename: name}),
    });
    const litert = await import('@litertjs/core');
    await litert.loadLiteRt(folder + '/', {threads: false});
    return litert;
  })();
  return loading;
}
