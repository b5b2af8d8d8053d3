// Where the built files are: web/dist, or where a test has built them.

import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = process.env.IMGVET_DIST ?? fileURLToPath(new URL('../dist', import.meta.url));

export const dist = (name) => pathToFileURL(resolve(folder, name)).href;
export const good = (name) => fileURLToPath(new URL(`../../testdata/good/${name}`, import.meta.url));
