package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// licences writes LICENSES.txt: the terms of everything that is part of the
// WebAssembly and of the glue. All of them ask to go with copies.
func licences(web, out string) error {
	goroot, err := goTool(nil, "env", "GOROOT")
	if err != nil {
		return err
	}
	linked, err := goTool([]string{"GOOS=js", "GOARCH=wasm"}, "list", "-C", web, "-deps", "-tags="+tag,
		"-f", "{{with .Module}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}", "./wasm")
	if err != nil {
		return err
	}
	parts := strings.Split(linked, "\n")
	slices.Sort(parts)
	var b bytes.Buffer
	for _, part := range append([]string{"Go: runtime, standard library, wasm_exec.js\t" + goroot}, slices.Compact(parts)...) {
		name, dir, found := strings.Cut(part, "\t")
		if !found {
			continue // a package of the standard library
		}
		files, err := filepath.Glob(filepath.Join(dir, "LICENSE*"))
		if err != nil || len(files) == 0 {
			return fmt.Errorf("no licence of %s in %s: %w", name, dir, err)
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s\n\n%s\n\n%s\n\n", strings.TrimSpace(name), bytes.TrimSpace(text), strings.Repeat("-", 72))
	}
	return os.WriteFile(filepath.Join(out, "LICENSES.txt"), b.Bytes(), 0o644)
}
