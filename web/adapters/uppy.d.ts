import type { Options, validate } from 'imgvet';

export interface UppyOptions extends Options {
  /** Checks instead of imgvet's validate: that of 'imgvet/inline'. */
  check?: typeof validate;
}

/** What is used of an Uppy. */
export interface UppyLike {
  on(event: any, handler: any): unknown;
  off(event: any, handler: any): unknown;
  addPreProcessor(step: any): void;
  removePreProcessor(step: any): unknown;
}

/**
 * Checks every file that is added. A refused one is removed, with the event
 * "restriction-failed" (the error's verdict is imgvet's) and the advice as a message. An
 * upload waits for the checks. Where a check itself fails the file stays: the server decides.
 * Returns a function that undoes all of it.
 */
export function attachUppy(uppy: UppyLike, options?: UppyOptions): () => void;
