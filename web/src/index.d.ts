/** One of the five formats, told by content alone. */
export type Format = 'png' | 'jpeg' | 'heic' | 'bmp' | 'webp';

/** The rules. Every field left out, or 0, is the documented rule. */
export interface Rules {
  /** Refuse files of this many bytes or more. Default: 10 MiB, "less than 10mb". */
  maxBytes?: number;
  /** Most pixels, width times height. Default: 220,000,000. */
  maxPixels?: number;
  /** The formats to take. Default: all five. */
  formats?: Format[];
  /**
   * What a file may break. 'normal' takes what every viewer shows whole; 'strict' refuses
   * what that only warns of, such as bytes after the picture; 'lenient' also takes what
   * browsers show whole though its end is missing. Default: 'normal'.
   */
  tolerance?: 'normal' | 'strict' | 'lenient';
  /** Short for tolerance: 'strict'. */
  strict?: boolean;
  /**
   * Least and greatest sides, in pixels of the picture as it is shown (turned upright),
   * inclusive. Default: 0, no rule.
   */
  minWidth?: number;
  minHeight?: number;
  maxWidth?: number;
  maxHeight?: number;
  /** Bounds of width divided by height, inclusive: 16 / 9. Default: 0, no rule. */
  minAspect?: number;
  maxAspect?: number;
  /** Most frames; 1 takes stills only. Default: 0, no rule. */
  maxFrames?: number;
}

