package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// rules returns rules.js: what the JavaScript must know before the WebAssembly is
// there, from the packages that decide.
func rules() []byte {
	var b bytes.Buffer
	b.WriteString("// Made by web/build from packages detect and validate. Do not edit.\n")
	fmt.Fprintf(&b, "export const maxBytes = %d;\n", int64(validate.MaxBytes))
	fmt.Fprintf(&b, "export const maxPixels = %d;\n", int64(validate.DefaultMaxPixels))
	b.WriteString("export const formats = {\n")
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP} {
		fmt.Fprintf(&b, "  %s: { mime: %q, extensions: [\"%s\"] },\n", f, f.MIME(), strings.Join(f.Extensions(), `", "`))
	}
	b.WriteString("};\n")
	return b.Bytes()
}
