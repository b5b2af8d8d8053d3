// The check behind an <input type="file">.

import { formats } from './rules.js';
import { checkOptions, formatProblems } from './options.js';

/**
 * Returns the value of an input's accept attribute: media types, and the extensions
 * for systems that do not know them.
 */
export function accept(list = Object.keys(formats)) {
  const problems = formatProblems(list);
  if (problems.length > 0) throw new TypeError(`imgvet: ${problems.join('; ')}`);
  return list.flatMap((f) => [formats[f].mime, ...formats[f].extensions.map((e) => `.${e}`)]).join(',');
}

const texts = {
  checking: 'Checking the picture …',
  good: 'The picture is fine.',
  // Nothing is held against the file then: the server decides, as without this check.
  failed: 'The picture could not be checked here. It will be checked when it is sent.',
  advice: (verdict) => verdict.advice,
};

let lastID = 0;

/** Returns attach(input, options) that checks with validate. See index.d.ts. */
export function createAttach(validate) {
  return function attach(input, options = {}) {
    const { output: given, texts: own, signal: _, ...rules } = options;
    checkOptions(options, ['output', 'texts']);
    if (options.signal?.aborted) return () => {};
    const say = { ...texts, ...own };
    const output = given ?? addOutput(input);
    const before = describe(input, output);
    input.accept = accept(rules.formats);
    let running, form;

    async function check() {
      running?.abort();
      follow(input.form);
      const files = [...input.files];
      if (files.length === 0) return show('', '', false);
      running = new AbortController();
      const { signal } = running;
      // Invalid while it lasts, so that the form waits for the verdict.
      show(say.checking, say.checking, false);
      let verdicts;
      try {
        verdicts = await Promise.all(files.map((file) => validate(file, { ...rules, signal })));
      } catch (cause) {
        if (signal.aborted) return undefined;
        running.abort(); // the other files
        show(say.failed, '', false);
        return tell('imgvet-failure', { files, cause });
      }
      if (signal.aborted) return undefined; // between the last verdict and this line
      const bad = verdicts.findIndex((v) => !v.ok);
      if (bad < 0) {
        show(say.good, '', false);
      } else {
        const text = say.advice(verdicts[bad], files[bad]);
        const named = files.length > 1 ? `${files[bad].name}: ${text}` : text;
        show(named, named, true);
      }
      return tell('imgvet', { files, verdicts });
    }

    // show says text in place; problem is what keeps the form from being sent.
    function show(text, problem, invalid) {
      output.textContent = text; // never HTML: a file's name may be part of it
      input.setCustomValidity(problem);
      if (invalid) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
    }

    function tell(type, detail) {
      input.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
    }

    // follow listens to the input's form. One that is reset empties its input without a
    // change, and says so only before it does.
    function follow(next) {
      form?.removeEventListener('reset', reset);
      form = next;
      form?.addEventListener('reset', reset);
    }

    function reset() {
      setTimeout(() => { if (form && input.files.length === 0) check(); });
    }

    function detach() {
      running?.abort();
      input.removeEventListener('change', check);
      follow(null);
      options.signal?.removeEventListener('abort', detach);
      show('', '', false);
      before();
      if (!given) output.remove();
    }

    input.addEventListener('change', check);
    options.signal?.addEventListener('abort', detach, { once: true });
    if (input.files.length > 0) check(); // chosen before the page's script ran
    return detach;
  };
}

// addOutput makes the place for the advice, right behind the input, but not inside its
// label: what stands there is read out as the input's name.
function addOutput(input) {
  const output = input.ownerDocument.createElement('p');
  output.className = 'imgvet';
  (input.closest('label') ?? input).after(output);
  return output;
}

// describe ties the output to the input for screen readers, and returns what undoes it.
function describe(input, output) {
  const accepted = input.getAttribute('accept');
  const described = input.getAttribute('aria-describedby');
  output.id ||= `imgvet-${++lastID}`;
  output.setAttribute('role', 'status');
  output.setAttribute('aria-live', 'polite');
  input.setAttribute('aria-describedby', [described, output.id].filter(Boolean).join(' '));
  return () => {
    restore(input, 'accept', accepted);
    restore(input, 'aria-describedby', described);
  };
}

function restore(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}
