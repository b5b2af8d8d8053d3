// node encode.mjs ENCODER IN OUT: writes each picture of the folder IN, raw RGBA as
// NAME.WIDTHxHEIGHT.rgba, to OUT in every way that the encoder has.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

// wasm compiles the file of a package, which @jsquash otherwise fetches.
const wasm = async (file) => WebAssembly.compile(await readFile(require.resolve(file)));

const encoders = {
  'jpeg-js': async () => {
    const { encode } = require('jpeg-js');
    return (p) => [30, 75, 100].map((q) => [`q${q}.jpg`, encode(p, q).data]);
  },
  jimp: async () => {
    const { Jimp, JimpMime } = await import('jimp');
    return async ({ data, width, height }) => {
      const img = Jimp.fromBitmap({ data, width, height });
      return Promise.all([
        ['jpg', JimpMime.jpeg],
        ['png', JimpMime.png],
        ['bmp', JimpMime.bmp],
      ].map(async ([ext, type]) => [ext, await img.getBuffer(type)]));
    };
  },
  pngjs: async () => {
    const { PNG } = require('pngjs');
    return ({ data, width, height }) => [0, 2, 4, 6].map((colorType) => {
      const png = new PNG({ width, height, colorType });
      data.copy(png.data);
      return [`c${colorType}.png`, PNG.sync.write(png, { colorType })];
    });
  },
  'upng-js': async () => {
    const UPNG = require('upng-js');
    return ({ data, width, height }) => [0, 2, 16, 256].map((colours) => {
      const raw = data.buffer.slice(data.byteOffset, data.byteOffset + data.length);
      return [`${colours}.png`, Buffer.from(UPNG.encode([raw], width, height, colours))];
    });
  },
  sharp: async () => {
    const sharp = (await import('sharp')).default;
    return async ({ data, width, height }) => {
      const img = () => sharp(data, { raw: { width, height, channels: 4 } });
      return Promise.all([
        ['jpg', img().jpeg()],
        ['progressive.jpg', img().jpeg({ progressive: true })],
        ['moz.jpg', img().jpeg({ mozjpeg: true })],
        ['444.jpg', img().jpeg({ chromaSubsampling: '4:4:4', quality: 95 })],
        ['png', img().png()],
        ['palette.png', img().png({ palette: true })],
        ['interlaced.png', img().png({ progressive: true })],
        ['webp', img().webp()],
        ['lossless.webp', img().webp({ lossless: true })],
      ].map(async ([ext, out]) => [ext, await out.toBuffer()]));
    };
  },
  '@jsquash': async () => {
    const jpeg = await import('@jsquash/jpeg/encode.js');
    const png = await import('@jsquash/png/encode.js');
    const webp = await import('@jsquash/webp/encode.js');
    await jpeg.init(await wasm('@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm'));
    await png.init(await wasm('@jsquash/png/codec/pkg/squoosh_png_bg.wasm'));
    await webp.init(await wasm('@jsquash/webp/codec/enc/webp_enc.wasm'));
    return async ({ data, width, height }) => {
      const p = { data: new Uint8ClampedArray(data), width, height, colorSpace: 'srgb' };
      return [
        ['jpg', Buffer.from(await jpeg.default(p))],
        ['baseline.jpg', Buffer.from(await jpeg.default(p, { progressive: false, quality: 60 }))],
        ['png', Buffer.from(await png.default(p))],
        ['webp', Buffer.from(await webp.default(p))],
      ];
    };
  },
};

const [name, from, to] = process.argv.slice(2);
globalThis.ImageData ??= class ImageData {
  constructor(data, width, height) {
    Object.assign(this, { data, width, height });
  }
};
const encode = await encoders[name]();
for (const file of await readdir(from)) {
  const [stem, size, ext] = file.split('.');
  if (ext !== 'rgba') continue;
  const [width, height] = size.split('x').map(Number);
  for (const [kind, bytes] of await encode({ data: await readFile(join(from, file)), width, height })) {
    await writeFile(join(to, `${stem}.${kind}`), bytes);
  }
}
