// A file in few pieces: each has its price on the way into WebAssembly, and a blob's own
// stream has one for each 64 KiB.

const HEAD = 64 << 10; // enough to refuse a file of another format
const PIECE = 4 << 20;

/**
 * Returns {next, cancel} of a blob. next() resolves to the next Uint8Array, which nobody
 * else holds, or to undefined at the end.
 */
export function pieces(blob) {
  if (typeof blob.slice !== 'function') return chunks(blob.stream());
  let at = 0;
  return {
    async next() {
      const end = Math.min(at + (at === 0 ? HEAD : PIECE), blob.size);
      if (at >= end) return undefined;
      const piece = new Uint8Array(await blob.slice(at, end).arrayBuffer());
      at = end;
      return piece;
    },
    cancel() {},
  };
}

function chunks(stream) {
  const reader = stream.getReader();
  return {
    async next() {
      const { done, value } = await reader.read();
      return done ? undefined : value;
    },
    cancel() { reader.cancel().catch(() => {}); },
  };
}

/** Serves the pieces of a blob at a port, without a copy of theirs. */
export function servePieces(blob, port) {
  const { next } = pieces(blob);
  port.on('message', async () => {
    try {
      const piece = await next();
      port.postMessage({ piece }, piece ? [piece.buffer] : []);
    } catch (cause) {
      port.postMessage({ broken: cause instanceof Error ? cause.message : String(cause) });
    }
  });
}

/** Returns the pieces that servePieces serves at the other end of a port. */
export function piecesAt(port) {
  return {
    next: () => new Promise((resolve, reject) => {
      port.once('message', ({ piece, broken }) => {
        if (broken === undefined) resolve(piece);
        else reject(new Error(broken));
      });
      port.postMessage('next');
    }),
    cancel() { port.close(); },
  };
}