export interface Options extends Rules {
  /** Ends the check; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** An oddity that viewers forgive. */
export interface Warning {
  reason: string;
  /** Byte offset, or null if there is no single place. */
  offset: number | null;
  /** For logs. Holds none of the file's bytes. */
  text: string;
}

/** What the file says beside the pixels. */
export interface Facts {
  /** A block of EXIF, even one that cannot be read. */
  exif: boolean;
  /** EXIF or XMP tells where the picture was taken. */
  gps: boolean;
  xmp: boolean;
  icc: boolean;
  /** Content Credentials. */
  c2pa: boolean;
  /** Some pixels may be transparent. */
  alpha: boolean;
  hdr: boolean;
  progressive: boolean;
  animated: boolean;
  /** Bits of a sample as stored. */
  bit_depth?: number;
  /** Which colours the ICC profile is about. */
  profile?: 'srgb' | 'display-p3' | 'gray' | 'cmyk' | 'other';
  /** As the file says it: text of a stranger. */
  camera_make?: string;
  camera_model?: string;
}

/** What was learned about the file, as far as it was understood. */
export interface Learned {
  /** What the first bytes claim; null if none of the five. */
  format: Format | null;
  /** Bytes looked at: all of the file, or as many as were enough for a refusal. */
  size: number;
  /** Pixels as stored; 0 if not known. */
  width: number;
  height: number;
  /** EXIF 1..8, as a viewer must apply it; 0 if not known. */
  orientation: number;
  /** 1 for a still; 0 if not known. */
  frames: number;
  warnings: Warning[];
  /** null if the picture's size is not known. */
  facts: Facts | null;
}

export interface Accepted extends Learned {
  ok: true;
  error: null;
  reason: null;
  offset: null;
  advice: null;
  limit: null;
  got: null;
  detail: null;
}

export interface Refused extends Learned {
  ok: false;
  /** As the server says it: its body is JSON.stringify({ error }). */
  error: { code: 3 | 5 | 6; message: string };
  /** Why, finer than the code: "truncated", "malformed", "unknown_format" and so on. */
  reason: string;
  /** Byte offset of the fault, or null if there is no single place. */
  offset: number | null;
  /** One English sentence that tells a person what to do. */
  advice: string;
  /** The limit that was passed, and by what; null if none was. */
  limit: number | null;
  got: number | null;
  /** For logs: what is wrong, in the words of whoever reads the format's specification. */
  detail: string | null;
}

export type Verdict = Accepted | Refused;

/** What kept a file from being judged: it says nothing about the file. */
export class Failure extends Error {
  name: 'ImgvetFailure';
}

/**
 * Judges a file in a worker. Nothing leaves the computer. Calls are queued. A file
 * that is too large is not read; one of another type is read no further than its head.
 *
 * Rejects with a TypeError that lists everything wrong with the arguments, with the
 * signal's reason, or with a Failure (the file could not be read, the worker or the
 * WebAssembly not be loaded). None of these is a verdict.
 */
export function validate(file: Blob | ArrayBuffer | ArrayBufferView, options?: Options): Promise<Verdict>;

export interface PreviewOptions extends Options {
  /** Neither side of the preview is longer: 1 to 4096 pixels. Default: 1280. */
  maxSide?: number;
}

/** Why there is no preview of a file that was judged. */
export class NoPreview extends Error {
  name: 'ImgvetNoPreview';
  /**
   * 'refused' by the verdict; 'format' if it is no HEIC (createImageBitmap decodes the
   * others); 'too_many_pixels' if the picture, or one that it is made of, has over 50
   * million, or the layers of an overlay together over 150 million.
   */
  reason: 'refused' | 'format' | 'too_many_pixels';
  verdict: Verdict;
}

/**
 * Makes a small picture of a HEIC, which most browsers do not show, in the worker: upright,
 * and only once the file has passed as by validate. The decoder divides the sides by 1, 2,
 * 4 or 8, by what makes neither longer than maxSide; a larger one is divided further. Means
 * of squares of pixels stand for them. Crops, turns, grids and overlays are applied; the
 * alpha plane of the shown picture is not. Of colour profiles Display P3 becomes colorSpace.
 *
 * Resolves to an ImageData, for putImageData; in Node, which has no ImageData, to an object
 * with its fields. Rejects with a NoPreview, or as validate does.
 */
export function preview(file: Blob | ArrayBuffer | ArrayBufferView, options?: PreviewOptions): Promise<ImageData>;

export interface LoadOptions {
  /**
   * Where worker.js is, if not beside this module: the file of this very version. One of
   * another origin is started by a blob, which a Content-Security-Policy must allow.
   */
  worker?: string | URL | Blob;
  /** Where imgvet.wasm is, if not beside this module; it may be gzipped. */
  wasm?: string | URL | Blob;
  /** Told of the WebAssembly's bytes as they come; total is 0 if a server does not say it. */
  onProgress?: (progress: { loaded: number; total: number }) => void;
}

/**
 * Starts the worker now, so that the first verdict need not wait for it. Resolves when it is
 * ready to judge. Rejects with a Failure that names what is missing and what to do; whoever
 * does not wait for it is told by the calls of validate that need the worker.
 *
 * With other places a new worker is started from there, once the check at work has ended. A
 * call of load that still waits for the places before rejects.
 */
export function load(options?: LoadOptions): Promise<void>;

/** Ends the worker. Calls under way reject with a Failure; later ones start it again. */
export function close(): void;

/** The accept attribute of an <input type="file"> for these formats, all by default. */
export function accept(formats?: Format[]): string;

export interface Texts {
  checking?: string;
  good?: string;
  failed?: string;
  /** What to say of a refused file. Default: the verdict's advice. */
  advice?: (verdict: Refused, file: File) => string;
}

export interface AttachOptions extends Options {
  /** Where to say it; by default a paragraph of class imgvet behind the input. */
  output?: HTMLElement;
  /** Other texts, such as in another language. */
  texts?: Texts;
}

/**
 * Checks what is chosen in an <input type="file">: sets accept, says the advice in
 * place (a live region that describes the input), and marks the input invalid, so that
 * its form is not sent, while a file is being checked or is refused. A failure of the
 * check itself never holds a file back.
 *
 * The input tells of each choice by an event that bubbles: "imgvet" with
 * {files, verdicts}, or "imgvet-failure" with {files, cause}. Returns a function that
 * undoes everything; options.signal does that too.
 */
export function attach(input: HTMLInputElement, options?: AttachOptions): () => void;

declare const imgvet: {
  validate: typeof validate;
  preview: typeof preview;
  load: typeof load;
  close: typeof close;
  accept: typeof accept;
  attach: typeof attach;
  Failure: typeof Failure;
  NoPreview: typeof NoPreview;
};
export default imgvet;
