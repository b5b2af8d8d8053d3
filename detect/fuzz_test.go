package detect_test

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
)

// FuzzDetect checks what callers build on: the answer does not depend on bytes past the head or
// on earlier calls, Describe agrees with it, and the signature of the answer is present.
func FuzzDetect(f *testing.F) {
	seeds := 0
	add := func(b []byte) { f.Add(b); seeds++ }
	for _, s := range samples() {
		add(s.head)
	}
	for _, name := range realFiles(f) {
		add(readHead(f, name))
	}
	require.GreaterOrEqual(f, seeds, 60, "seeds")

	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		got := detect.Detect(b)
		require.Equal(t, before, b, "Detect wrote to its input")

		head := b[:min(len(b), detect.HeadSize)]
		require.Equal(t, got, detect.Detect(head), "bytes past the head matter")

		name := detect.Describe(b)
		if got != detect.Unknown {
			require.Equal(t, got.MIME(), name)
		} else {
			require.NotContains(t, []string{"", "image/png", "image/jpeg", "image/heic", "image/bmp", "image/webp"}, name)
			require.NotContains(t, name, ";")
		}
		switch got {
		case detect.Unknown:
		case detect.PNG:
			require.True(t, bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")))
		case detect.JPEG:
			require.True(t, bytes.HasPrefix(b, []byte("\xff\xd8\xff")))
		case detect.WebP:
			require.Equal(t, "RIFF WEBP", string(b[:4])+" "+string(b[8:12]))
		case detect.BMP:
			require.Equal(t, "BM", string(b[:2]))
		case detect.HEIC:
			require.Equal(t, "ftyp", string(b[4:8]))
		default:
			t.Fatalf("a sixth format: %q", got)
		}
	})
}

func readHead(t testing.TB, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, detect.HeadSize))
	require.NoError(t, err)
	return b
}

// BenchmarkDetect shows the cost per format, and Describe's for what is ours
// (no sniffing) and what is not (the whole of mimetype's tree).
func BenchmarkDetect(b *testing.B) {
	pick := map[string][]byte{}
	for _, s := range samples() {
		pick[s.name] = append(bytes.Clone(s.head), make([]byte, detect.HeadSize)...)[:detect.HeadSize]
	}
	for _, name := range []string{"png", "jpeg jfif", "webp lossy", "bmp v3", "heic", "heic grid by its item alone", "mp4", "text"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				detect.Detect(pick[name])
			}
		})
	}
	for _, name := range []string{"png", "gif", "text"} {
		b.Run("describe "+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				detect.Describe(pick[name])
			}
		})
	}
}
