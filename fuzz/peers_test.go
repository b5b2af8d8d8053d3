package fuzz

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gabriel-vasile/mimetype"
	"github.com/stretchr/testify/require"
	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/webp"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
)

// peer is another way to check an upload.
type peer struct {
	name   string
	passes func(cases []Case) ([]bool, error)
}

// each asks a peer about one file at a time.
func each(passes func(c Case) bool) func([]Case) ([]bool, error) {
	return func(cases []Case) ([]bool, error) {
		out := make([]bool, len(cases))
		for i, c := range cases {
			out[i] = passes(c)
		}
		return out, nil
	}
}

// TestPeersTable prints, for the README, how many bad files other checks let
// through and how many good ones they refuse. It fails only if a number is
// absurd: the table is a measurement, not a rule. With IMGVET_PEERS set it has the
// command line programs too.
func TestPeersTable(t *testing.T) {
	testenv.OneGoroutine(t)
	// Cases over 64 KiB and those that claim much are left out: what they show
	// is memory, and a peer that believes them takes the machine down.
	var cases []Case
	for c := range Cases() {
		if len(c.Data) <= small && !claimsMuch(c) {
			cases = append(cases, c)
		}
	}
	peers := []peer{
		{"imgvet", each(func(c Case) bool {
			_, err := validate.Bytes(context.Background(), c.Data, validate.Options{})
			return err == nil
		})},
		{"mimetype alone", each(func(c Case) bool { return strings.HasPrefix(mimetype.Detect(c.Data).String(), "image/") })},
		{"image.DecodeConfig", each(func(c Case) bool { _, _, err := image.DecodeConfig(bytes.NewReader(c.Data)); return err == nil })},
		{"image.Decode", each(func(c Case) bool { return decodes(c.Data) })},
		{"Pillow", pillow},
	}
	if os.Getenv("IMGVET_PEERS") != "" {
		// A process a file: two and a half minutes.
		peers = append(peers,
			peer{"ImageMagick identify", command("identify", "", "")},
			peer{"ImageMagick convert", command("convert", "", "miff:/dev/null")},
			peer{"libvips", command("vips", "avg", "")})
	}
	var table strings.Builder
	table.WriteString("| check | bad files passed | of them no HEIC | good files refused | of them no HEIC |\n|---|---|---|---|---|\n")
	for _, p := range peers {
		passes, err := p.passes(cases)
		if err != nil {
			t.Logf("%s is not installed: left out of the table", p.name)
			continue
		}
		require.Len(t, passes, len(cases), p.name)
		var bad, badHEIC, badPassed, badPassedHEIC, good, goodHEIC, refused, refusedHEIC int
		for i, c := range cases {
			heic := c.Format == detect.HEIC
			switch {
			case c.OK:
				good++
				goodHEIC += one(heic)
				refused += one(!passes[i])
				refusedHEIC += one(!passes[i] && heic)
			default:
				bad++
				badHEIC += one(heic)
				badPassed += one(passes[i])
				badPassedHEIC += one(passes[i] && heic)
			}
		}
		if p.name == "imgvet" {
			require.Zero(t, badPassed+refused)
		}
		require.Greater(t, bad-badPassed+good-refused, len(cases)/3, "%s judges worse than a coin", p.name)
		fmt.Fprintf(&table, "| %s | %d of %d | %d of %d | %d of %d | %d of %d |\n", p.name,
			badPassed, bad, badPassed-badPassedHEIC, bad-badHEIC, refused, good, refused-refusedHEIC, good-goodHEIC)
	}
	t.Logf("what others let through\n\n%s", table.String())
}

// claimsMuch reports whether a decoder that believes the header allocates more
// than any good case needs. x/image/bmp takes the whole process down for 334
// bytes: no recover catches a failed allocation.
func claimsMuch(c Case) bool {
	if strings.Contains(c.Name, "bomb") || strings.Contains(c.Name, "pixels_") || costlyInLibheif[c.Name] {
		return true
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(c.Data))
	return err == nil && int64(config.Width)*int64(config.Height) > 50_000_000
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// decodes asks image.Decode, whose decoders may panic.
func decodes(b []byte) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	_, _, err := image.Decode(bytes.NewReader(b))
	return err == nil
}

// written writes the cases to files and returns their names.
func written(cases []Case, dir string) ([]string, error) {
	names := make([]string, len(cases))
	for i, c := range cases {
		names[i] = filepath.Join(dir, fmt.Sprintf("%04d", i))
		if err := os.WriteFile(names[i], c.Data, 0o600); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// pillow opens and loads every frame, in one process.
func pillow(cases []Case) ([]bool, error) {
	dir, err := os.MkdirTemp("", "imgvet-peers")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	names, err := written(cases, dir)
	if err != nil {
		return nil, err
	}
	const script = `
import sys, json, warnings
from PIL import Image
warnings.simplefilter("ignore")
out = []
for name in json.load(sys.stdin):
    try:
        with Image.open(name) as im:
            for i in range(getattr(im, "n_frames", 1)):
                im.seek(i); im.load()
        out.append(True)
    except Exception:
        out.append(False)
print(json.dumps(out))`
	in, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("/usr/bin/python3", "-c", script) // Debian's python3-pil
	cmd.Stdin = bytes.NewReader(in)
	text, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var passes []bool
	return passes, json.Unmarshal(text, &passes)
}

// command runs a program once a file: name [verb] file [last]. A file passes if
// the exit status is 0 and nothing is said on stderr.
func command(name, verb, last string) func([]Case) ([]bool, error) {
	return func(cases []Case) ([]bool, error) {
		if _, err := exec.LookPath(name); err != nil {
			return nil, err
		}
		dir, err := os.MkdirTemp("", "imgvet-peers")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		names, err := written(cases, dir)
		if err != nil {
			return nil, err
		}
		passes := make([]bool, len(cases))
		for i, file := range names {
			args := slices.DeleteFunc([]string{verb, file, last}, func(s string) bool { return s == "" })
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			cmd := exec.CommandContext(ctx, name, args...)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			passes[i] = cmd.Run() == nil && stderr.Len() == 0
			cancel()
		}
		return passes, nil
	}
}
