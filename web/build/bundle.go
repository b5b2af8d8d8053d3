package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	importLine = regexp.MustCompile(`(?m)^import (?:\{[^}]*\} from )?'\./([a-z_-]+\.js)';.*\n`)
	exported   = regexp.MustCompile(`(?m)^export (async function|function|const|class) `)
	leftover   = regexp.MustCompile(`(?m)^(import|export)\b.*`)
)

// oneFile replaces the module at name by itself behind all that it imports from the folder
// src. A worker can then be copied, or started from a Blob, by its one file. Our modules have
// imports of one line from their own folder, and no two names alike; all else is an error.
func oneFile(name, src string) error {
	var b bytes.Buffer
	if err := appendModule(&b, src, filepath.Base(name), map[string]bool{}); err != nil {
		return err
	}
	if line := leftover.FindString(b.String()); line != "" {
		return fmt.Errorf("%s: a line that cannot be put into one file: %s", name, line)
	}
	return os.WriteFile(name, b.Bytes(), 0o644)
}

// appendModule writes a module behind those that it imports, each once.
func appendModule(b *bytes.Buffer, src, name string, done map[string]bool) error {
	if done[name] {
		return nil
	}
	done[name] = true
	text, err := os.ReadFile(filepath.Join(src, name))
	if err != nil {
		return err
	}
	for _, m := range importLine.FindAllStringSubmatch(string(text), -1) {
		if err := appendModule(b, src, m[1], done); err != nil {
			return err
		}
	}
	text = exported.ReplaceAll(importLine.ReplaceAll(text, nil), []byte("$1 "))
	b.Write(text)
	return nil
}

// inline writes the module without further files: what src has, and data.js with the worker
// and the gzipped WebAssembly of dist. An empty out is none.
func inline(src, dist, out string) error {
	if out == "" {
		return nil
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	worker, err := os.ReadFile(filepath.Join(dist, "worker.js"))
	if err != nil {
		return err
	}
	wasm, err := os.ReadFile(filepath.Join(dist, "imgvet.wasm.gz"))
	if err != nil {
		return err
	}
	var script strings.Builder
	enc := json.NewEncoder(&script)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(string(worker)); err != nil {
		return err
	}
	data := fmt.Sprintf("// Made by web/build. Do not edit.\nexport const worker = %s;\nexport const wasm = %q;\n",
		strings.TrimSpace(script.String()), base64.StdEncoding.EncodeToString(wasm))
	if err := os.WriteFile(filepath.Join(out, "data.js"), []byte(data), 0o644); err != nil {
		return err
	}
	return modules(src, out)
}
