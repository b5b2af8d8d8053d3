package hevc

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic/internal/recon"
)

// recorder keeps all samples of a picture, at their depth.
type recorder struct {
	planes [3][]uint16
	w      [3]int
}

func (r *recorder) Line(comp, x, y int, line []uint16) {
	at := y*r.w[comp] + x
	copy(r.planes[comp][at:at+len(line)], line)
}

// unwritten is a value that no sample has.
const unwritten = 0xFFFF

// newRecorder makes one for pictures of s.
func newRecorder(s SPS) *recorder {
	r := &recorder{}
	subW, subH := s.chromaSteps()
	for c := range 3 {
		w, h := s.CodedWidth, s.CodedHeight
		if c > 0 {
			w, h = w/int(subW), h/int(subH)
		}
		if c > 0 && s.ChromaFormat == 0 {
			continue
		}
		r.w[c], r.planes[c] = w, make([]uint16, w*h)
		for i := range r.planes[c] {
			r.planes[c][i] = unwritten
		}
	}
	return r
}

// crop returns a plane inside the conformance window.
func (r *recorder) crop(s SPS, c int) (plane []uint16) {
	subW, subH := s.chromaSteps()
	if c == 0 {
		subW, subH = 1, 1
	}
	x, y, w, h := s.Left/int(subW), s.Top/int(subH), s.Width/int(subW), s.Height/int(subH)
	for j := range h {
		at := (y+j)*r.w[c] + x
		plane = append(plane, r.planes[c][at:at+w]...)
	}
	return plane
}

// decodeItem makes the samples of an item.
func decodeItem(t testing.TB, it codedItem) (SPS, *recorder) {
	t.Helper()
	return decodeItemAtOnce(t, it, 1)
}

// decodeItemAtOnce does so with some rows of a wavefront at a time.
func decodeItemAtOnce(t testing.TB, it codedItem, parallel int) (SPS, *recorder) {
	t.Helper()
	pic, err := verifyItem(it)
	require.NoError(t, err)
	sets, err := ParseParameterSets(slices.Values(it.sets))
	require.NoError(t, err)
	r := newRecorder(pic.SPS)
	again, err := sets.Decode(context.Background(), slices.Values(it.units), anySize, parallel, func(*SPS) recon.Sink { return r })
	require.NoError(t, err)
	require.Equal(t, pic, again)
	return pic.SPS, r
}
