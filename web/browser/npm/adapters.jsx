// React, Uppy and FilePond, each with a whole picture and a broken one.

import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import Uppy from '@uppy/core';
import * as FilePond from 'filepond';
import { useVerdict } from 'imgvet/react';
import { attachUppy } from 'imgvet/uppy';
import { filePondPlugin } from 'imgvet/filepond';
import { validate } from 'imgvet';

const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
canvas.getContext('2d').fillRect(0, 0, 9, 9);
const png = await new Promise((resolve) => { canvas.toBlob(resolve); });
const whole = new File([png], 'whole.png', { type: 'image/png' });
const cut = new File([png.slice(0, png.size - 5)], 'cut.png', { type: 'image/png' });
const broken = async () => { throw new Error('no worker'); }; // a check that fails

const until = async (done) => {
  while (!done()) await new Promise((resolve) => { setTimeout(resolve, 5); });
};

async function react() {
  const seen = [];
  let choose;
  function Photo() {
    const [{ file, check }, set] = useState({});
    choose = set;
    const { state, verdict, failure } = useVerdict(file, { check, maxBytes: 1e6 });
    const line = [file?.name, state, verdict?.reason, failure?.message].filter(Boolean).join(' ');
    if (seen.at(-1) !== line) seen.push(line);
    return line;
  }
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  root.render(<StrictMode><Photo /></StrictMode>);
  await until(() => seen.includes('idle'));
  choose({ file: whole, check: validate });
  await until(() => seen.includes('whole.png accepted'));
  choose({ file: cut, check: validate });
  await until(() => seen.includes('cut.png refused truncated'));
  choose({ file: whole, check: broken });
  await until(() => seen.at(-1).includes('unchecked'));
  choose({ file: cut, check: validate });
  choose({});
  await until(() => seen.at(-1) === 'idle');
  root.unmount();
  return seen;
}

async function uppy() {
  const seen = [];
  const up = new Uppy({ logger: { debug() {}, warn: (what) => what.message && seen.push(`warning ${what.message}`), error() {} } });
  const detach = attachUppy(up);
  up.on('restriction-failed', (file, error) => seen.push(`${file.name} ${error.verdict.reason}`));
  up.on('info-visible', () => seen.push(up.getState().info.map((i) => `${i.type} ${i.message}`).join()));
  up.addUploader(async (ids) => { seen.push(`sent ${ids.map((id) => up.getFile(id)?.name)}`); });
  up.addFile({ name: whole.name, type: whole.type, data: whole });
  up.addFile({ name: cut.name, type: cut.type, data: cut });
  await up.upload(); // at once: it waits for the checks
  detach();
  up.clear();
  up.addFile({ name: 'unchecked.png', type: cut.type, data: cut });
  await up.upload();
  up.clear();
  const other = attachUppy(up, { check: broken });
  up.addFile({ name: 'undecided.png', type: cut.type, data: cut });
  await up.upload();
  other();
  up.destroy();
  return seen;
}

async function filepond() {
  const seen = [];
  FilePond.registerPlugin(filePondPlugin({ title: 'Refused' }));
  const pond = FilePond.create({
    allowMultiple: true,
    instantUpload: true,
    server: { process: (name, file, meta, load) => { seen.push(`sent ${file.name}`); load('1'); return { abort() {} }; } },
  });
  document.body.append(pond.element);
  for (const file of [whole, cut]) {
    await pond.addFile(file).then((item) => seen.push(`added ${item.filename}`), ({ error }) => seen.push(`${error.main}: ${error.sub}`));
  }
  await until(() => seen.includes('sent whole.png'));
  pond.destroy();
  return seen;
}

try {
  window.said = JSON.stringify({ react: await react(), uppy: await uppy(), filepond: await filepond() });
} catch (failure) {
  window.said = `${failure.name}: ${failure.message} ${failure.stack}`;
}
