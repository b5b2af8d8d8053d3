// Command build makes the files that a browser loads: the verifiers as
// WebAssembly, Go's glue, and the ES module with the rules that it shares with the
// Go package.
//
//	go run ./web/build [-o FOLDER] [-inline FOLDER] [-budget BYTES] [-brotli]
//
// It needs nothing but the Go toolchain, prints what the files weigh, and fails
// if the WebAssembly is over the budget. With -brotli it needs a library, which Go downloads.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// budget is how many bytes the WebAssembly may weigh, gzipped. It weighs 1,424,000, and 113,000
// of them are for previews of HEIC. 540 KB are the runtime of an empty
// Go program.
const budget = 1_440_000

// tag leaves out the decoders of what browsers show by themselves, and names of foreign
// types.
const tag = "imgvet_browser"

func main() {
	out := flag.String("o", "", "folder to write to; the default is dist, beside this command's folder")
	limit := flag.Int("budget", budget, "most bytes that imgvet.wasm.gz may have")
	inlineOut := flag.String("inline", "", "folder for the form that needs no further files, which only the package of npm has")
	withBrotli := flag.Bool("brotli", false, "write imgvet.wasm.br too, which takes 13 s of processor time")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "build: takes no arguments")
		os.Exit(2)
	}
	if err := build(*out, *inlineOut, *limit, *withBrotli); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// build writes everything to the folder out, or to web/dist if out is empty, and the form
// without further files to inlineOut, if that is not empty.
func build(out, inlineOut string, limit int, withBrotli bool) error {
	root, err := goTool(nil, "list", "-m", "-f", "{{.Dir}}", "github.com/imgvet/imgvet")
	if err != nil {
		return err
	}
	web := filepath.Join(root, "web")
	if out == "" {
		out = filepath.Join(web, "dist")
	}
	if out, err = filepath.Abs(out); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	steps := []func() error{
		func() error { return discard(filepath.Join(out, "imgvet.wasm")) },
		func() error { return compile(web, out) },
		func() error { return glue(out) },
		func() error { return licences(web, out) },
		func() error { return modules(filepath.Join(web, "src"), out) },
		func() error { return oneFile(filepath.Join(out, "worker.js"), out) },
		func() error { return writeRules(out) },
		func() error { return compress(filepath.Join(out, "imgvet.wasm")) },
		func() error { return weigh(out, limit) },
		func() error { return inline(filepath.Join(web, "src", "inline"), out, inlineOut) },
	}
	if withBrotli {
		steps = append(steps, func() error { return brotli(filepath.Join(web, "build", "brotli"), filepath.Join(out, "imgvet.wasm")) })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// discard removes what an earlier build made of name by compression. It holds another program, and
// would stay where this build fails or makes no such file.
func discard(name string) error {
	for _, made := range []string{name + ".gz", name + ".br"} {
		if err := os.Remove(made); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// compile makes imgvet.wasm.
func compile(web, out string) error {
	_, err := goTool([]string{"GOOS=js", "GOARCH=wasm"}, "build", "-C", web,
		"-tags="+tag, "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", filepath.Join(out, "imgvet.wasm"), "./wasm")
	return err
}

// glue copies wasm_exec.js of the toolchain at hand: its version must be that of
// the compiler.
func glue(out string) error {
	goroot, err := goTool(nil, "env", "GOROOT")
	if err != nil {
		return err
	}
	return copyFile(filepath.Join(goroot, "lib", "wasm", "wasm_exec.js"), filepath.Join(out, "wasm_exec.js"))
}

// modules copies the JavaScript and the types.
func modules(src, out string) error {
	files, err := filepath.Glob(filepath.Join(src, "*.*s"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("no modules in " + src)
	}
	for _, file := range files {
		if err := copyFile(file, filepath.Join(out, filepath.Base(file))); err != nil {
			return err
		}
	}
	return nil
}

// compress writes name.gz.
func compress(name string) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(name+".gz", b.Bytes(), 0o644)
}

// weigh prints the sizes, and fails over the limit.
func weigh(out string, limit int) error {
	var sizes [2]int64
	for i, name := range []string{"imgvet.wasm", "imgvet.wasm.gz"} {
		info, err := os.Stat(filepath.Join(out, name))
		if err != nil {
			return err
		}
		sizes[i] = info.Size()
	}
	fmt.Printf("imgvet.wasm: %d bytes, %d gzipped (budget %d)\n", sizes[0], sizes[1], limit)
	if sizes[1] > int64(limit) {
		return fmt.Errorf("imgvet.wasm.gz is %d bytes over its budget", sizes[1]-int64(limit))
	}
	return nil
}

// brotli writes name.br by the command in the folder tool.
func brotli(tool, name string) error {
	raw, err := os.Open(name)
	if err != nil {
		return err
	}
	defer raw.Close()
	cmd := exec.CommandContext(context.Background(), "go", "run", "-C", tool, ".")
	cmd.Stdin, cmd.Stderr = raw, os.Stderr
	small, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go run %s: %w", tool, err)
	}
	fmt.Printf("%s.br: %d bytes\n", filepath.Base(name), len(small))
	return os.WriteFile(name+".br", small, 0o644)
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(dst, src); err != nil {
		dst.Close()
		return err
	}
	return dst.Close()
}

// goTool runs the go command and returns what it prints.
func goTool(env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(context.Background(), "go", args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
