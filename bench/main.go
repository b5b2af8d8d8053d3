// Command bench compares imgvet's verdict with what a Go service does today, a
// full decode, on pictures made here: time and memory, both in one run.
//
//	go run ./bench          # one file after the other
//	go run ./bench -http    # uploads to servers, at 8 and 64 clients
//	go run ./bench -folder  # "imgvet check" beside pngcheck and jpeginfo -c, on folders full of files
//	go run ./bench -latency # what is left to do after the last byte, over 20 Mbit/s
//	go run -tags peers ./bench -peers    # beside libdeflate, libjpeg-turbo, libwebp and libheif
//	go run -tags peers ./bench -all      # all of these, and the Go benchmarks of requests and of the worst files
//
// For HEIC a second table compares the pixels of heic.Decode with those of goheif, which
// needs cgo and runs in a process of its own, and of libheif's command.
//
// Files that Go cannot write are made by cjpeg, cwebp, convert and heif-enc
// (Debian: libjpeg-turbo-progs, webp, imagemagick, libheif-examples); rows whose
// tool is missing are left out, and said so.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/imgvet/imgvet/internal/cputime"
	"github.com/imgvet/imgvet/validate"
)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 7, "how often each pair is measured; the median counts")
	only := flag.String("only", "", "measure only the files whose name contains this")
	overHTTP := flag.Bool("http", false, "compare servers instead: requests per second and peak memory")
	folder := flag.Bool("folder", false, "compare commands instead: \"imgvet check\" with pngcheck and jpeginfo")
	binary := flag.String("imgvet", "", "with -folder: the command to measure; one is built if it is not given")
	latency := flag.Bool("latency", false, "measure what is left to do after the last byte of a file that arrives over 20 Mbit/s")
	all := flag.Bool("all", false, "print all tables, one after the other, and run the Go benchmarks of requests and of the worst files")
	goheif := flag.String("goheif", "", "be the decoder of this file, until standard input ends")
	httpServer := flag.String("http-server", "", "be one of the servers of -http, until standard input ends")
	beside := flag.Bool("peers", false, "compare the verdict with libraries in C; needs a build with -tags peers")
	flag.Parse()
	if *httpServer != "" {
		if err := serveHTTP(*httpServer); err != nil {
			log.Fatal(err)
		}
		return
	}
	if *goheif != "" {
		if err := servePeer(*goheif, os.Stdin, os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	// One processor: the verdict is not to gain by the collector's second one.
	runtime.GOMAXPROCS(1)

	dir, err := os.MkdirTemp("", "imgvet-bench")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx, out := context.Background(), os.Stdout
	tables := []struct {
		name   string
		wanted bool
		print  func() error
	}{
		{"files", !*overHTTP && !*folder && !*latency && !*beside, func() error { return run(ctx, out, dir, *rounds, *only) }},
		{"beside libraries in C", *beside, func() error { return runPeers(ctx, out, dir, *only) }},
		{"servers", *overHTTP, func() error { return runHTTP(ctx, out, dir, *rounds) }},
		{"folders: goal below 1", *folder, func() error { return runFolder(ctx, out, dir, *rounds, *only, *binary) }},
		{"after the last byte: goal 5 %", *latency, func() error { return runLatency(ctx, out, dir, *rounds, *only) }},
		{"requests: goals 0.25 of the verification (open-share), 5 MB and 60 allocations, 25 µs beside bare for 1 KB", false, func() error { return benchmark(ctx, out, "Request$", "./middleware") }},
		{"tiles of a HEIC on two processors: goals 0.6 of one, 50 allocations", false, func() error { return benchmark(ctx, out, "Verify$", "./heic") }},
		{"the worst files, per MiB", false, func() error { return benchmark(ctx, out, "Worst$", "./heic", "./internal/verify/...") }},
	}
	for _, t := range tables {
		if *all {
			fmt.Fprintf(out, "\n## %s\n\n", t.name)
		}
		if !*all && !t.wanted {
			continue
		}
		if err := t.print(); err != nil {
			log.Print(err)
		}
	}
}

// benchmark runs a Go benchmark of packages. The working directory must be that of the module.
func benchmark(ctx context.Context, out io.Writer, name string, packages ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-run", "^$", "-bench", name}, packages...)...)
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	return cmd.Run()
}

// run prints the tables.
func run(ctx context.Context, out io.Writer, dir string, rounds int, only string) error {
	fmt.Fprintf(out, "| file | megapixels | KiB | bits a pixel | full decode | imgvet | times faster | decode allocates | imgvet allocates |\n")
	fmt.Fprintf(out, "|---|---|---|---|---|---|---|---|---|\n")
	var ofHEIC []sample
	for _, s := range samples(dir, only) {
		if s.heic && s.missing == "" {
			ofHEIC = append(ofHEIC, s)
		}
		if s.missing != "" {
			fmt.Fprintf(os.Stderr, "%s: left out, %s\n", s.name, s.missing)
			continue
		}
		m, err := measure(ctx, dir, s, rounds)
		if s.heic && err != nil { // its decoder may have died, or cannot be had
			fmt.Fprintf(os.Stderr, "%s: left out, %v\n", s.name, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Fprintf(out, "| %s | %.2f | %d | %.1f | %s | %s | %.1f | %s | %s |\n", s.name, s.megapixels, len(s.data)>>10,
			float64(8*len(s.data))/(1e6*s.megapixels), duration(m.decode), duration(m.verdict), float64(m.decode)/float64(m.verdict), size(m.decodeBytes), size(m.verdictBytes))
	}
	if len(ofHEIC) == 0 {
		return nil
	}
	return runPixels(ctx, out, dir, rounds, ofHEIC)
}

// sample is one file and the decoder that a service would call.
type sample struct {
	name       string
	data       []byte
	megapixels float64
	decode     func([]byte) error
	heic       bool   // the decoder is goheif, in a process of its own
	missing    string // why there is no data
}

// measurement holds medians of one call, and what one call with cold pools
// allocates in all, which is never less than its peak; of goheif, whose memory is C's,
// by what it raises the peak of its process.
type measurement struct {
	decode, verdict           time.Duration
	decodeBytes, verdictBytes uint64
}

func measure(ctx context.Context, dir string, s sample, rounds int) (m measurement, err error) {
	verdict := call(func() error {
		_, err := validate.Bytes(ctx, s.data, validate.Options{MaxBytes: maxBytes})
		return err
	})
	var decode subject = call(func() error { return s.decode(s.data) })
	if s.heic {
		file := filepath.Join(dir, "decoded.heic")
		if err := os.WriteFile(file, s.data, 0o600); err != nil {
			return m, err
		}
		p, err := startPeer(ctx, file)
		if err != nil {
			return m, err
		}
		defer p.stop()
		decode = p
	}
	if m.decodeBytes, err = decode.allocated(); err != nil {
		return m, fmt.Errorf("decoder: %w", err)
	}
	if m.verdictBytes, err = verdict.allocated(); err != nil {
		return m, fmt.Errorf("imgvet: %w", err)
	}
	// In turn, so that a busy neighbour slows both alike.
	var decodes, verdicts []time.Duration
	for range rounds {
		d, err := decode.timed()
		if err != nil {
			return m, fmt.Errorf("decoder: %w", err)
		}
		v, _ := verdict.timed()
		decodes, verdicts = append(decodes, d), append(verdicts, v)
	}
	m.decode, m.verdict = median(decodes), median(verdicts)
	return m, nil
}

// maxBytes lets a lossless 12 MP photo be measured, which the API would refuse.
const maxBytes = 64 << 20

// minTimed is how long a call is repeated for one figure.
const minTimed = 50 * time.Millisecond

// timed returns the processor time of one call, its garbage collected as it would
// be.
func timed(f func() error) time.Duration {
	runtime.GC()
	start := cputime.Used()
	n := 0
	for cputime.Used()-start < minTimed {
		for range 1 + n/8 { // few looks at the clock for calls that take microseconds
			_ = f() // it has passed once already
			n++
		}
	}
	return (cputime.Used() - start) / time.Duration(n)
}

// allocated returns the bytes that a call takes from the heap when all pools are
// empty.
func allocated(f func() error) (uint64, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC() // pools survive one collection
	runtime.ReadMemStats(&before)
	err := f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, err
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func duration(d time.Duration) string {
	switch {
	case d < 10*time.Microsecond:
		return fmt.Sprintf("%.2f µs", float64(d.Nanoseconds())/1e3)
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	}
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1e3)
}

func size(n uint64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
