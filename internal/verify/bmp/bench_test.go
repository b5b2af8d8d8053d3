package bmp_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	xbmp "golang.org/x/image/bmp"

	"github.com/imgvet/imgvet/internal/verify/bmp"
	"github.com/imgvet/imgvet/internal/verify/bmp/bmptest"
)

// benchFiles are 1 MP pictures; Go cannot decode the last.
func benchFiles() map[string][]byte {
	rgb := bmptest.File{HeaderSize: 40, Width: 1024, Height: 1024, Bits: 24}
	rgb.Direct([4]uint32{0xff0000, 0xff00, 0xff}, false)
	indexed := bmptest.File{HeaderSize: 40, Width: 1024, Height: 1024, Bits: 8}
	indexed.Indexed(256)
	rle := indexed
	rle.Compression = 1
	rle.RunLengths(256)
	return map[string][]byte{"24": rgb.Bytes(), "8": indexed.Bytes(), "rle8": rle.Bytes()}
}

func BenchmarkVerify(b *testing.B) {
	for name, data := range benchFiles() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				_, err := bmp.Verify(data, limits)
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, data := range benchFiles() {
		if name == "rle8" {
			continue // Go has no decoder for it
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				_, err := xbmp.Decode(bytes.NewReader(data))
				require.NoError(b, err)
			}
		})
	}
}
