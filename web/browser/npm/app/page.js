'use client';

import { useEffect } from 'react';
import { validate } from 'imgvet';
import { tell } from '../judge.js';

export default function Page() {
  useEffect(() => { tell(validate); }, []);
  return <p>imgvet</p>;
}
