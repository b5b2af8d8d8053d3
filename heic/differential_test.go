//go:build cgo && (linux || darwin)

package heic_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"image"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/jdeng/goheif"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
)

func init() { startPeer = peer }

// peer is that process's main.
func peer() {
	goheif.SafeEncoding = true
	// What it does to hostile files must not hurt the tests.
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: 4 << 30, Max: 4 << 30}); err != nil {
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
		verdict, sum := decodeLikeUsers(b)
		_, _ = w.Write([]byte{0})
		if <-said != "\x00" && verdict == 's' {
			verdict = 'w'
		}
		if _, err := answer.Write(append([]byte{verdict}, sum[:]...)); err != nil {
			os.Exit(0)
		}
	}
}

func decodeLikeUsers(b []byte) (verdict byte, sum [32]byte) {
	defer func() {
		if recover() != nil {
			verdict = 'r'
		}
	}()
	img, err := goheif.Decode(bytes.NewReader(b))
	if err != nil {
		return 'r', sum
	}
	if ycc, ok := img.(*image.YCbCr); ok {
		sum = sumOf(ycc)
	}
	return 's', sum
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

// judge returns the verdict, and sumOf the picture.
func (d *libde265) judge(b []byte) (string, [32]byte) {
	if d.cmd == nil {
		d.start()
	}
	_, err := d.in.Write(append(be(4, uint64(len(b))), b...))
	if err == nil {
		require.NoError(d.t, d.out.SetReadDeadline(time.Now().Add(5*time.Second)))
		var answer [33]byte
		if _, err = io.ReadFull(d.out, answer[:]); err == nil {
			return map[byte]string{'s': shown, 'w': warned, 'r': refuses}[answer[0]], [32]byte(answer[1:])
		}
	}
	d.stop()
	return dies, [32]byte{}
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
		theirs, _ := d.judge(b)
		table.add(class(err), theirs)
	}
	table.log(t, n)
}

// Every sample is that of libde265, at 8 bits.
func TestSamplesEqualThoseOfLibde265(t *testing.T) {
	d := &libde265{t: t}
	defer d.stop()
	compared := 0
	for _, g := range goodFiles(t) {
		img, err := heic.Samples(t.Context(), g.b)
		require.NoError(t, err, g.name)
		verdict, sum := d.judge(g.b)
		if img == nil || verdict == refuses || verdict == dies || sum == [32]byte{} {
			t.Logf("%s: not compared: goheif says %q", g.name, verdict)
			continue
		}
		require.Equal(t, sum, sumOf(img), g.name)
		compared++
	}
	require.GreaterOrEqual(t, compared, 25)
}
