// Prints the verdict on every file of a list, a line of JSON each:
//
//	node cases.mjs LIST.json
//
// LIST.json is an array of {file, options}.

import { openAsBlob } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dist } from './dist.mjs';

const { validate } = await import(dist('node.js'));

if (process.argv.length !== 3) {
  console.error('usage: node cases.mjs LIST.json');
  process.exit(2);
}
// All at once: the queue keeps the order.
const list = JSON.parse(await readFile(process.argv[2], 'utf8'));
const verdicts = list.map(async ({ file, options }) => validate(await openAsBlob(file), options));
for (const v of verdicts) {
  let line;
  try {
    line = await v;
  } catch (cause) {
    line = { failure: String(cause) };
  }
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
