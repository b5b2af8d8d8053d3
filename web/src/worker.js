// The Web Worker.

import { serve } from './engine.js';

serve((handle) => { onmessage = (event) => handle(event.data); }, (message) => postMessage(message));
