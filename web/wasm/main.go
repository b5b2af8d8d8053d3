//go:build js && wasm

// Command wasm is package validate for JavaScript. It hands one function to
// globalThis.imgvetReady and then serves calls of it until the page is gone:
//
//	check(options, size, read, done, fail)
//
// options are those of validate.Options without hooks, size is the file's size in
// bytes or -1, read returns a promise of the next Uint8Array or of undefined at
// the end. Either done is called with the verdict, or fail with the text of an
// operational error; both later, never before check has returned.
//
// options.maxSide above 0 asks for a preview too. Then done's second argument is
// {width, height, data} with neither side longer; or null, and the third is why an
// accepted file has none.
package main

import "syscall/js"

func main() {
	js.Global().Call("imgvetReady", js.FuncOf(func(_ js.Value, args []js.Value) any {
		// A goroutine, since this function must return for promises to be kept.
		go check(args[0], args[1].Int(), args[2], args[3], args[4])
		return nil
	}))
	select {}
}
