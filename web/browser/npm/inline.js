import { validate } from 'imgvet/inline';
import { tell } from './judge.js';

tell(validate);
