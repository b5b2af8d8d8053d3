// imgvet for Uppy 4 and later.

import { validate } from 'imgvet';

/** Checks every file that is added to uppy. See uppy.d.ts. */
export function attachUppy(uppy, { check = validate, ...options } = {}) {
  const checks = new Map(); // of files by id, until an upload has waited for them

  const added = (file) => checks.set(file.id, judge(file));
  const removed = (file) => checks.delete(file.id);
  async function judge({ id, data }) {
    if (!(data instanceof Blob)) return; // a file of a remote source, which the server fetches
    let verdict;
    try {
      verdict = await check(data, options);
    } catch (failure) { // the server decides
      uppy.log(failure, 'warning');
      return;
    }
    const file = uppy.getFile(id);
    if (verdict.ok || file?.data !== data) return;
    uppy.removeFile(id);
    uppy.emit('restriction-failed', file, Object.assign(new Error(verdict.advice), { verdict }));
    uppy.info({ message: file.name, details: verdict.advice }, 'error', 10_000);
  }
  const wait = (ids) => Promise.all(ids.map((id) => checks.get(id)));

  uppy.on('file-added', added);
  uppy.on('file-removed', removed);
  uppy.addPreProcessor(wait);
  return () => {
    uppy.off('file-added', added);
    uppy.off('file-removed', removed);
    uppy.removePreProcessor(wait);
  };
}
