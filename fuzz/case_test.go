package fuzz

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz/internal/build"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
)

func TestCasesAreWellFormed(t *testing.T) {
	testenv.OneGoroutine(t)
	seen := map[string]bool{}
	bytesSeen := map[[32]byte]string{}
	count := map[string]int{}
	for c := range Cases() {
		require.False(t, seen[c.Name], "%s: name used twice", c.Name)
		seen[c.Name] = true
		sum := sha256.Sum256(c.Data)
		require.Empty(t, bytesSeen[sum], "%s is byte for byte another case", c.Name)
		bytesSeen[sum] = c.Name
		require.NotEmpty(t, c.Why, c.Name)
		require.Equal(t, c.Format, detect.Detect(c.Data), "%s: detected format", c.Name)
		family, _, _ := strings.Cut(c.Name, "/")
		if c.Format != detect.Unknown { // else the damage may have hit the signature
			require.Equal(t, string(c.Format), family, c.Name)
		}
		if c.OK {
			require.Zero(t, c.Code, c.Name)
			require.NotEqual(t, detect.Unknown, c.Format, c.Name)
		} else {
			require.NotEmpty(t, c.Code.Message(), c.Name)
			require.False(t, c.Warned, c.Name)
		}
		switch {
		case c.Warned:
			count["warned"]++
		case c.OK:
			count["good"]++
		default:
			count["bad"]++
		}
		count[family]++
	}
	t.Logf("%d cases: %v", len(seen), count)
	require.GreaterOrEqual(t, len(seen), 400)
	for _, f := range build.Formats {
		require.GreaterOrEqual(t, count[string(f)], 40, "cases of %s", f)
	}
}

// TestForeignPicturesAreNamed: what is a picture of a format not taken is not called video.
func TestForeignPicturesAreNamed(t *testing.T) {
	testenv.OneGoroutine(t)
	names := map[string]string{"other/heif_mini": "image/heif", "other/avif": "image/avif", "other/gif": "image/gif", "other/mp4": "video/mp4"}
	for c := range Cases() {
		if name, ok := names[c.Name]; ok {
			require.Equal(t, name, detect.Describe(c.Data), c.Name)
			delete(names, c.Name)
		}
	}
	require.Empty(t, names)
}

// TestCasesGolden: a case is the same bytes with the same verdict on every
// platform, in every run and under every version of Go. When a case is changed
// or added on purpose, say in the commit why the sum moved.
func TestCasesGolden(t *testing.T) {
	testenv.OneGoroutine(t)
	all := sha256.New()
	for c := range Cases() {
		fmt.Fprintf(all, "%q %s %t %t %d %d\n", c.Name, c.Format, c.OK, c.Warned, c.Code, len(c.Data))
		all.Write(c.Data)
		if c.Rules != (validate.Rules{}) {
			fmt.Fprintf(all, "%+v %s\n", c.Rules, c.Breaks)
		}
	}
	got := hex.EncodeToString(all.Sum(nil))
	const name = "testdata/cases.sha256"
	if os.Getenv("IMGVET_UPDATE") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(name, []byte(got+"\n"), 0o644))
	}
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(want)), got, "to accept: IMGVET_UPDATE=1 go test -run Golden ./fuzz")
}

// TestVerdicts: our validator gives every case what it deserves.
func TestVerdicts(t *testing.T) {
	for c := range Cases() {
		if !testenv.Long() && len(c.Data) > 1<<20 {
			continue
		}
		res, err := validate.Bytes(context.Background(), c.Data, validate.Options{})
		var refusal *validate.Error
		switch {
		case c.OK && err != nil:
			t.Errorf("%s: refused: %v\n\t%s", c.Name, err, c.Why)
		case !c.OK && err == nil:
			t.Errorf("%s: passed (%dx%d, warnings %v)\n\t%s", c.Name, res.Width, res.Height, res.Warnings, c.Why)
		case !c.OK && !errors.As(err, &refusal):
			t.Errorf("%s: failed: %v", c.Name, err)
		case !c.OK && refusal.Code != c.Code:
			t.Errorf("%s: code %d, deserves %d: %v", c.Name, refusal.Code, c.Code, err)
		case c.OK && len(res.Warnings) > 0 != c.Warned:
			t.Errorf("%s: warnings %v\n\t%s", c.Name, res.Warnings, c.Why)
		}
	}
}

// TestGoodCasesDecode holds the good cases against decoders that had no say in
// how they were made: a case that Go's decoders refuse stands in lacking, with
// what they lack.
func TestGoodCasesDecode(t *testing.T) {
	testenv.OneGoroutine(t)
	decoders := map[detect.Format]func(b []byte) (image.Image, error){
		detect.PNG:  func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) },
		detect.JPEG: func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) },
		detect.WebP: func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) },
		detect.BMP:  func(b []byte) (image.Image, error) { return bmp.Decode(bytes.NewReader(b)) },
	}
	used := map[string]bool{}
	n := 0
	for c := range Cases() {
		decode := decoders[c.Format]
		why, lacks := lacking[c.Name]
		n++
		used[c.Name] = used[c.Name] || lacks && c.OK && decode != nil
		if !c.OK || decode == nil || !testenv.Long() && !lacks && (len(c.Data) > 1<<16 || n%3 != 0) {
			continue
		}
		img, err := decode(c.Data)
		if lacks {
			require.Error(t, err, "%s: not lacking any more: %s", c.Name, why)
			continue
		}
		if err != nil {
			t.Errorf("%s: Go's decoder refuses: %v\n\t%s", c.Name, err, c.Why)
			continue
		}
		require.False(t, img.Bounds().Empty(), c.Name)
	}
	for name := range lacking {
		require.True(t, used[name], "%s is in the list and no such case exists", name)
	}
}
