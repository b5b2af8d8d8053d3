package heic_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/testenv"
)

// corpusEnv names a file of files to judge, each behind its length of four bytes,
// and verdictsEnv where TestJudge is to write its verdicts.
const (
	corpusEnv   = "HEIC_TEST_CORPUS"
	verdictsEnv = "HEIC_TEST_VERDICTS"
)

// judge writes all that Verify says of each file of a corpus.
func judge(t *testing.T, corpus []byte, w io.Writer) (files, refused int) {
	t.Helper()
	for len(corpus) > 0 {
		n := binary.BigEndian.Uint32(corpus)
		info, err := heic.Verify(corpus[4:4+n], heic.Limits{})
		_, werr := fmt.Fprintf(w, "%d %+v %v\n", files, info, err)
		require.NoError(t, werr)
		corpus = corpus[4+n:]
		files++
		if err != nil {
			refused++
		}
	}
	return files, refused
}

// TestJudge is what TestVerdictsOfOtherBuilds runs in them.
func TestJudge(t *testing.T) {
	if os.Getenv(corpusEnv) == "" {
		t.Skip("only run by TestVerdictsOfOtherBuilds")
	}
	corpus, err := os.ReadFile(os.Getenv(corpusEnv))
	require.NoError(t, err)
	var out bytes.Buffer
	judge(t, corpus, &out)
	require.NoError(t, os.WriteFile(os.Getenv(verdictsEnv), out.Bytes(), 0o600))
}

// Builds without cgo, for 32 bits and for WebAssembly come to the same verdict, to
// the byte of the fault and the words of each warning.
func TestVerdictsOfOtherBuilds(t *testing.T) {
	testenv.OnlyLong(t, "builds of other kinds take long")
	testenv.OneGoroutine(t)
	dir := t.TempDir()
	var corpus []byte
	add := func(b []byte) { corpus = append(append(corpus, be(4, uint64(len(b)))...), b...) }
	r := rand.New(rand.NewPCG(5, 5))
	for _, g := range append(goodFiles(t), hostileFiles()...) {
		add(g.b)
		if len(g.b) > 1<<16 {
			continue
		}
		for range 40 {
			add(mutate(r, g.b))
		}
	}
	name := filepath.Join(dir, "corpus")
	require.NoError(t, os.WriteFile(name, corpus, 0o600))
	var want bytes.Buffer
	files, refused := judge(t, corpus, &want)
	require.Greater(t, files, 2000)
	require.Greater(t, refused, files/2)

	for _, build := range []struct {
		name string
		env  []string
		run  func(binary string) *exec.Cmd
	}{
		{"without cgo", []string{"CGO_ENABLED=0"}, nil},
		{"386", []string{"CGO_ENABLED=0", "GOARCH=386"}, nil},
		{"wasm", []string{"GOOS=js", "GOARCH=wasm"}, inNode(t)},
	} {
		t.Run(build.name, func(t *testing.T) {
			if build.name == "wasm" && build.run == nil {
				t.Skip("SKIPPED: node is not installed, so nothing is run in WebAssembly")
			}
			binary, verdicts := filepath.Join(dir, build.name+".test"), filepath.Join(dir, build.name+".txt")
			compile := exec.Command("go", "test", "-c", "-o", binary, ".")
			compile.Env = append(os.Environ(), build.env...)
			msg, err := compile.CombinedOutput()
			require.NoError(t, err, "%s", msg)
			run := exec.Command(binary, "-test.run=^TestJudge$")
			if build.run != nil {
				run = build.run(binary)
			}
			// Few variables: the arguments and the environment share 12 KB in js/wasm.
			run.Env = []string{"PATH=" + os.Getenv("PATH"), corpusEnv + "=" + name, verdictsEnv + "=" + verdicts}
			if msg, err = run.CombinedOutput(); err != nil && build.name == "386" && len(msg) == 0 {
				t.Skipf("SKIPPED: this machine runs no 32-bit programs: %v", err)
			}
			require.NoError(t, err, "%s", msg)
			got, err := os.ReadFile(verdicts)
			require.NoError(t, err)
			a, b := strings.Split(want.String(), "\n"), strings.Split(string(got), "\n")
			require.Len(t, b, len(a))
			for i := range a {
				require.Equal(t, a[i], b[i])
			}
			t.Logf("%d verdicts, %d of them refusals, are the same", files, refused)
		})
	}
}

// inNode returns how to run a js/wasm test program, nil where there is no node.
func inNode(t *testing.T) func(string) *exec.Cmd {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		return nil
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	script := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec_node.js")
	return func(binary string) *exec.Cmd {
		return exec.Command(node, "--stack-size=8192", script, binary, "-test.run=^TestJudge$")
	}
}
