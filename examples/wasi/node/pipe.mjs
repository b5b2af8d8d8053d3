// node pipe.mjs MODULE [OPTIONS] checks files for a program that cannot load WebAssembly itself.
// It reads files from standard input, each behind its size (4 bytes, big-endian), and writes a
// verdict for each, a line of JSON.
import { Imgvet } from './imgvet.mjs'

const vet = await Imgvet.open(process.argv[2], JSON.parse(process.argv[3] ?? '{}'))
let pieces = []
let have = 0
for await (const piece of process.stdin) {
  pieces.push(piece)
  have += piece.length
  let size = have < 4 ? 0 : header()
  while (have >= 4 && have >= 4 + size) {
    const all = Buffer.concat(pieces)
    process.stdout.write(JSON.stringify(vet.check(all.subarray(4, 4 + size))) + '\n')
    pieces = [all.subarray(4 + size)]
    have -= 4 + size
    size = have < 4 ? 0 : header()
  }
}

// header returns the size of the file that comes first.
function header() {
  if (pieces[0].length < 4) pieces = [Buffer.concat(pieces)]
  return pieces[0].readUInt32BE()
}
