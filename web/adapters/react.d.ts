import type { Options, Verdict, validate } from 'imgvet';

export interface Answer {
  /**
   * 'idle' without a file; 'unchecked' if the check itself failed, which says nothing about
   * the file: send it, and let the server decide.
   */
  state: 'idle' | 'checking' | 'accepted' | 'refused' | 'unchecked';
  /** Of an accepted or refused file, else null. */
  verdict: Verdict | null;
  /** Why the file is unchecked, else null. */
  failure: Error | null;
}

/** The options of validate without the signal, which is the component's life. */
export interface HookOptions extends Omit<Options, 'signal'> {
  /** Checks instead of imgvet's validate: that of 'imgvet/inline'. The same function each time. */
  check?: typeof validate;
}

/**
 * Checks a file whenever another one is given. One that is replaced, or whose component is
 * gone, is no longer checked.
 */
export function useVerdict(file: File | Blob | null | undefined, options?: HookOptions): Answer;
