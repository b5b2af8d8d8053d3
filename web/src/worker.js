// The Web Worker. web/build puts this file and the modules that it imports into one.

import { serve } from './engine.js';

// A trap of the WebAssembly ends up here where a promise called it. The page is not
// told by itself, and would wait for ever.
addEventListener('unhandledrejection', (event) => postMessage({ dead: `the WebAssembly program failed: ${event.reason}` }));

serve((handle) => { onmessage = (event) => handle(event.data); }, (message, transfer) => postMessage(message, transfer));
postMessage({ alive: true });
