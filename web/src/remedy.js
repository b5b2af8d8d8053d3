/** What to do where one of the two files that the module needs cannot be had. */
export const remedy = 'serve imgvet\'s worker.js and imgvet.wasm (both are in dist of the package) beside your script, '
  + 'or say where they are with imgvet.load({ worker, wasm }), or import "imgvet/inline", which needs no files';
