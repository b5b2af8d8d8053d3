package validate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
)

// TestFactsAreThoseOfExiftool compares the facts of some hundred files with what exiftool
// reads of them: the good files, the good cases of package fuzz, and copies into which
// exiftool itself wrote a camera and a place, as EXIF or as XMP.
func TestFactsAreThoseOfExiftool(t *testing.T) {
	testenv.OnlyLong(t, "runs exiftool on some hundred files")
	tool, err := exec.LookPath("exiftool")
	if err != nil {
		t.Skip("SKIPPED: no exiftool (Debian: libimage-exiftool-perl): facts are not compared with it")
	}
	dir := t.TempDir()
	plain := writeFactFiles(t, filepath.Join(dir, "plain"))
	for _, c := range []struct {
		folder string
		every  int // one of so many files is written, since each takes a while
		args   []string
	}{
		{"exif", 1, []string{"-Make=Maker of cameras ", "-Model=Model 9", "-GPSLatitude=48.1", "-GPSLatitudeRef=N", "-GPSLongitude=11.5", "-GPSLongitudeRef=E"}},
		{"version", 5, []string{"-GPSVersionID=2.3.0.0", "-Artist=somebody"}},
		{"xmp", 2, []string{"-XMP:GPSLatitude=48.1", "-XMP:GPSLongitude=11.5", "-XMP:Title=no place"}},
		{"title", 5, []string{"-XMP:Title=no place"}},
	} {
		to := filepath.Join(dir, c.folder)
		require.NoError(t, os.Mkdir(to, 0o700))
		args := append([]string{"-q", "-q", "-m", "-o", to + "/"}, c.args...)
		var writable []string
		for i, name := range plain {
			if i%c.every == 0 && filepath.Ext(name) != ".bmp" && !strings.Contains(name, "fuzz-") {
				writable = append(writable, name)
			}
		}
		// exiftool cannot edit some files, such as those with trailing bytes: leave these out.
		_ = exec.Command(tool, append(args, writable...)...).Run()
	}
	out, err := exec.Command(tool, "-j", "-G1", "-r", "-q", "-q", dir).Output()
	if err != nil {
		t.Logf("exiftool: %v", err) // it reports every file that it warns about
	}
	var all []map[string]any
	require.NoError(t, json.Unmarshal(out, &all))

	compared, counts := 0, map[string]int{}
	for _, tags := range all {
		name := tags["SourceFile"].(string)
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		res, err := validate.Bytes(context.Background(), b, validate.Options{})
		if err != nil || unreadable(res) || tags["ExifTool:Warning"] != nil {
			continue // each program decides what it reads of broken metadata
		}
		compared++
		compareFacts(t, name[len(dir):], tags, res, counts)
	}
	t.Logf("%d files compared: %v", compared, counts)
	require.GreaterOrEqual(t, compared, 200)
	for _, fact := range []string{"EXIF", "GPS", "XMP", "ICC", "alpha", "progressive", "animated", "make", "no GPS"} {
		require.GreaterOrEqual(t, counts[fact], 4, fact)
	}
}

// writeFactFiles writes the good files and returns their names.
func writeFactFiles(t *testing.T, dir string) []string {
	require.NoError(t, os.Mkdir(dir, 0o700))
	var names []string
	write := func(name string, b []byte) {
		path := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
		require.NoError(t, os.WriteFile(path, b, 0o600))
		names = append(names, path)
	}
	good := allGood(t)
	for _, name := range slices.Sorted(maps.Keys(good)) {
		write(name, good[name])
	}
	for c := range fuzz.Cases() {
		if !c.OK || c.Warned || len(c.Data) > 20_000 || strings.Contains(c.Name, "rule_") || strings.Contains(c.Name, "deflate_") {
			continue
		}
		write("fuzz-"+c.Name+"."+c.Format.Extensions()[0], c.Data)
	}
	return names
}

