// Runs both nets on the twenty pictures in other people's runtimes.
//
//   node run.mjs           compares with the goldens, and with the folder that
//                          IMGVET_FACE_DUMP=folder go test -run TestReference ./face
//                          filled, if --dump folder is given: every value
//   node run.mjs --write   writes the goldens
import {createHash} from 'node:crypto';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {pictures, tensor} from './inputs.mjs';
import {liteRT, onnx} from './runtimes.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const golden = path.join(here, '../../testdata/reference');
const weights = path.join(here, '../../weights');
const columns = 17; // the score, then 4 of the box and 6 points of 2
const tolerance = 1e-3;

// Every stride-th anchor is kept, and the eight of the highest score. The strides
// share no factor with the maps' widths or the anchors a cell: all columns and
// both anchors of a cell come in turn.
const nets = [
  {name: 'short', input: 128, anchors: 896, stride: 19, file: 'face_detection_short_range.tflite'},
  {name: 'full', input: 192, anchors: 2304, stride: 37, file: 'face_detection_full_range.tflite'},
];

// rows puts the score and the numbers of every anchor side by side.
function rows({scores, boxes}) {
  const out = new Float32Array(scores.length * columns);
  for (let i = 0; i < scores.length; i++) {
    out[i * columns] = scores[i];
    out.set(boxes.subarray(i * 16, i * 16 + 16), i * columns + 1);
  }
  return out;
}

function kept(net, all) {
  const anchors = [];
  for (let i = 0; i < net.anchors; i += net.stride) anchors.push(i);
  const best = Array.from({length: net.anchors}, (_, i) => i).sort((a, b) => all[b * columns] - all[a * columns] || a - b);
  for (const i of best.slice(0, 8)) if (!anchors.includes(i)) anchors.push(i);
  return anchors;
}

// furthest returns the largest difference, relative where values are over 1: on a
// black picture they reach 11,899, where a float32 is no finer than 0.001.
const furthest = (a, b) => a.reduce((worst, v, i) => Math.max(worst, Math.abs(v - b[i]) / Math.max(1, Math.abs(v))), 0);

// sums adds up the values, and their sizes, of each column over all anchors: what
// the anchors that are not kept leave in the golden.
function sums(net, all) {
  const sum = new Array(columns).fill(0);
  const size = new Array(columns).fill(0);
  for (let i = 0; i < net.anchors * columns; i++) {
    sum[i % columns] += all[i];
    size[i % columns] += Math.abs(all[i]);
  }
  return {sum, size};
}

const dump = process.argv.includes('--dump') ? process.argv[process.argv.indexOf('--dump') + 1] : '';
const write = process.argv.includes('--write');
const inputs = pictures(golden);
let failed = false;
for (const net of nets) {
  const run = await liteRT(path.join(weights, net.file));
  const other = net.name === 'short' ? await onnx(path.join(here, 'models/face_detection_front_128x128.onnx')) : null;
  const index = [];
  const values = [];
  let [between, ours, count] = [0, 0, 0];
  for (const {name, rgb} of inputs) {
    const input = tensor(rgb, net.input);
    // The short-range golden is the ONNX copy's word: other weights file, other
    // runtime. LiteRT's is held beside it.
    const lite = rows(await run(input));
    const all = other ? rows(await other(input)) : lite;
    if (all.length !== net.anchors * columns) throw new Error(`${net.name}: ${all.length} values`);
    between = Math.max(between, furthest(all, lite));
    if (dump) {
      const b = readFileSync(path.join(dump, `${net.name}-${name}.f32`));
      const got = new Float32Array(b.buffer, b.byteOffset, b.length / 4);
      if (got.length !== all.length) throw new Error(`${net.name} ${name}: ${got.length} values`);
      ours = Math.max(ours, furthest(all, got));
      count += got.length;
    }
    const anchors = kept(net, all);
    for (const i of anchors) values.push(...all.subarray(i * columns, (i + 1) * columns));
    index.push({name, sha256: createHash('sha256').update(rgb).digest('hex'), anchors, ...sums(net, all)});
  }
  const binary = path.join(golden, `${net.name}.f32`);
  const json = path.join(golden, `${net.name}.json`);
  if (write) {
    writeFileSync(binary, Buffer.from(Float32Array.from(values).buffer));
    writeFileSync(json, '[\n' + index.map((p) => JSON.stringify(p, (k, v) => (k === 'sum' || k === 'size' ? v.map((x) => Number(x.toFixed(4))) : v))).join(',\n') + '\n]\n');
  } else if (existsSync(binary)) {
    const b = readFileSync(binary);
    const d = furthest(Float32Array.from(values), new Float32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length)));
    failed ||= !(d <= tolerance);
    console.log(`${net.name}: goldens within ${d.toExponential(1)}`);
  }
  if (other) console.log(`${net.name}: onnxruntime and LiteRT within ${between.toExponential(1)}`);
  if (dump) {
    failed ||= !(ours <= tolerance);
    console.log(`${net.name}: package face within ${ours.toExponential(1)} over ${count} values`);
  }
}
process.exit(failed ? 1 : 0);
