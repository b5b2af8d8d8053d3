//go:build cgo && (linux || darwin)

package heic_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
)

// faultEnv makes the test binary a worker with a fault.
const faultEnv = "HEIC_TEST_FAULT"

func result() *os.File { return os.NewFile(3, "result") }

func picture(w, h uint32, n int) []byte {
	b := []byte{1, byte(2)} // YCbCr, 4:2:0
	b = binary.BigEndian.AppendUint32(b, w)
	b = binary.BigEndian.AppendUint32(b, h)
	return append(b, make([]byte, n)...)
}

// faults are what a worker may do wrong. Each ends the process.
var faults = map[string]func(){
	"dies by a signal": func() {
		_ = syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		time.Sleep(time.Minute)
	},
	"exits without a word": func() { os.Exit(0) },
	"panics":               func() { panic("fault") },
	"loop": func() {
		for n := 0; ; n++ {
			runtime.KeepAlive(n)
		}
	},
	"stops": func() { time.Sleep(time.Hour) },
	"closes the pipe and stops": func() {
		_ = result().Close()
		time.Sleep(time.Hour)
	},
	"eats memory": func() { eat() },
	"writes for ever": func() {
		_, _ = result().Write(picture(64, 64, 0))
		for {
			if _, err := result().Write(make([]byte, 1<<16)); err != nil {
				os.Exit(0)
			}
		}
	},
	"writes half":             func() { say(picture(64, 64, 1000)) },
	"writes another size":     func() { say(picture(6400, 64, 64*64*3/2)) },
	"writes a huge size":      func() { say(picture(1<<31, 1<<31, 0)) },
	"writes an unknown kind":  func() { say([]byte{99, 0, 0, 0, 0, 64, 0, 0, 0, 64}) },
	"writes an unknown ratio": func() { say([]byte{1, 77, 0, 0, 0, 64, 0, 0, 0, 64}) },
	"refuses without reason":  func() { say([]byte{4, 200, 1}) },
	"invents a reason":        func() { say([]byte("\x04\x03no_face")) },
	"fails":                   func() { say([]byte("\x06\x00disk on fire")) },
	"writes random bytes":     func() { say([]byte("GET / HTTP/1.1\r\n\r\n")) },
}

func say(b []byte) {
	_, _ = result().Write(b)
	os.Exit(0)
}

// eat is a worker that takes its limits, and then all memory it can get.
func eat() {
	var head [32]byte
	if _, err := io.ReadFull(os.Stdin, head[:]); err != nil {
		os.Exit(3)
	}
	if err := heic.Confine(binary.BigEndian.Uint64(head[8:]), binary.BigEndian.Uint64(head[16:])); err != nil {
		os.Exit(4)
	}
	var all [][]byte
	for range 1 << 12 { // 256 GiB at most
		b := make([]byte, 64<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		all = append(all, b)
	}
	os.Exit(len(all) & 1)
}

// A worker that fails in any way is an operational error within the time limit,
// never a verdict and never a picture; and the next picture comes out right.
func TestFaultyWorkers(t *testing.T) {
	b := single().bytes()
	for name := range faults {
		if name == "eats memory" && heic.RaceDetector {
			continue // the detector's own memory makes RLIMIT_DATA meaningless
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			img, err := heic.DecodeFaulty(t.Context(), b, heic.Limits{Timeout: 2 * time.Second}, faultEnv+"="+name)
			require.Error(t, err)
			require.Nil(t, img)
			var f *heic.Error
			require.False(t, errors.As(err, &f), "a verdict: %v", err)
			require.Less(t, time.Since(start), 8*time.Second)
			t.Logf("%v: %v", time.Since(start).Round(time.Millisecond), err)
		})
	}
	t.Cleanup(func() {
		_, err := heic.Decode(context.Background(), b, heic.Limits{})
		require.NoError(t, err)
	})
}

// A done context ends the worker at once.
func TestCancelEndsTheWorker(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := heic.DecodeFaulty(ctx, single().bytes(), heic.Limits{}, faultEnv+"=stops")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(start), 3*time.Second)
}
