package fuzz

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build"
	"github.com/imgvet/imgvet/fuzz/internal/build/bmp"
	"github.com/imgvet/imgvet/fuzz/internal/parts"
	"github.com/imgvet/imgvet/fuzz/internal/seeds"
	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
)

func TestSeedsOpen(t *testing.T) {
	entries, err := seeds.Files.ReadDir("files")
	require.NoError(t, err)
	total := 0
	for _, e := range entries {
		b := seeds.Get(e.Name())
		total += len(b)
		res, err := validate.Bytes(context.Background(), b, validate.Options{})
		require.NoError(t, err, "%s %+v", e.Name(), res)
		require.Empty(t, res.Warnings, e.Name())
	}
	require.Less(t, total, 1<<20)
}

// TestCorruptIsDeterministic also shows that every op leaves its input alone and
// takes any input.
func TestCorruptIsDeterministic(t *testing.T) {
	inputs := [][]byte{nil, {0}, []byte("\xff\xd8\xff"), []byte(parts.PNGSignature), append([]byte("BM"), make([]byte, 20)...)}
	for _, f := range build.Formats {
		inputs = append(inputs, build.Plain(f), build.Plain(f)[:40], Bomb(f, 1<<20, 1<<20))
	}
	inputs = append(inputs, bmp.Info{Header: 12, W: 5, H: 5, Bits: 24}.File())
	for _, op := range AllOps() {
		changed := false
		for _, in := range inputs {
			before := bytes.Clone(in)
			for seed := range uint64(50) {
				out := Corrupt(seed, in, op.Op)
				require.Equal(t, before, in, "%s changed its input", op.Name)
				require.Equal(t, out, Corrupt(seed, in, op.Op), "%s is not deterministic", op.Name)
				changed = changed || !bytes.Equal(out, in)
				require.Less(t, len(out), 2*len(in)+100, op.Name)
			}
		}
		require.True(t, changed, "%s never changes anything", op.Name)
		require.NotEmpty(t, op.For)
	}
	require.NotEqual(t, Corrupt(1, build.Plain(detect.PNG)), Corrupt(2, build.Plain(detect.PNG)))
	require.NotContains(t, formatsOf(Corrupt(0, build.Plain(detect.PNG), AppendBytes(nil))), detect.Unknown)
}

func formatsOf(b ...[]byte) []detect.Format {
	var all []detect.Format
	for _, v := range b {
		all = append(all, detect.Detect(v))
	}
	return all
}

// TestOpsAim: the operations that know the structure leave the rest of it whole.
func TestOpsAim(t *testing.T) {
	for _, f := range build.Formats {
		good := build.Plain(f)
		names := func(b []byte) []string {
			var all []string
			for _, p := range parts.Of(b) {
				all = append(all, p.Kind)
			}
			return all
		}
		require.NotEmpty(t, names(good), f)
		lied := Corrupt(3, good, LieDimensions)
		require.Len(t, lied, len(good))
		require.NotEqual(t, good, lied, f)
		require.Equal(t, names(good), names(lied), f)
		require.Equal(t, f, detect.Detect(lied))
		damaged := Corrupt(3, good, DamageData)
		require.NotEqual(t, good, damaged, f)
		require.Equal(t, names(good), names(damaged), f)
	}
	// PNG's checksums are right again after both.
	for _, op := range []Op{LieDimensions, DamageData} {
		b := Corrupt(3, build.Plain(detect.PNG), op)
		require.Equal(t, b, parts.Reseal(b))
	}
	bad := Corrupt(3, build.Plain(detect.PNG), BadCRC)
	require.NotEqual(t, bad, parts.Reseal(bad))
	require.Equal(t, build.Plain(detect.PNG), parts.Reseal(bad))
}

// TestBombs: tiny, and refused by the claim at once, in little memory.
func TestBombs(t *testing.T) {
	for _, f := range build.Formats {
		for _, size := range [][2]int{{16383, 16383}, {16384, 16384}, {1 << 20, 1 << 20}, {1<<31 - 1, 1<<31 - 1}, {16000, 13751}} {
			b := Bomb(f, size[0], size[1])
			require.Less(t, len(b), 1024, f)
			require.Equal(t, f, detect.Detect(b))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := cputime.Used()
			res, err := validate.Bytes(context.Background(), b, validate.Options{})
			took := cputime.Used() - start
			runtime.ReadMemStats(&after)
			var refusal *validate.Error
			require.True(t, errors.As(err, &refusal), "%s %v: %v", f, size, err)
			require.Equal(t, validate.TooManyPixels, refusal.Reason, "%s %v: %v", f, size, err)
			require.Positive(t, res.Width, "%s: the claim is read", f)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), f)
			require.Less(t, took, 200*time.Millisecond, f)
		}
	}
	require.Len(t, Bomb(detect.WebP, 16384, 16384), 28)
	require.Nil(t, Bomb(detect.Unknown, 9, 9))
	require.Equal(t, Bomb(detect.PNG, 1, 1), Bomb(detect.PNG, -5, 0))
}

// TestEveryPrefixOfGoodCasesIsRefused, where the file is small.
func TestEveryPrefixOfGoodCasesIsRefused(t *testing.T) {
	testenv.OneGoroutine(t)
	step := 1
	if !testenv.Long() {
		step = 17
	}
	for c := range Cases() {
		if !c.OK || c.Warned || len(c.Data) > 700 {
			continue
		}
		for n := 1; n < len(c.Data); n += step {
			if c.Format == detect.WebP && n == len(c.Data)-1 && parts.RIFF(c.Data)[len(parts.RIFF(c.Data))-1].DataEnd == n {
				continue // the pad byte of the last chunk, which nobody reads
			}
			_, err := validate.Bytes(context.Background(), c.Data[:n], validate.Options{})
			var refusal *validate.Error
			if !errors.As(err, &refusal) || refusal.Code != validate.CodeCorrupted {
				t.Errorf("%s cut to %d of %d bytes: %v", c.Name, n, len(c.Data), err)
				break
			}
		}
	}
}

// FuzzCorrupt: operations end, take anything, and repeat themselves.
func FuzzCorrupt(f *testing.F) {
	n := 0
	for b := range startingFiles() {
		f.Add(b, uint64(n))
		n++
	}
	require.GreaterOrEqual(f, n, 60, "seeds")
	f.Fuzz(func(t *testing.T, b []byte, seed uint64) {
		before := bytes.Clone(b)
		for _, op := range AllOps() {
			out := Corrupt(seed, b, op.Op)
			require.Equal(t, before, b, op.Name)
			require.Equal(t, out, Corrupt(seed, b, op.Op), op.Name)
		}
	})
}

func BenchmarkCases(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		for range Cases() {
		}
	}
}
