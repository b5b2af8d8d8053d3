package hevc

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func (s *stream) item() codedItem {
	return codedItem{sets: s.sets, units: s.units}
}

func (s *stream) String() string {
	return fmt.Sprintf("%dx%d chroma %d depth %d/%d ctb %d..%d tb %d..%d tiles %dx%d wavefront %v dependent %v units %d pcm %v tskip %v ext %v cross %v list %d bypass %v qp %v",
		s.width, s.height, s.chroma, s.depthLuma, s.depthChroma, s.log2MinCb, s.log2Ctb, s.log2MinTb, s.log2MaxTb,
		len(s.colBounds)-1, len(s.rowBounds)-1, s.wavefront, s.dependentSlices, len(s.units), s.pcm, s.tskip, s.rangeExt, s.cross, s.chromaQPList, s.bypass, s.qpDelta)
}

// TestGeneratedStreams: whatever the syntax tables allow is accepted.
func TestGeneratedStreams(t *testing.T) {
	for seed := range uint64(300) {
		s := newStream(seed)
		s.write()
		_, err := verifyItem(s.item())
		require.NoError(t, err, "seed %d: %v", seed, s)
	}
}

// TestGeneratedStreamsWithLibde265 holds the generator itself against a decoder:
// where both are wrong in the same way, libde265 warns.
func TestGeneratedStreamsWithLibde265(t *testing.T) {
	tool, err := exec.LookPath("libde265-dec265")
	if err != nil {
		t.Skip("SKIPPED: libde265-dec265 is not installed")
	}
	dir := t.TempDir()
	run := 0
	for seed := uint64(0); run < 60; seed++ {
		s := newStream(seed)
		// What libde265 1.0.15 reads otherwise than the standard has it:
		// cu_chroma_qp_offset_idx is one bin, the fifth context of cbf_cb (4x4
		// blocks of 64x64 in 4:4:4) is missing, and StatCoeff is not kept for
		// the next row of a wavefront.
		if s.chromaQPList > 2 || s.chroma == 3 && s.log2Ctb-s.log2MinTb == 4 || s.wavefront && s.persistentRice {
			continue
		}
		run++
		s.write()
		name := filepath.Join(dir, fmt.Sprint(seed, ".hevc"))
		require.NoError(t, os.WriteFile(name, byteStream(s.item()), 0o600))
		out, _ := exec.Command(tool, "-q", name).CombinedOutput()
		if strings.Contains(string(out), "WARNING") || !strings.Contains(string(out), "nFrames decoded: 1 ") {
			t.Errorf("seed %d: %v: %s", seed, s, out)
		}
	}
}

// byteStream is the item in the format of annex B.
func byteStream(it codedItem) (b []byte) {
	for _, u := range slices.Concat(it.sets, it.units) {
		b = append(append(b, 0, 0, 0, 1), u.Data...)
	}
	return b
}
