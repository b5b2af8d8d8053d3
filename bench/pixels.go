package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/imgvet/imgvet/heic"
)

// pixels is what three decoders take for the pixels of one file. A decoder that is not
// here has no time, and a reason.
type pixels struct {
	imgvet, goheif, libheif       time.Duration // medians
	imgvetBytes, goheifBytes      uint64
	goheifMissing, libheifMissing error
}

// runPixels prints the table of HEIC's pixels. heic.Decode verifies first, which counts.
func runPixels(ctx context.Context, out io.Writer, dir string, rounds int, files []sample) error {
	fmt.Fprintf(out, "\n| pixels of | megapixels | heic.Decode | goheif | ratio | heif-convert to y4m | ratio | heic.Decode allocates | goheif's peak grows by |\n")
	fmt.Fprintf(out, "|---|---|---|---|---|---|---|---|---|\n")
	for _, s := range files {
		p, err := measurePixels(ctx, dir, rounds, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		for decoder, missing := range map[string]error{"goheif": p.goheifMissing, "heif-convert": p.libheifMissing} {
			if missing != nil {
				fmt.Fprintf(os.Stderr, "%s: %s left out, %v\n", s.name, decoder, missing)
			}
		}
		goheif, goheifRatio := beside(p.imgvet, p.goheif, p.goheifMissing)
		libheif, libheifRatio := beside(p.imgvet, p.libheif, p.libheifMissing)
		goheifBytes := size(p.goheifBytes)
		if p.goheifMissing != nil {
			goheifBytes = "-"
		}
		fmt.Fprintf(out, "| %s | %.2f | %s | %s | %s | %s | %s | %s | %s |\n", s.name, s.megapixels, duration(p.imgvet),
			goheif, goheifRatio, libheif, libheifRatio, size(p.imgvetBytes), goheifBytes)
	}
	return nil
}

// beside returns the columns of another decoder.
func beside(own, other time.Duration, missing error) (took, ratio string) {
	if missing != nil {
		return "-", "-"
	}
	return duration(other), fmt.Sprintf("%.2f", float64(own)/float64(other))
}

// measurePixels measures the decoders in turns.
func measurePixels(ctx context.Context, dir string, rounds int, s sample) (p pixels, err error) {
	file := filepath.Join(dir, "pixels.heic")
	if err := os.WriteFile(file, s.data, 0o600); err != nil {
		return p, err
	}
	own := call(func() error { _, err := heic.Decode(ctx, s.data, heic.Limits{}); return err })
	if p.imgvetBytes, err = own.allocated(); err != nil {
		return p, err
	}
	c, err := startPeer(ctx, file)
	if err == nil {
		defer c.stop()
		p.goheifBytes, err = c.allocated()
	}
	p.goheifMissing = err
	var owns, goheifs, libheifs []time.Duration
	for range rounds {
		d, err := own.timed()
		if err != nil {
			return p, err
		}
		owns = append(owns, d)
		if p.goheifMissing == nil {
			d, p.goheifMissing = c.timed()
			goheifs = append(goheifs, d)
		}
		if p.libheifMissing == nil {
			d, p.libheifMissing = libheif(ctx, file, filepath.Join(dir, "pixels.y4m"))
			libheifs = append(libheifs, d)
		}
	}
	p.imgvet = median(owns)
	if p.goheifMissing == nil {
		p.goheif = median(goheifs)
	}
	if p.libheifMissing == nil {
		p.libheif = median(libheifs)
	}
	return p, nil
}

// libheif returns the processor time of libheif's command that writes raw planes: the
// start of its process, and writing, count too.
func libheif(ctx context.Context, file, out string) (time.Duration, error) {
	name, err := exec.LookPath("heif-dec") // as it is called from libheif 1.19 on
	if err != nil {
		name, err = exec.LookPath("heif-convert")
	}
	if err != nil {
		return 0, fmt.Errorf("it is not installed")
	}
	cmd := exec.CommandContext(ctx, name, file, out)
	if msg, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, msg)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}
