package heic_test

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/heic"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/internal/verify"
)

// encodings are options of heif-enc (x265): each preset with each tune, qualities,
// chroma formats, depths and the tools that change how a stream is read. With
// IMGVET_HEIC_ALL set, all combinations of preset, tune and chroma format, and all
// qualities.
func encodings() (list [][]string) {
	presets := []string{"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo"}
	tunes := []string{"psnr", "ssim", "grain", "fastdecode"}
	chroma := []string{"420", "422", "444"}
	all := os.Getenv("IMGVET_HEIC_ALL") != ""
	for i, p := range presets {
		for j, tune := range tunes {
			for k, c := range chroma {
				if all || (i+j)%len(chroma) == k && (i+2*j)%3 == 0 {
					list = append(list, []string{"-p", "preset=" + p, "-p", "tune=" + tune, "-p", "chroma=" + c})
				}
			}
		}
	}
	step := 9
	if all {
		step = 1
	}
	for q := 1; q <= 100; q += step {
		list = append(list, []string{"-q", fmt.Sprint(q)}, []string{"-q", fmt.Sprint(q), "-p", "chroma=444", "-t", "64"})
	}
	for _, c := range chroma {
		list = append(list, []string{"-L", "-p", "chroma=" + c}, []string{"-b", "10", "-p", "chroma=" + c}, []string{"-b", "12", "-p", "chroma=" + c})
	}
	// x265 3.5 writes a slice too many where there are as many as rows of coding tree
	// units; libde265 warns of it, and the last row comes out wrong.
	for _, o := range []string{
		"ctu=16", "ctu=32", "min-cu-size=32", "max-tu-size=4", "tu-intra-depth=4", "rect=1:amp=1", "tskip=1", "cu-lossless=1",
		"slices=2:ctu=16", "wpp=0", "no-signhide=1", "no-sao=1", "no-deblock=1", "strong-intra-smoothing=0", "aq-mode=3:qg-size=8",
		"scaling-list=default", "cbqpoffs=5:crqpoffs=-5", "constrained-intra=1", "rd=6", "repeat-headers=1", "hash=1", "aud=1", "hrd=1:vbv-maxrate=9000:vbv-bufsize=9000",
	} {
		option := []string{"-q", "70"}
		for _, p := range strings.Split(o, ":") {
			option = append(option, "-p", "x265:"+p)
		}
		list = append(list, option)
	}
	return append(list, []string{"-L", "-p", "chroma=444", "--matrix_coefficients=0"})
}

// Whatever heif-enc makes is accepted without a warning; cut anywhere, or filled up
// with zeros from anywhere on, it is refused.
func TestEverythingHeifEncMakes(t *testing.T) {
	testenv.OneGoroutine(t)
	pictures := map[string]image.Image{"colour": noise(104, 72), "gray": grayOf(noise(104, 72)), "alpha": translucent(noise(104, 72))}
	files, cuts := 0, 0
	check := func(name string, b []byte) {
		info, err := heic.Verify(b, heic.Limits{})
		require.NoError(t, err, name)
		require.Empty(t, info.Warnings, name)
		files++
		cuts += refusesTails(t, name, b, 29)
	}
	for i, options := range encodings() {
		if !testenv.Long() && i%5 != 0 {
			continue
		}
		kinds := []string{"colour"}
		if i%8 == 0 {
			kinds = []string{"colour", "gray", "alpha"}
		}
		for _, kind := range kinds {
			check(kind+fmt.Sprint(options), heifEnc(t, pictures[kind], options...))
		}
	}
	check("grid", gridOfLargeTiles(t, 128))
	t.Logf("%d files, %d of them cut or zeroed", files, cuts)
	require.Greater(t, files, 15)
}

// refusesTails checks that b cut, and filled with zeros, from many places on is
// refused: at each of the last 40, and some between. It returns how many it tried.
func refusesTails(t *testing.T, name string, b []byte, parts int) (tried int) {
	t.Helper()
	data := bytes.LastIndex(b, []byte("mdat")) + 4
	for n := len(b) - 1; n > 0; n-- {
		if step := max(1, len(b)/parts); len(b)-n > 40 && n%step != 0 {
			continue
		}
		_, err := heic.Verify(b[:n], heic.Limits{})
		refused(t, err, verify.Truncated)
		tried++
		zeroed := bytes.Clone(b)
		clear(zeroed[n:])
		if n < data || bytes.Equal(zeroed, b) {
			continue
		}
		_, err = heic.Verify(zeroed, heic.Limits{})
		require.Error(t, err, "%s: zeros from %d of %d on", name, n, len(b))
		tried++
	}
	return tried
}

// grayOf and translucent are a picture that heif-enc codes as 4:0:0, and one that it
// codes with an alpha plane.
func grayOf(src *image.RGBA) image.Image {
	img := image.NewGray(src.Rect)
	for i := range img.Pix {
		img.Pix[i] = src.Pix[4*i]
	}
	return img
}

func translucent(src *image.RGBA) image.Image {
	img := image.NewNRGBA(src.Rect)
	copy(img.Pix, src.Pix)
	for i := 3; i < len(img.Pix); i += 4 {
		img.Pix[i] = uint8(i / 97)
	}
	return img
}
