package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/validate"
)

// build makes the module. Go's cache makes the second call cheap.
func build(t *testing.T) string {
	name := filepath.Join(t.TempDir(), "imgvet.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-o", name, "github.com/imgvet/imgvet/web/wasi")
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return name
}

// caller checks a file by the module, and returns the JSON of the verdict.
type caller func(t *testing.T, file []byte) string

// pipe is a program that reads files and writes verdicts: see node/pipe.mjs.
func pipe(t *testing.T, name string, args ...string) caller {
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("NOT TESTED: %s is not there", name)
	}
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, in.Close())
		require.NoError(t, cmd.Wait())
	})
	lines := bufio.NewReader(out)
	return func(t *testing.T, file []byte) string {
		_, err := in.Write(binary.BigEndian.AppendUint32(nil, uint32(len(file))))
		require.NoError(t, err)
		_, err = in.Write(file)
		require.NoError(t, err)
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		return line
	}
}

// inGo is wazero.
func inGo(t *testing.T, module, options string) caller {
	b, err := os.ReadFile(module)
	require.NoError(t, err)
	vet, err := open(context.Background(), b, options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, vet.close()) })
	return func(t *testing.T, file []byte) string {
		verdict, err := vet.check(file)
		require.NoError(t, err)
		return verdict
	}
}

// files calls do with every file of the corpus and every case of fuzz, or with one of so many.
func files(t *testing.T, every int, do func(name string, file []byte)) int {
	n := 0
	next := func(name string, file []byte) {
		if n++; n%every == 0 {
			do(name, file)
		}
	}
	root := filepath.Join("..", "..", "testdata")
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		next(path, b)
		return err
	}))
	for c := range fuzz.Cases() {
		next(c.Name, c.Data)
	}
	return n / every
}

// TestVerdicts: the module says of every file what the package says, to the last member.
func TestVerdicts(t *testing.T) {
	module := build(t)
	strict := validate.Options{Tolerance: validate.Strict, Formats: []detect.Format{detect.JPEG, detect.PNG}, MaxBytes: 1 << 20, Rules: validate.Rules{MaxWidth: 500}}
	const strictJSON = `{"tolerance":"strict","formats":["jpeg","png"],"max_bytes":1048576,"max_width":500}`
	node := func(args ...string) func(t *testing.T) caller {
		return func(t *testing.T) caller {
			return pipe(t, "node", append([]string{"--no-warnings", "node/pipe.mjs", module}, args...)...)
		}
	}
	for _, c := range []struct {
		name  string
		opts  validate.Options
		every int // one of so many files
		start func(t *testing.T) caller
	}{
		{"node", validate.Options{}, 1, node()},
		{"node, strict", strict, 7, node(strictJSON)},
		{"python", validate.Options{}, 7, func(t *testing.T) caller { return pipe(t, "python3", "python/pipe.py", module) }},
		{"python, strict", strict, 7, func(t *testing.T) caller { return pipe(t, "python3", "python/pipe.py", module, strictJSON) }},
		{"wazero", validate.Options{}, 7, func(t *testing.T) caller { return inGo(t, module, "") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			check := c.start(t)
			good := 0
			n := files(t, c.every, func(name string, file []byte) {
				res, err := validate.Bytes(t.Context(), file, c.opts)
				want, marshalErr := json.Marshal(validate.VerdictOf("", res, err))
				require.NoError(t, marshalErr)
				require.JSONEq(t, string(want), check(t, file), name)
				if err == nil {
					good++
				}
			})
			require.Greater(t, n, 140)
			require.Greater(t, good, 20)
			t.Logf("%d files, %d of them good: no difference", n, good)
		})
	}
}

// TestMistakes: what a host gets wrong is a failure, and never a verdict.
func TestMistakes(t *testing.T) {
	module := build(t)
	png, err := os.ReadFile(filepath.Join("..", "..", "testdata", "good", "png", "pngsuite-basn2c08.png"))
	require.NoError(t, err)
	failure := func(text string) string {
		var v validate.Verdict
		require.NoError(t, json.Unmarshal([]byte(text), &v))
		require.False(t, v.OK)
		require.Nil(t, v.Error)
		return v.Failure
	}
	for options, want := range map[string]string{
		`{"max_byte":1}`: "max_byte", `{"tolerance":"sloppy"}`: "sloppy", `{"max_bytes":-1}`: "MaxBytes", `[]`: "options: ",
	} {
		check := pipe(t, "node", "--no-warnings", "node/pipe.mjs", module, options)
		require.Contains(t, failure(check(t, png)), want)
	}

	b, err := os.ReadFile(module)
	require.NoError(t, err)
	vet, err := open(t.Context(), b, "")
	require.NoError(t, err)
	defer func() { require.NoError(t, vet.close()) }()
	call := func(buffer, file, options uint64) string {
		_, err := vet.buffer.Call(t.Context(), buffer)
		require.NoError(t, err)
		result, err := vet.judge.Call(t.Context(), file, options)
		require.NoError(t, err)
		text, ok := vet.memory.Read(uint32(result[0]>>32), uint32(result[0]))
		require.True(t, ok)
		return failure(string(text))
	}
	const less = "imgvet_buffer was asked for 5"
	require.Contains(t, call(5, 6, 0), less)
	require.Contains(t, call(5, 1, 1<<32-1), less, "the sum must not wrap")
	good, err := vet.check(png)
	require.NoError(t, err)
	require.Contains(t, good, `"ok":true`, "the next file is judged")
}
