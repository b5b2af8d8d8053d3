package foreign

import (
	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build"
	"github.com/imgvet/imgvet/fuzz/internal/cases"
	"github.com/imgvet/imgvet/fuzz/internal/pack"
)

// Tails have bytes behind the picture: forgiven if the picture is whole, as
// viewers do; and pictures that are two files at once.
func Tails() []cases.Case {
	var all []cases.Case
	tails := []struct {
		name string
		data []byte
	}{
		{"zero", []byte{0}},
		{"line_end", []byte("\r\n")},
		{"script", []byte("<script>alert(1)</script>")},
		{"zip", pack.Join([]byte("PK\x05\x06"), make([]byte, 18))},
		{"noise", pack.Pattern(1000, 4)},
	}
	for _, f := range build.Formats {
		if f == detect.HEIC {
			continue // bytes behind the last box are a box themselves
		}
		s := &cases.Suite{Format: f}
		for _, t := range tails {
			s.Warned("tail_"+t.name, pack.Join(build.Plain(f), t.data), "bytes behind the end of the picture, which no viewer looks at")
		}
		all = append(all, s.Cases...)
	}
	return all
}
