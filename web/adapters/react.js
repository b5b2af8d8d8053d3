// imgvet for React 18 and later.

import { useEffect, useState } from 'react';
import { validate } from 'imgvet';

/** Returns {state, verdict, failure} of a file, anew with each file. See react.d.ts. */
export function useVerdict(file, { check = validate, ...options } = {}) {
  const [answer, setAnswer] = useState({});
  const rules = JSON.stringify(options); // the same rules in a new object are no reason to check again

  useEffect(() => {
    if (!file) return undefined;
    const stop = new AbortController();
    const say = (state, rest) => { if (!stop.signal.aborted) setAnswer({ file, rules, state, ...rest }); };
    check(file, { ...JSON.parse(rules), signal: stop.signal }).then(
      (verdict) => say(verdict.ok ? 'accepted' : 'refused', { verdict }),
      (failure) => say('unchecked', { failure }), // the server decides
    );
    return () => stop.abort();
  }, [file, rules, check]);

  // Until the effect has run, the answer is that of the file before.
  const mine = answer.file === file && answer.rules === rules ? answer : {};
  const state = file ? mine.state ?? 'checking' : 'idle';
  return { state, verdict: mine.verdict ?? null, failure: mine.failure ?? null };
}
