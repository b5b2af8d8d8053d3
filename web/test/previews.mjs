// Prints the preview of every file of a list, a line of JSON each:
//
//	node previews.mjs LIST.json
//
// LIST.json is an array of {file, options}. Of the pixels the line has a checksum.

import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dist } from './dist.mjs';

const { preview, NoPreview } = await import(dist('node.js'));

if (process.argv.length !== 3) {
  console.error('usage: node previews.mjs LIST.json');
  process.exit(2);
}
for (const { file, options } of JSON.parse(await readFile(process.argv[2], 'utf8'))) {
  let line;
  try {
    const { data, ...rest } = await preview(await openAsBlob(file), options);
    if (data.length !== 4 * rest.width * rest.height) throw new Error(`${data.length} bytes of pixels`);
    line = { ...rest, sha256: createHash('sha256').update(data).digest('hex') };
  } catch (cause) {
    line = cause instanceof NoPreview ? { reason: cause.reason } : { error: String(cause) };
  }
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
