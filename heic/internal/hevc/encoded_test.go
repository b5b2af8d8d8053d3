package hevc

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSamplesOfEncodedStreams: pictures of x265 over its options, each as FFmpeg or
// libde265 has it.
func TestSamplesOfEncodedStreams(t *testing.T) {
	p := findPeers(t)
	x265, err := exec.LookPath("x265")
	if err != nil {
		t.Skip("SKIPPED: x265 (Debian: x265) is not installed, so no encoder's streams are compared")
	}
	n, same, made := streamCount(t, 24), 0, 0
	for seed := range uint64(n) {
		r := rand.New(rand.NewPCG(seed, 9))
		options := encoderOptions(r)
		depth := []int{8, 8, 10, 12}[r.IntN(4)]
		if depth == 12 && (slices.Contains(options, "45") || slices.Contains(options, "51")) {
			// Chroma of 4:4:4 reaches QP 75 there: both others overflow, and ours, which
			// has no other to agree with, is the nearest to the source.
			depth = 10
		}
		format := []string{"420", "420", "422", "444", "400"}[r.IntN(5)]
		w, h := 64+2*r.IntN(150), 64+2*r.IntN(110) // one block of 64x64 is the least that x265 takes
		if seed%16 == 15 {
			w, h = 1000+2*r.IntN(500), 600+2*r.IntN(300)
		}
		in, out := filepath.Join(p.dir, "in.yuv"), filepath.Join(p.dir, "out.hevc")
		require.NoError(t, os.WriteFile(in, picture(r, w, h, depth, format), 0o600))
		_ = os.Remove(out)
		args := append([]string{"--log-level", "error", "--no-info", "--frames", "1", "--keyint", "1", "--fps", "25",
			"--input-res", fmt.Sprintf("%dx%d", w, h), "--input-csp", "i" + format, "--input-depth", fmt.Sprint(depth), "--output-depth", fmt.Sprint(depth), "-o", out}, options...)
		ctx, stop := context.WithTimeout(t.Context(), time.Minute) // it hangs on some options
		msg, err := exec.CommandContext(ctx, x265, append(args, "--input", in)...).CombinedOutput()
		stop()
		name := fmt.Sprintf("stream %d: %dx%d %s %d bits %v", seed, w, h, format, depth, options)
		b, readErr := os.ReadFile(out)
		if err != nil || readErr != nil || len(b) == 0 {
			t.Logf("%s: x265 does not encode it: %s", name, msg)
			continue
		}
		made++
		it := splitByteStream(b)
		if _, err := verifyItem(it); err != nil {
			// x265 writes a slice too many where it is asked for as many as there are rows.
			t.Logf("%s: refused: %v", name, err)
			continue
		}
		if p.compare(t, name, it) {
			same++
		}
		if made%50 == 0 {
			t.Logf("%d streams; of %d another decoder has the whole picture the same", made, same)
		}
	}
	t.Logf("%d streams; of %d another decoder has the whole picture the same", made, same)
	require.GreaterOrEqual(t, same, n*3/4)
}

// encoderOptions picks options of x265 at random.
func encoderOptions(r *rand.Rand) (o []string) {
	some := func(p float64, args ...string) {
		if r.Float64() < p {
			o = append(o, args...)
		}
	}
	one := func(name string, values ...string) { o = append(o, "--"+name, values[r.IntN(len(values))]) }
	one("preset", "ultrafast", "superfast", "veryfast", "fast", "medium", "slow", "slower")
	some(.3, "--tune", []string{"psnr", "ssim", "grain", "fastdecode"}[r.IntN(4)])
	one("ctu", "16", "32", "64", "64")
	if r.Float64() < .15 {
		o = append(o, "--lossless")
	} else {
		one("qp", "1", "8", "16", "22", "27", "32", "38", "45", "51")
	}
	some(.3, "--crf", fmt.Sprint(5+r.IntN(40)), "--aq-mode", fmt.Sprint(r.IntN(5)), "--qg-size", []string{"8", "16", "32", "64"}[r.IntN(4)])
	some(.2, "--cu-lossless", "--rd", "5")
	some(.3, "--tskip")
	some(.2, "--no-strong-intra-smoothing")
	some(.2, "--constrained-intra")
	some(.2, "--no-deblock")
	some(.3, "--deblock", fmt.Sprintf("%d:%d", r.IntN(13)-6, r.IntN(13)-6))
	some(.2, "--no-sao")
	some(.2, "--sao-non-deblock")
	some(.2, "--no-signhide")
	some(.2, "--scaling-list", "default")
	some(.3, "--tu-intra-depth", fmt.Sprint(1+r.IntN(4)))
	some(.2, "--max-tu-size", []string{"4", "8", "16", "32"}[r.IntN(4)])
	if r.Float64() < .3 {
		o = append(o, "--no-wpp")
	} else {
		some(.3, "--slices", fmt.Sprint(2+r.IntN(3)))
	}
	some(.2, "--cbqpoffs", fmt.Sprint(r.IntN(25)-12), "--crqpoffs", fmt.Sprint(r.IntN(25)-12))
	some(.2, "--rdoq-level", fmt.Sprint(r.IntN(3)), "--rskip", "0")
	some(.2, "--b-intra", "--limit-tu", "0")
	return o
}

// picture is raw planes: slopes, edges, texture and noise.
func picture(r *rand.Rand, w, h, depth int, format string) []byte {
	var b bytes.Buffer
	for c := range 3 {
		pw, ph := w, h
		if c > 0 {
			switch format {
			case "400":
				return b.Bytes()
			case "420":
				pw, ph = w/2, h/2
			case "422":
				pw = w / 2
			}
		}
		grain, fx, fy := r.IntN(40), r.IntN(9)-4, r.IntN(9)-4
		box := r.IntN(60) + 4
		for y := range ph {
			for x := range pw {
				v := 120 + (x*fx+y*fy)/4
				if x/box+y/box&1 == 0 {
					v += 60
				}
				if (x*x+y*y)%977 < 200 {
					v -= 50
				}
				v += r.IntN(grain + 1)
				v = min(max(v, 0), 255) << (depth - 8)
				b.WriteByte(byte(v))
				if depth > 8 {
					b.WriteByte(byte(v >> 8))
				}
			}
		}
	}
	return b.Bytes()
}

// splitByteStream cuts a byte stream (annex B) into NAL units.
func splitByteStream(b []byte) (it codedItem) {
	for _, u := range bytes.Split(b, []byte{0, 0, 1}) {
		u = bytes.TrimRight(u, "\x00")
		if len(u) < nalHeaderSize {
			continue
		}
		if kind := u[0] >> 1; kind >= nalVPS && kind <= nalPPS {
			it.sets = append(it.sets, Unit{Data: u})
		} else {
			it.units = append(it.units, Unit{Data: u})
		}
	}
	return it
}
