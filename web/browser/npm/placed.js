// As a bundle that is no module, which has no import.meta.
import { load, validate } from 'imgvet';
import { tell } from './judge.js';

load({ worker: '/files/worker.js', wasm: '/files/imgvet.wasm' });
tell(validate);
