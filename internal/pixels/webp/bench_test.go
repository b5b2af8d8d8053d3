package webp_test

import (
	"bytes"
	"testing"

	xwebp "golang.org/x/image/webp"

	"github.com/imgvet/imgvet/internal/pixels/webp"
)

// BenchmarkLossless compares with golang.org/x/image/webp.
func BenchmarkLossless(b *testing.B) {
	data := read(b, "tux.lossless.webp")
	b.Run("x/image", func(b *testing.B) {
		for b.Loop() {
			if _, err := xwebp.Decode(bytes.NewReader(data)); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, scale := range map[string]int{"full": 1, "reduced": 8} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := webp.Decode(b.Context(), data, scale); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