// unreadable reports whether some metadata is broken.
func unreadable(res *validate.Result) bool {
	return slices.ContainsFunc(res.Warnings, func(w validate.Warning) bool { return w.Reason == validate.BadMetadata })
}

func compareFacts(t *testing.T, name string, tags map[string]any, res *validate.Result, counts map[string]int) {
	has := func(prefixes ...string) bool {
		for key := range tags {
			for _, p := range prefixes {
				if strings.HasPrefix(key, p) && key != "GPS:GPSVersionID" {
					return true
				}
			}
		}
		return false
	}
	text := func(key string) string {
		if v, ok := tags[key]; ok {
			return strings.TrimSpace(fmt.Sprint(v))
		}
		return ""
	}
	f := res.Facts
	check := func(what string, want, got any) {
		require.Equal(t, want, got, "%s: %s", name, what)
		if want == true || want != false && want != "" {
			counts[what]++
		} else {
			counts["no "+what]++
		}
	}
	check("EXIF", has("IFD0:", "ExifIFD:", "GPS:", "IFD1:") || text("File:ExifByteOrder") != "", f.HasEXIF)
	check("GPS", has("GPS:", "XMP-exif:GPSLatitude"), f.HasGPS)
	if !strings.Contains(filepath.Base(name), "xmp") || strings.HasPrefix(name, "/xmp") { // exiftool says nothing about an empty packet
		check("XMP", has("XMP-"), f.HasXMP)
	}
	check("ICC", has("ICC-header:"), f.HasICC)
	check("profile", profileBy(tags), f.Profile)
	check("make", text("IFD0:Make"), f.CameraMake())
	check("model", text("IFD0:Model"), f.CameraModel())
	switch res.Format {
	case detect.JPEG:
		check("progressive", strings.Contains(text("File:EncodingProcess"), "Progressive"), f.Progressive)
		check("bits", text("File:BitsPerSample"), fmt.Sprint(f.BitDepth))
		check("alpha", false, f.HasAlpha)
	case detect.PNG:
		check("progressive", strings.Contains(text("PNG:Interlace"), "Adam7"), f.Progressive)
		check("bits", text("PNG:BitDepth"), fmt.Sprint(f.BitDepth))
		check("alpha", strings.Contains(text("PNG:ColorType"), "Alpha") || text("PNG:Transparency") != "", f.HasAlpha)
		frames := text("PNG:AnimationFrames")
		check("animated", frames != "" && frames != "1", f.Animated)
	case detect.WebP:
		if flags := text("RIFF:WebP_Flags"); flags != "" {
			// exiftool makes an extended file of a simple lossless one, and forgets the flag.
			if strings.Contains(flags, "Alpha") || strings.HasPrefix(name, "/plain") {
				check("alpha", strings.Contains(flags, "Alpha"), f.HasAlpha)
			}
			check("animated", strings.Contains(flags, "Animation"), f.Animated)
		}
	case detect.HEIC:
		check("bits", text("QuickTime:BitDepthLuma"), fmt.Sprint(f.BitDepth))
	}
}

// profileBy returns the kind of profile that exiftool's numbers stand for.
func profileBy(tags map[string]any) validate.Profile {
	space, ok := tags["ICC-header:ColorSpaceData"].(string)
	if !ok {
		return validate.NoProfile
	}
	switch strings.TrimSpace(space) {
	case "CMYK":
		return validate.ProfileCMYK
	case "GRAY":
		return validate.ProfileGray
	case "RGB":
		var red [3]float64
		if _, err := fmt.Sscan(fmt.Sprint(tags["ICC_Profile:RedMatrixColumn"]), &red[0], &red[1], &red[2]); err != nil {
			return validate.ProfileOther
		}
		near := func(x, y float64) bool { return math.Abs(red[0]-x) < 0.002 && math.Abs(red[1]-y) < 0.002 }
		if near(0.4361, 0.2225) {
			return validate.ProfileSRGB
		}
		if near(0.5151, 0.2412) {
			return validate.ProfileP3
		}
	}
	return validate.ProfileOther
}
