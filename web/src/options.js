// What callers may pass: everything that is wrong is said at once, and nothing is
// silently repaired. The rules are those of validate.Options in Go.

import { formats } from './rules.js';

const maxInt32 = 2 ** 31 - 1;
const maxPreviewSide = 4096; // 64 MB of pixels
const wholeRules = ['minWidth', 'minHeight', 'maxWidth', 'maxHeight', 'maxFrames'];
const ratioRules = ['minAspect', 'maxAspect'];
const tolerances = ['normal', 'strict', 'lenient'];

/**
 * Returns the options as the WebAssembly takes them, every field filled in; 0 and
 * null stand for the defaults there. also names options beyond those of validate; with
 * maxSide among them a preview is asked for.
 *
 * @throws {TypeError} that lists every problem.
 */
export function checkOptions(options, also = []) {
  const problems = [];
  const o = options ?? {};
  if (typeof o !== 'object' || Array.isArray(o)) {
    throw new TypeError(`imgvet: options must be an object, not ${kind(o)}`);
  }
  const known = ['maxBytes', 'maxPixels', 'formats', 'tolerance', 'strict', ...wholeRules, ...ratioRules, 'signal', ...also];
  for (const name of Object.keys(o)) {
    if (!known.includes(name)) problems.push(`there is no option ${name}`);
  }
  count(problems, 'maxBytes', o.maxBytes, maxInt32);
  count(problems, 'maxPixels', o.maxPixels, Number.MAX_SAFE_INTEGER);
  for (const name of wholeRules) count(problems, name, o[name], maxInt32);
  for (const name of ratioRules) ratio(problems, name, o[name]);
  for (const side of ['Width', 'Height', 'Aspect']) order(problems, side, o[`min${side}`], o[`max${side}`]);
  if (o.formats != null) problems.push(...formatProblems(o.formats));
  if (o.tolerance !== undefined && !tolerances.includes(o.tolerance)) {
    problems.push(`tolerance is ${kind(o.tolerance)}; it must be one of ${tolerances.join(', ')}`);
  }
  if (o.strict !== undefined && typeof o.strict !== 'boolean') {
    problems.push(`strict must be true or false, not ${kind(o.strict)}`);
  } else if (o.strict && o.tolerance !== undefined && o.tolerance !== 'strict') {
    problems.push(`strict contradicts tolerance ${kind(o.tolerance)}`);
  }
  if (o.signal != null && typeof o.signal.addEventListener !== 'function') {
    problems.push(`signal must be an AbortSignal, not ${kind(o.signal)}`);
  }
  const previews = also.includes('maxSide');
  if (previews) {
    count(problems, 'maxSide', o.maxSide, maxPreviewSide);
    if (o.maxSide === 0) problems.push('maxSide is 0; at least 1 is needed');
  }
  if (problems.length > 0) throw new TypeError(`imgvet: ${problems.join('; ')}`);
  const bounds = Object.fromEntries([...wholeRules, ...ratioRules].map((name) => [name, o[name] ?? 0]));
  return {
    ...bounds,
    maxBytes: o.maxBytes ?? 0,
    maxPixels: o.maxPixels ?? 0,
    formats: o.formats ? [...o.formats] : null,
    tolerance: o.tolerance ?? (o.strict ? 'strict' : 'normal'),
    maxSide: previews ? o.maxSide ?? 1280 : 0,
  };
}

/**
 * Returns the options of load, with addresses made absolute.
 *
 * @throws {TypeError} that lists every problem.
 */
export function checkLoad(options) {
  const o = options ?? {};
  if (typeof o !== 'object' || Array.isArray(o)) {
    throw new TypeError(`imgvet: options must be an object, not ${kind(o)}`);
  }
  const problems = Object.keys(o).filter((name) => !['worker', 'wasm', 'onProgress'].includes(name))
    .map((name) => `there is no option ${name}`);
  if (o.onProgress !== undefined && typeof o.onProgress !== 'function') {
    problems.push(`onProgress must be a function, not ${kind(o.onProgress)}`);
  }
  const [worker, wasm] = ['worker', 'wasm'].map((name) => place(problems, name, o[name]));
  if (problems.length > 0) throw new TypeError(`imgvet: ${problems.join('; ')}`);
  return { worker, wasm, onProgress: o.onProgress };
}

function place(problems, name, value) {
  if (value === undefined || value instanceof Blob) return value;
  const url = parse(value);
  if (!url) problems.push(`${name} must be an address or a Blob, not ${kind(value)}`);
  return url;
}

function parse(value) {
  try {
    // A worker has no document, and Node has neither.
    return new URL(value, globalThis.document?.baseURI ?? globalThis.location?.href);
  } catch {
    return null;
  }
}

function count(problems, name, value, most) {
  if (value === undefined) return;
  if (!Number.isSafeInteger(value)) problems.push(`${name} must be a whole number, not ${kind(value)}`);
  else if (value < 0) problems.push(`${name} is ${value}; it must not be negative`);
  else if (value > most) problems.push(`${name} is ${value}; at most ${most} is possible`);
}

function ratio(problems, name, value) {
  if (value === undefined) return;
  if (!Number.isFinite(value)) problems.push(`${name} must be a number, not ${kind(value)}`);
  else if (value < 0) problems.push(`${name} is ${value}; it must not be negative`);
}

function order(problems, side, least, most) {
  if (most > 0 && least > most) problems.push(`min${side} is ${least}, over max${side}, ${most}`);
}

/** Returns what is wrong with a list of formats. */
export function formatProblems(list) {
  if (!Array.isArray(list)) return [`formats must be an array, not ${kind(list)}`];
  if (list.length === 0) return ['formats is empty; leave it out to take all'];
  return list
    .filter((f) => typeof f !== 'string' || !Object.hasOwn(formats, f))
    .map((f) => `formats has ${kind(f)}; the formats are ${Object.keys(formats).join(', ')}`);
}

// kind names a value in a message: strings and numbers as they are, others by type.
function kind(value) {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : `of type ${typeof value}`;
}
