import { validate } from 'imgvet';
import { tell } from './judge.js';

tell(validate);
