package web

import (
	"embed"
	"io/fs"
)

// The folder is never empty: its README.md is kept in the repository, so that a
// fresh clone compiles.
//
//go:embed all:dist
var dist embed.FS

// FS returns the files a browser loads, in one flat folder: index.js (the ES
// module), worker.js and the modules the two import, wasm_exec.js, imgvet.wasm
// and the same compressed, imgvet.wasm.gz and, if they were made with -brotli,
// imgvet.wasm.br. Serve index.js by whatever path; it finds the others beside itself.
func FS() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return dist // not reached: "dist" is a valid path
	}
	return sub
}

// Built reports whether the files were there when this program was compiled.
func Built() bool {
	for _, name := range []string{"index.js", "worker.js", "wasm_exec.js", "imgvet.wasm", "imgvet.wasm.gz"} {
		if _, err := fs.Stat(FS(), name); err != nil {
			return false
		}
	}
	return true
}
