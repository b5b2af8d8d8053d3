// The twenty input pictures of the reference comparison, 192x192 RGB, one byte a
// sample. Four are files; sixteen are made from those, or from nothing, in integer
// arithmetic that face/reference_test.go repeats. No decoder or resampler of a
// library comes into it, so both sides feed their nets the very same numbers.
import {readFileSync} from 'node:fs';
import {inflateSync} from 'node:zlib';

export const side = 192;
const length = side * side * 3;

// readPNG reads what the four files are: 8-bit RGB, not interlaced.
function readPNG(name) {
  const b = readFileSync(name);
  const idat = [];
  for (let at = 8; at < b.length;) {
    const size = b.readUInt32BE(at);
    const type = b.toString('latin1', at + 4, at + 8);
    const data = b.subarray(at + 8, at + 8 + size);
    if (type === 'IHDR' && (data.readUInt32BE(0) !== side || data.readUInt32BE(4) !== side ||
        data[8] !== 8 || data[9] !== 2 || data[12] !== 0)) {
      throw new Error(`${name}: not ${side}x${side}, 8-bit RGB, not interlaced`);
    }
    if (type === 'IDAT') idat.push(data);
    at += size + 12;
  }
  const raw = inflateSync(Buffer.concat(idat));
  const row = side * 3;
  const out = new Uint8Array(length);
  for (let y = 0; y < side; y++) {
    const filter = raw[y * (row + 1)];
    for (let x = 0; x < row; x++) {
      const a = x >= 3 ? out[y * row + x - 3] : 0;
      const up = y > 0 ? out[(y - 1) * row + x] : 0;
      const c = x >= 3 && y > 0 ? out[(y - 1) * row + x - 3] : 0;
      const p = a + up - c;
      const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - up), Math.abs(p - c)];
      const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? up : c;
      out[y * row + x] = raw[y * (row + 1) + 1 + x] + [0, a, up, (a + up) >> 1, paeth][filter];
    }
  }
  return out;
}

// make fills a picture from f(x, y), which returns [r, g, b].
function make(f) {
  const out = new Uint8Array(length);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) out.set(f(x, y), (y * side + x) * 3);
  }
  return out;
}

const pixel = (p, x, y) => p.subarray((y * side + x) * 3, (y * side + x) * 3 + 3);

// noise returns the next value of a 32-bit linear congruential generator (the
// constants of Numerical Recipes), its upper byte.
function noise() {
  let s = 1;
  return () => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return s >>> 24;
  };
}

const clamp = (v) => Math.min(255, Math.max(0, v));
const last = side - 1;

// pictures returns [{name, rgb}], in the order of the goldens.
export function pictures(folder) {
  const file = (name) => readPNG(`${folder}/${name}.png`);
  const face = file('astronaut-face');
  const half = file('astronaut-half');
  const whole = file('astronaut-whole');
  const lisa = file('mona-lisa');
  const grain = noise();
  const only = noise();
  return Object.entries({
    'astronaut-face': face,
    'astronaut-half': half,
    'astronaut-whole': whole,
    'mona-lisa': lisa,
    'face-mirrored': make((x, y) => pixel(face, last - x, y)),
    'face-quarter-turn': make((x, y) => pixel(face, y, last - x)),
    'half-upside-down': make((x, y) => pixel(half, last - x, last - y)),
    'face-dark': make((x, y) => pixel(face, x, y).map((v) => v >> 2)),
    'lisa-bright': make((x, y) => pixel(lisa, x, y).map((v) => 255 - ((255 - v) >> 2))),
    'face-grey': make((x, y) => {
      const [r, g, b] = pixel(face, x, y);
      const v = (77 * r + 150 * g + 29 * b + 128) >> 8;
      return [v, v, v];
    }),
    'half-negative': make((x, y) => pixel(half, x, y).map((v) => 255 - v)),
    'lisa-blue-red': make((x, y) => {
      const [r, g, b] = pixel(lisa, x, y);
      return [b, g, r];
    }),
    'face-noise': make((x, y) => Array.from(pixel(face, x, y), (v) => clamp(v + (grain() >> 2) - 32))),
    'four-small': make((x, y) => {
      const from = [[face, half], [whole, lisa]][y < 96 ? 0 : 1][x < 96 ? 0 : 1];
      return pixel(from, (x % 96) * 2, (y % 96) * 2);
    }),
    'lisa-wrapped': make((x, y) => pixel(lisa, (x + 60) % side, (y + 70) % side)),
    'face-mosaic': make((x, y) => pixel(face, x - (x % 8), y - (y % 8))),
    'noise': make(() => [only(), only(), only()]),
    'gradients': make((x, y) => [x, y, x ^ y]),
    'black': make(() => [0, 0, 0]),
    'checkers': make((x, y) => (((x >> 4) ^ (y >> 4)) & 1 ? [255, 255, 255] : [0, 64, 128])),
  }).map(([name, rgb]) => ({name, rgb}));
}

// tensor returns the net's input of n x n x 3: samples picked without averaging,
// mapped to -1..1 in double precision and rounded once.
export function tensor(rgb, n) {
  const out = new Float32Array(n * n * 3);
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const p = pixel(rgb, Math.floor((x * side) / n), Math.floor((y * side) / n));
      for (let c = 0; c < 3; c++) out[(y * n + x) * 3 + c] = p[c] / 127.5 - 1;
    }
  }
  return out;
}
