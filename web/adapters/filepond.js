// imgvet for FilePond 4.

import { validate } from 'imgvet';

/** Returns a plugin for FilePond.registerPlugin. See filepond.d.ts. */
export function filePondPlugin({ check = validate, title = 'This picture would be refused', ...options } = {}) {
  return ({ addFilter }) => {
    addFilter('LOAD_FILE', async (file) => {
      let verdict;
      try {
        verdict = await check(file, options);
      } catch { // the server decides
        return file;
      }
      if (verdict.ok) return file;
      // FilePond shows both lines on the item, and does not send it.
      throw { status: { main: title, sub: verdict.advice }, verdict };
    });
    return { options: {} };
  };
}
