// attach, over the little of a document that it uses.

import assert from 'node:assert/strict';
import test from 'node:test';
import { dist } from './dist.mjs';

const { createAttach, accept } = await import(dist('attach.js'));

globalThis.CustomEvent ??= class extends Event {
  constructor(type, init) { super(type, init); this.detail = init?.detail; }
};

class Element extends EventTarget {
  attributes = new Map();
  textContent = '';
  id = '';
  problem = '';
  files = [];
  ownerDocument = { createElement: () => new Element() };
  getAttribute(name) { return this.attributes.get(name) ?? null; }
  setAttribute(name, value) { this.attributes.set(name, String(value)); }
  removeAttribute(name) { this.attributes.delete(name); }
  set accept(value) { this.setAttribute('accept', value); }
  get accept() { return this.getAttribute('accept') ?? ''; }
  closest() { return this.label ?? null; }
  setCustomValidity(text) { this.problem = text; }
  after(element) { this.behind = element; element.remove = () => { this.behind = undefined; }; }
  choose(...files) { this.files = files; this.dispatchEvent(new Event('change')); }
  said(type) { return new Promise((resolve) => { this.addEventListener(type, (e) => resolve(e.detail), { once: true }); }); }
}

/** An input whose files are judged when the test says so. */
function setUp(options) {
  const input = new Element();
  const calls = [];
  const validate = (file, opts) => new Promise((resolve, reject) => {
    calls.push({ file, opts, resolve, reject });
    opts.signal.addEventListener('abort', () => reject(opts.signal.reason));
  });
  const detach = createAttach(validate)(input, options);
  return { input, calls, detach };
}

const bad = { ok: false, advice: 'Try another.' };

test('before any choice', () => {
  const { input } = setUp();
  assert.equal(input.accept, accept());
  assert.equal(input.behind.getAttribute('aria-live'), 'polite');
  assert.equal(input.behind.getAttribute('role'), 'status');
  assert.equal(input.getAttribute('aria-describedby'), input.behind.id);
  assert.equal(input.problem, '');
});

test('the advice is no part of the label', () => {
  const input = new Element();
  input.label = new Element();
  createAttach(() => {})(input);
  assert.equal(input.behind, undefined);
  assert.equal(input.label.behind.id, input.getAttribute('aria-describedby'));
});

test('rules are passed on, and set accept', () => {
  const { input, calls } = setUp({ formats: ['png'], tolerance: 'strict' });
  assert.equal(input.accept, 'image/png,.png,.apng');
  input.choose('a');
  const { signal, ...rules } = calls[0].opts;
  assert.deepEqual(rules, { formats: ['png'], tolerance: 'strict' });
  assert.ok(signal instanceof AbortSignal);
  assert.throws(() => setUp({ formats: ['gif'], colour: 1 }), /colour.*gif/);
});

test('a form waits while a file is checked', async () => {
  const { input, calls } = setUp();
  const told = input.said('imgvet');
  input.choose('a');
  assert.notEqual(input.problem, '');
  assert.equal(input.getAttribute('aria-invalid'), null, 'not yet known to be wrong');
  calls[0].resolve({ ok: true });
  assert.deepEqual(await told, { files: ['a'], verdicts: [{ ok: true }] });
  assert.equal(input.problem, '');
  assert.notEqual(input.behind.textContent, '');
});

test('a refusal is said in place, and marked', async () => {
  const { input, calls } = setUp();
  const told = input.said('imgvet');
  input.choose('a');
  calls[0].resolve(bad);
  await told;
  assert.equal(input.behind.textContent, 'Try another.');
  assert.equal(input.problem, 'Try another.');
  assert.equal(input.getAttribute('aria-invalid'), 'true');

  input.choose();
  assert.equal(input.behind.textContent, '', 'nothing chosen, nothing said');
  assert.equal(input.problem, '');
  assert.equal(input.getAttribute('aria-invalid'), null);
});

test('a form that is reset takes the refusal back', async () => {
  const { input, calls, detach } = setUp();
  input.form = new EventTarget();
  const told = input.said('imgvet');
  input.choose('a');
  calls[0].resolve(bad);
  await told;

  input.form.dispatchEvent(new Event('reset')); // kept from its default: the file stays
  await new Promise((resolve) => { setTimeout(resolve); });
  assert.equal(input.problem, 'Try another.');

  input.form.dispatchEvent(new Event('reset')); // no change event tells of it
  input.files = [];
  await new Promise((resolve) => { setTimeout(resolve); });
  assert.equal(input.problem, '');
  assert.equal(input.behind.textContent, '');
  assert.equal(input.getAttribute('aria-invalid'), null);

  detach();
  input.problem = 'of another script';
  input.form.dispatchEvent(new Event('reset'));
  await new Promise((resolve) => { setTimeout(resolve); });
  assert.equal(input.problem, 'of another script');
});

test('of several files the first bad one is named', async () => {
  const { input, calls } = setUp({ texts: { advice: (v, file) => `${v.advice} (${file.name})` } });
  const told = input.said('imgvet');
  input.choose({ name: 'a' }, { name: '<b>' }, { name: 'c' });
  calls[2].resolve(bad);
  calls[1].resolve(bad);
  calls[0].resolve({ ok: true });
  await told;
  assert.equal(input.behind.textContent, '<b>: Try another. (<b>)');
});

test('a new choice ends the check of the one before', async () => {
  const { input, calls } = setUp();
  input.choose('a');
  const told = input.said('imgvet');
  input.choose('b');
  assert.ok(calls[0].opts.signal.aborted);
  calls[1].resolve({ ok: true });
  assert.deepEqual((await told).files, ['b']);
});

test('our own failure holds no file back', async () => {
  const { input, calls } = setUp();
  const told = input.said('imgvet-failure');
  input.choose('a', 'b');
  calls[0].reject(new Error('no worker'));
  assert.match((await told).cause.message, /no worker/);
  assert.equal(input.problem, '');
  assert.equal(input.getAttribute('aria-invalid'), null);
  assert.ok(calls[1].opts.signal.aborted);
});

test('detach leaves the input as it was', () => {
  const input = new Element();
  input.setAttribute('aria-describedby', 'hint');
  const output = new Element();
  output.id = 'mine';
  const stop = new AbortController();
  const signals = [];
  createAttach((_, { signal }) => { signals.push(signal); return new Promise(() => {}); })(input, { output, signal: stop.signal });
  assert.equal(input.getAttribute('aria-describedby'), 'hint mine');
  assert.equal(input.behind, undefined, 'it has a place of its own');
  input.choose('a');
  stop.abort();
  assert.ok(signals[0].aborted);
  assert.equal(input.getAttribute('aria-describedby'), 'hint');
  assert.equal(input.getAttribute('accept'), null);
  assert.equal(input.problem, '');
  input.choose('b');
  assert.equal(signals.length, 1);
});

test('a signal that is done attaches nothing', () => {
  const { input, calls, detach } = setUp({ signal: AbortSignal.abort() });
  assert.equal(input.getAttribute('accept'), null);
  assert.equal(input.behind, undefined);
  input.choose('a');
  assert.equal(calls.length, 0);
  detach();
});

test('what ends right after the last verdict says nothing', async () => {
  const { input, calls, detach } = setUp();
  input.choose('a');
  calls[0].resolve(bad); // its abort comes too late
  detach();
  await new Promise((resolve) => { setTimeout(resolve); });
  assert.equal(input.problem, '');
});
