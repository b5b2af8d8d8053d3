package hevc

import (
	"errors"
	"testing"

	"github.com/imgvet/imgvet/internal/verify"
	"github.com/stretchr/testify/require"
)

func spsOf(t testing.TB, file []byte) []byte {
	t.Helper()
	items, err := codedItems(file)
	require.NoError(t, err)
	for _, u := range items[0].sets {
		if u.Data[0]>>1 == nalSPS {
			return u.Data
		}
	}
	t.Fatal("no SPS in hvcC")
	return nil
}

func TestParseSPSOfRealFiles(t *testing.T) {
	for _, c := range []struct {
		file                        string
		width, height, depth, chrom int
	}{
		{"jdeng/goheif@*/testdata/camel.heic", 1596, 1064, 8, 1},
	} {
		t.Run(c.file, func(t *testing.T) {
			s, err := ParseSPS(spsOf(t, moduleFile(t, c.file)), 0)
			require.NoError(t, err)
			require.Equal(t, []int{c.width, c.height, c.depth, c.chrom},
				[]int{s.Width, s.Height, s.BitDepthLuma, s.ChromaFormat})
			require.LessOrEqual(t, s.Width, s.CodedWidth)
			require.LessOrEqual(t, s.Height, s.CodedHeight)
		})
	}
}

func TestParseSPSRefusesEveryPrefix(t *testing.T) {
	sps := spsOf(t, moduleFile(t, "jdeng/goheif@*/testdata/camel.heic"))
	for n := range sps {
		_, err := ParseSPS(sps[:n], 1000)
		var f *verify.Fault
		require.True(t, errors.As(err, &f), "prefix of %d bytes: %v", n, err)
		require.Contains(t, []verify.Reason{verify.Truncated, verify.Malformed}, f.Reason)
		require.LessOrEqual(t, f.Offset, int64(1000+n))
	}
}
