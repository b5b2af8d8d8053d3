package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/imgvet/imgvet/validate"
)

// library is a library in C that does the work of a verdict, or the least part of a decode that
// finds the same faults.
type library struct {
	name   string
	format string             // the first word of the names of its samples
	check  func([]byte) error // reports whether the library finds the file whole
}

// peerRounds is how often each pair is measured. The minimum counts: what a busy neighbour adds
// is never negative.
const peerRounds = 5

// runPeers prints how fast the verdict is beside the libraries in C that this program was built
// with.
func runPeers(ctx context.Context, out io.Writer, dir, only string) error {
	all := peers()
	if len(all) == 0 {
		return fmt.Errorf("there are no peers in this build: use cgo and -tags peers")
	}
	fmt.Fprintf(out, "| file | KiB | imgvet | MB/s | peer | peer's time | ratio | goal |\n|---|---|---|---|---|---|---|---|\n")
	for _, s := range append(samples(dir, only), peerSamples(dir, only)...) {
		if s.missing != "" {
			fmt.Fprintf(out, "| %s | left out: %s | | | | | | |\n", s.name, s.missing)
			continue
		}
		format, _, _ := strings.Cut(s.name, " ")
		for _, p := range all {
			if p.format != format {
				continue
			}
			own, theirs, err := measurePeer(ctx, s, p)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			fmt.Fprintf(out, "| %s | %d | %s | %.0f | %s | %s | %.2f | %s |\n", s.name, len(s.data)>>10, duration(own),
				float64(len(s.data))/1e6/own.Seconds(), p.name, duration(theirs), float64(theirs)/float64(own), goal(s.name))
		}
	}
	return nil
}

// goal is the ratio that a kind of file is to reach.
func goal(name string) string {
	for _, g := range [][2]string{{"PNG", "1.0"}, {"JPEG arithmetic", "1.3"}, {"WebP lossless", "2.2"}, {"WebP lossy", "1.5"}} {
		if strings.HasPrefix(name, g[0]) {
			return g[1]
		}
	}
	return ""
}

// measurePeer returns the least processor time of a verdict and of the peer's work, measured in
// turns.
func measurePeer(ctx context.Context, s sample, p library) (own, theirs time.Duration, err error) {
	verdict := func() error {
		_, err := validate.Bytes(ctx, s.data, validate.Options{MaxBytes: maxBytes})
		return err
	}
	if err := verdict(); err != nil {
		return 0, 0, fmt.Errorf("imgvet: %w", err)
	}
	if err := p.check(s.data); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", p.name, err)
	}
	var owns, others []time.Duration
	for range peerRounds {
		owns = append(owns, timed(verdict))
		others = append(others, timed(func() error { return p.check(s.data) }))
	}
	return slices.Min(owns), slices.Min(others), nil
}

// peerSamples makes the files that only the peers are measured with.
func peerSamples(dir, only string) []sample {
	m := maker{dir: dir, only: only}
	mid := m.photo("photo3", 2000, 1500)
	photograph, err := m.photograph()
	if err != nil {
		m.out = append(m.out, sample{name: "photograph", missing: err.Error()})
		photograph = mid
	}
	for _, source := range []struct {
		name string
		img  picture
	}{{"photo", mid}, {"photograph", photograph}} {
		m.add("PNG "+source.name+", 16 bits, by libpng", deep(source.img), goPNG, m.tool("convert", "PNG", "png:OUT"))
		m.add("JPEG arithmetic, q85, "+source.name, source.img, nil,
			m.tool("cjpeg", "-arithmetic", "-quality", "85", "-outfile", "OUT", "PPM"))
		m.add("JPEG arithmetic, q98 4:4:4, "+source.name, source.img, nil,
			m.tool("cjpeg", "-arithmetic", "-quality", "98", "-sample", "1x1", "-outfile", "OUT", "PPM"))
		m.add("JPEG arithmetic, progressive, "+source.name, source.img, nil,
			m.tool("cjpeg", "-arithmetic", "-progressive", "-quality", "90", "-outfile", "OUT", "PPM"))
		m.add("WebP lossy, q98, "+source.name, source.img, goWebP, m.tool("cwebp", "-quiet", "-q", "98", "PPM", "-o", "OUT"))
		m.add("WebP lossy, q100, "+source.name, source.img, goWebP, m.tool("cwebp", "-quiet", "-q", "100", "PPM", "-o", "OUT"))
	}
	return m.out
}
