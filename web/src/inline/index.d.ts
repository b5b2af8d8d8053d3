// The same as of the package itself.

export * from '../dist/index.js';
export { default } from '../dist/index.js';
