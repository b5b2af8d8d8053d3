package hevc

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/imgvet/imgvet/heic/internal/recon"
	"github.com/imgvet/imgvet/internal/verify"
	"github.com/stretchr/testify/require"
)

// pack puts an item into bytes for the fuzzer: two bytes of length before each
// NAL unit. unpack takes whatever the fuzzer makes of them.
func pack(it codedItem) (b []byte) {
	for _, u := range slices.Concat(it.sets, it.units) {
		b = append(b, byte(len(u.Data)>>8), byte(len(u.Data)))
		b = append(b, u.Data...)
	}
	return b
}

func unpack(b []byte) (it codedItem) {
	for at := 0; at+2 <= len(b); {
		n := min(int(b[at])<<8|int(b[at+1]), len(b)-at-2)
		u := Unit{b[at+2 : at+2+n], at + 2}
		if n > 0 && u.Data[0]>>1 >= nalVPS && u.Data[0]>>1 <= nalPPS && len(it.units) == 0 {
			it.sets = append(it.sets, u)
		} else {
			it.units = append(it.units, u)
		}
		at += 2 + n
	}
	return it
}

// fuzzSeeds are the vectors and generated streams, whole and damaged.
func fuzzSeeds(t testing.TB) (seeds [][]byte) {
	t.Helper()
	var whole [][]byte
	for _, v := range vectors(t) {
		whole = append(whole, pack(v.codedItem))
	}
	for seed := range uint64(30) {
		s := newStream(seed)
		s.write()
		whole = append(whole, pack(s.item()))
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, b := range whole {
		flipped, zeroed := bytes.Clone(b), bytes.Clone(b)
		for range 3 {
			flipped[r.IntN(len(b))] ^= 1 << r.IntN(8)
		}
		clear(zeroed[len(b)/2:])
		seeds = append(seeds, b, b[:r.IntN(len(b))], flipped, zeroed)
	}
	return seeds
}

func FuzzPicture(f *testing.F) {
	seeds := fuzzSeeds(f)
	require.GreaterOrEqual(f, len(seeds), 60)
	for _, b := range seeds {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		it := unpack(b)
		limits := verify.Limits{MaxPixels: 1 << 22}
		judge := func(it codedItem) (Picture, error) {
			sets, err := ParseParameterSets(slices.Values(it.sets))
			if err != nil {
				return Picture{}, err
			}
			return sets.Picture(context.Background(), slices.Values(it.units), limits)
		}
		p, err := judge(it)
		again, errAgain := judge(it)
		require.Equal(t, p, again)
		require.Equal(t, err, errAgain, "the verdict depends on what was verified before")
		if err != nil {
			var fault *verify.Fault
			require.True(t, errors.As(err, &fault), "%v", err)
			require.GreaterOrEqual(t, fault.Offset, int64(-1))
			require.LessOrEqual(t, fault.Offset, int64(len(b)))
			return
		}
		// What is whole is not whole without its last byte, or with one more.
		i := len(it.units) - 1
		for ; it.units[i].Data[0]>>1 > nalCRA || layerOf(it.units[i]) != 0; i-- {
		}
		data := it.units[i].Data
		it.units[i].Data = bytes.TrimRight(data, "\x00")
		it.units[i].Data = it.units[i].Data[:len(it.units[i].Data)-1]
		if it.units[i].Data[len(it.units[i].Data)-1] != 0 { // else cabac_zero_words were cut
			_, err = judge(it)
			require.Error(t, err, "the last byte was cut")
		}
		it.units[i].Data = append(bytes.Clone(data), 0x55)
		_, err = judge(it)
		require.Error(t, err, "a byte was added")
	})
}

func layerOf(u Unit) byte { return u.Data[0]&1<<5 | u.Data[1]>>3 }

// FuzzDecode makes samples of whatever it is given: the verdict is that of
// verification, a whole picture has each of its samples, in their range, and the
// same ones whatever was decoded before and however many rows are made at a time.
func FuzzDecode(f *testing.F) {
	seeds := fuzzSeeds(f)
	require.GreaterOrEqual(f, len(seeds), 60)
	for _, b := range seeds {
		f.Add(b)
	}
	photo := vectors(f)[0]
	f.Fuzz(func(t *testing.T, b []byte) {
		it := unpack(b)
		limits := verify.Limits{MaxPixels: 1 << 20}
		sets, err := ParseParameterSets(slices.Values(it.sets))
		if err != nil {
			return
		}
		decode := func(rows int) (*recorder, Picture, error) {
			var r *recorder
			p, err := sets.Decode(t.Context(), slices.Values(it.units), limits, rows, func(s *SPS) recon.Sink {
				r = newRecorder(*s)
				return r
			})
			return r, p, err
		}
		want, wantErr := sets.Picture(context.Background(), slices.Values(it.units), limits)
		r, p, err := decode(1)
		require.Equal(t, wantErr, err)
		require.Equal(t, want, p)
		_, _, err = decode(3)
		require.Equal(t, wantErr, err, "three rows of a wavefront at a time")
		if err != nil {
			return
		}
		for c, plane := range r.planes {
			top := uint16(1<<p.BitDepthLuma - 1)
			if c > 0 {
				top = 1<<p.BitDepthChroma - 1
			}
			for _, v := range plane {
				require.LessOrEqual(t, v, top)
			}
		}
		decodeItem(t, photo.codedItem)
		again, _, err := decode(3)
		require.NoError(t, err)
		require.Equal(t, r.planes, again.planes, "samples depend on what was decoded before, or on the rows at a time")
	})
}
