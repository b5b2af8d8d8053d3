package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// writeRules writes rules.js to the folder that holds the WebAssembly.
func writeRules(out string) error {
	info, err := os.Stat(filepath.Join(out, "imgvet.wasm"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "rules.js"), rules(info.Size()), 0o644)
}

// rules returns rules.js: what the JavaScript must know before the WebAssembly is
// there, from the packages that decide.
func rules(wasmBytes int64) []byte {
	var b bytes.Buffer
	b.WriteString("// Made by web/build from packages detect and validate. Do not edit.\n")
	fmt.Fprintf(&b, "export const maxBytes = %d;\n", int64(validate.MaxBytes))
	fmt.Fprintf(&b, "export const maxPixels = %d;\n", int64(validate.DefaultMaxPixels))
	fmt.Fprintf(&b, "export const wasmBytes = %d; // of imgvet.wasm\n", wasmBytes)
	b.WriteString("export const formats = {\n")
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP} {
		fmt.Fprintf(&b, "  %s: { mime: %q, extensions: [\"%s\"] },\n", f, f.MIME(), strings.Join(f.Extensions(), `", "`))
	}
	b.WriteString("};\n")
	return b.Bytes()
}
