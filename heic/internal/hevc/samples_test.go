package hevc

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
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
			r.planes[c][i] = 0xFFFF // no sample has it
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
	pic, err := verifyItem(it)
	require.NoError(t, err)
	sets, err := ParseParameterSets(slices.Values(it.sets))
	require.NoError(t, err)
	r := newRecorder(pic.SPS)
	again, err := sets.Decode(context.Background(), slices.Values(it.units), anySize, r)
	require.NoError(t, err)
	require.Equal(t, pic, again)
	return pic.SPS, r
}

// ffmpegPlanes decodes a byte stream with FFmpeg.
func ffmpegPlanes(t testing.TB, s SPS, stream []byte) (planes [3][]uint16) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.hevc")
	require.NoError(t, os.WriteFile(name, stream, 0o600))
	out, err := exec.Command("ffmpeg", "-v", "error", "-f", "hevc", "-i", name, "-f", "rawvideo", "-").Output()
	require.NoError(t, err)
	size := 1
	if s.BitDepthLuma > 8 {
		size = 2
	}
	subW, subH := s.chromaSteps()
	for c := range 3 {
		n := s.Width * s.Height
		if c > 0 {
			n /= int(subW * subH)
		}
		if c > 0 && s.ChromaFormat == 0 {
			break
		}
		require.GreaterOrEqual(t, len(out), n*size)
		for i := range n {
			if size == 1 {
				planes[c] = append(planes[c], uint16(out[i]))
			} else {
				planes[c] = append(planes[c], binary.LittleEndian.Uint16(out[2*i:]))
			}
		}
		out = out[n*size:]
	}
	require.Empty(t, bytes.TrimSpace(out))
	return planes
}

// firstDifference describes where two pictures differ first.
func firstDifference(s SPS, r *recorder, want [3][]uint16) string {
	subW, _ := s.chromaSteps()
	for c := range 3 {
		got := r.crop2(s, c)
		w := s.Width
		if c > 0 {
			w /= int(subW)
		}
		n := 0
		first := ""
		for i := range want[c] {
			if got[i] != want[c][i] {
				if n == 0 {
					first = fmt.Sprintf("component %d at %d,%d: %d, want %d", c, i%w, i/w, got[i], want[c][i])
				}
				n++
			}
		}
		if n > 0 {
			return fmt.Sprintf("%s; %d samples", first, n)
		}
	}
	return ""
}

func (r *recorder) crop2(s SPS, c int) []uint16 {
	if r.planes[c] == nil {
		return nil
	}
	return r.crop(s, c)
}

func TestSamplesWithFFmpeg(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Skip("SKIPPED: ffmpeg is not installed")
	}
	for _, v := range vectors(t) {
		t.Run(v.name, func(t *testing.T) {
			s, r := decodeItem(t, v.codedItem)
			want := ffmpegPlanes(t, s, byteStream(v.codedItem))
			require.Empty(t, firstDifference(s, r, want))
		})
	}
}
