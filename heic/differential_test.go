//go:build cgo && (linux || darwin)

package heic_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jdeng/goheif"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
)

// mutantsEnv is how many damaged files the differential tests try; by default as
// many as take some seconds.
const mutantsEnv = "IMGVET_HEIC_MUTANTS"

func mutantCount(t *testing.T, otherwise int) int {
	t.Helper()
	s := os.Getenv(mutantsEnv)
	if s == "" {
		if testing.Short() {
			return otherwise / 10
		}
		return otherwise
	}
	n, err := strconv.Atoi(s)
	require.NoError(t, err)
	return n
}

// peerEnv makes the test binary a process that decodes one file after the other
// with goheif, as its users do, and answers with one byte each.
const peerEnv = "HEIC_TEST_PEER"

// What another decoder makes of a file.
const (
	shown   = "shown"
	warned  = "shown, with warnings"
	refuses = "refused"
	dies    = "dies or takes over 5 s"
)

// peer is that process's main.
func peer() {
	goheif.SafeEncoding = true
	if err := heic.Confine(1<<30, 1<<20); err != nil {
		os.Exit(3)
	}
	answer := os.Stdout
	r, w, err := os.Pipe()
	if err != nil {
		os.Exit(3)
	}
	os.Stdout = w // where goheif prints what libde265 warns of
	said := make(chan string)
	go func() {
		for in := bufio.NewReader(r); ; {
			s, _ := in.ReadString(0)
			said <- s
		}
	}()
	for {
		var head [4]byte
		if _, err := io.ReadFull(os.Stdin, head[:]); err != nil {
			os.Exit(0)
		}
		b := make([]byte, binary.BigEndian.Uint32(head[:]))
		if _, err := io.ReadFull(os.Stdin, b); err != nil {
			os.Exit(0)
		}
		verdict := decodeLikeUsers(b)
		_, _ = w.Write([]byte{0})
		if <-said != "\x00" && verdict == 's' {
			verdict = 'w'
		}
		if _, err := answer.Write([]byte{verdict}); err != nil {
			os.Exit(0)
		}
	}
}

func decodeLikeUsers(b []byte) (verdict byte) {
	defer func() {
		if recover() != nil {
			verdict = 'r'
		}
	}()
	if _, err := goheif.Decode(bytes.NewReader(b)); err != nil {
		return 'r'
	}
	return 's'
}

// libde265 judges files with goheif in a process that is started again when it
// dies.
type libde265 struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *os.File
}

func (d *libde265) start() {
	d.cmd = exec.Command(os.Args[0])
	d.cmd.Env = []string{peerEnv + "=1", "GOTRACEBACK=none"}
	in, err := d.cmd.StdinPipe()
	require.NoError(d.t, err)
	r, w, err := os.Pipe()
	require.NoError(d.t, err)
	d.in, d.out, d.cmd.Stdout = in, r, w
	require.NoError(d.t, d.cmd.Start())
	require.NoError(d.t, w.Close())
}

func (d *libde265) stop() {
	if d.cmd != nil {
		_ = d.cmd.Process.Kill()
		_ = d.cmd.Wait()
		_ = d.out.Close()
		d.cmd = nil
	}
}

func (d *libde265) judge(b []byte) string {
	if d.cmd == nil {
		d.start()
	}
	_, err := d.in.Write(append(be(4, uint64(len(b))), b...))
	if err == nil {
		require.NoError(d.t, d.out.SetReadDeadline(time.Now().Add(5*time.Second)))
		var verdict [1]byte
		if _, err = d.out.Read(verdict[:]); err == nil {
			return map[byte]string{'s': shown, 'w': warned, 'r': refuses}[verdict[0]]
		}
	}
	d.stop()
	return dies
}

// mutants yields damaged files: of all small good files in turn.
func mutants(t *testing.T, n int) func(yield func(string, []byte) bool) {
	var files []good
	for _, g := range goodFiles(t) {
		if len(g.b) < 1<<14 {
			files = append(files, g)
		}
	}
	r := rand.New(rand.NewPCG(2, 4))
	return func(yield func(string, []byte) bool) {
		for i := range n {
			g := files[i%len(files)]
			if !yield(fmt.Sprintf("%s, mutant %d", g.name, i), mutate(r, g.b)) {
				return
			}
		}
	}
}

// What is accepted decodes without an error or a warning of libde265's; of what is
// refused, the classes are told.
func TestMutantsWithLibde265(t *testing.T) {
	d := &libde265{t: t}
	defer d.stop()
	table := tally{}
	n := mutantCount(t, 1000)
	for name, b := range mutants(t, n) {
		info, err := heic.Verify(b, heic.Limits{})
		if err == nil {
			verdict := "shown"
			if _, err := heic.Decode(t.Context(), b, heic.Limits{}); err != nil {
				verdict = err.Error()
			}
			require.Equal(t, "shown", verdict, "%s: accepted, with %v", name, info.Warnings)
			table.add("accepted", verdict)
			continue
		}
		table.add(class(err), d.judge(b))
	}
	table.log(t, n)
}

// The same with heif-convert: what it refuses and we accept is explained by class.
func TestMutantsWithHeifConvert(t *testing.T) {
	convert := tool(t, "heif-convert")
	table := tally{}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.heic"), filepath.Join(dir, "out.png")
	n := mutantCount(t, 150)
	for name, b := range mutants(t, n) {
		require.NoError(t, os.WriteFile(in, b, 0o600))
		_, err := heic.Verify(b, heic.Limits{})
		ours := "accepted"
		if err != nil {
			ours = class(err)
		}
		msg, cerr := exec.Command("timeout", "5", convert, in, out).CombinedOutput()
		theirs := shown
		var exit *exec.ExitError
		switch {
		case errors.As(cerr, &exit) && exit.ExitCode() != 1:
			theirs = dies
		case cerr != nil:
			theirs = refuses
		}
		if err == nil && cerr != nil {
			ours += ": " + string(bytes.Join(bytes.Fields(digits.ReplaceAll(msg, []byte("N"))), []byte(" ")))
			t.Logf("%s: accepted, heif-convert: %s", name, msg)
		}
		table.add(ours, theirs)
	}
	table.log(t, n)
}

var digits = regexp.MustCompile(`[0-9]+|"[^"]*"`)

// class is the fault without what differs from file to file.
func class(err error) string {
	var f *heic.Error
	if !errors.As(err, &f) {
		return err.Error()
	}
	return string(f.Reason) + ": " + digits.ReplaceAllString(f.Text, "N")
}

// tally counts what another decoder makes of each class of ours.
type tally map[string]map[string]int

func (a tally) add(ours, theirs string) {
	if a[ours] == nil {
		a[ours] = map[string]int{}
	}
	a[ours][theirs]++
}

func (a tally) log(t *testing.T, n int) {
	t.Helper()
	total := map[string]int{}
	for _, ours := range slices.Sorted(maps.Keys(a)) {
		t.Logf("%-70s %v", ours, a[ours])
		for k, v := range a[ours] {
			total[k] += v
		}
	}
	t.Logf("%d mutants: accepted %v; by the other: %v", n, a["accepted"], total)
}
