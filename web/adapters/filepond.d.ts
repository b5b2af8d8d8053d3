import type { Options, validate } from 'imgvet';

export interface FilePondOptions extends Options {
  /** Checks instead of imgvet's validate: that of 'imgvet/inline'. */
  check?: typeof validate;
  /** The first line on a refused item; the second is the verdict's advice. */
  title?: string;
}

/**
 * Returns a plugin: FilePond.registerPlugin(filePondPlugin()). A refused file stays in the
 * list with the advice, and is not sent. Where the check itself fails the server decides.
 */
export function filePondPlugin(options?: FilePondOptions): (fpAPI: any) => { options: Record<string, never> };
