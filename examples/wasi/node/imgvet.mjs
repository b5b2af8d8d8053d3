// Imgvet checks pictures in Node, by node:wasi and the module that web/wasi builds.
import { readFile } from 'node:fs/promises'
import { WASI } from 'node:wasi'

export class Imgvet {
  #exports
  #options

  // open loads the module. options are those of web/wasi, such as { formats: ['png'], max_bytes: 5 << 20 }.
  static async open(path, options = {}) {
    const wasi = new WASI({ version: 'preview1' })
    const module = await WebAssembly.compile(await readFile(path))
    const instance = await WebAssembly.instantiate(module, wasi.getImportObject())
    wasi.initialize(instance)
    const vet = new Imgvet()
    vet.#exports = instance.exports
    vet.#options = new TextEncoder().encode(JSON.stringify(options))
    return vet
  }

  // check returns the verdict on the bytes of a file: { ok, error, reason, format, width, ... }.
  check(file) {
    const { memory, imgvet_buffer: buffer, imgvet_check: check } = this.#exports
    const at = buffer(file.length + this.#options.length) >>> 0
    const place = new Uint8Array(memory.buffer, at, file.length + this.#options.length)
    place.set(file)
    place.set(this.#options, file.length)
    const result = BigInt.asUintN(64, check(file.length, this.#options.length))
    const verdict = new Uint8Array(memory.buffer, Number(result >> 32n), Number(result & 0xffffffffn))
    return JSON.parse(new TextDecoder().decode(verdict))
  }
}
