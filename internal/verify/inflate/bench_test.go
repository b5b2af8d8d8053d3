package inflate

import (
	"hash/adler32"
	"testing"
)

func BenchmarkAdler(b *testing.B) {
	p := samples()["noise"][:bufferSize]
	b.Run("measure", func(b *testing.B) {
		b.SetBytes(int64(len(p)))
		for b.Loop() {
			measure(p)
		}
	})
	b.Run("words", func(b *testing.B) {
		b.SetBytes(int64(len(p)))
		for b.Loop() {
			measureWords(p)
		}
	})
	b.Run("hash/adler32", func(b *testing.B) {
		b.SetBytes(int64(len(p)))
		for b.Loop() {
			adler32.Checksum(p)
		}
	})
}
