package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// kindOfFiles is a folder full of files of one kind, and the program that checks them today.
type kindOfFiles struct {
	name    string
	files   int
	size    image.Point
	ext     string
	encode  encoder
	peer    string
	arg     string // of peer
	install string
}

// distinct is how many different pictures a folder has; the rest are copies of them.
const distinct = 20

func kindsOfFiles(m *maker) []kindOfFiles {
	return []kindOfFiles{
		{"PNG of 34 KB", 5000, image.Pt(180, 150), "png", encodePNG, "pngcheck", "-q", "pngcheck"},
		{"JPEG of 13 KB", 5000, image.Pt(334, 250), "jpg", m.encodeJPEG(85), "jpeginfo", "-c", "jpeginfo"},
		{"JPEG of 6 MP, quality 95", 60, image.Pt(3000, 2000), "jpg", m.encodeJPEG(95), "jpeginfo", "-c", "jpeginfo"},
	}
}

// contender is a command that checks all files of a folder.
type contender struct {
	name       string
	processors int // GOMAXPROCS of imgvet, 0 for others
	argv       []string

	wall, cpu []time.Duration
}

// runFolder compares "imgvet check" with the checkers of one format on folders full of files, by
// wall-clock and processor time of the whole command, in turns.
func runFolder(ctx context.Context, out io.Writer, dir string, rounds int, only, binary string) error {
	if binary == "" {
		binary = filepath.Join(dir, "imgvet")
		build := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/imgvet/imgvet/cmd/imgvet")
		if msg, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("go build: %w: %s", err, msg)
		}
	}
	fmt.Fprintf(out, "| files | command | processors | wall | processor time | a file | imgvet on one takes |\n|---|---|---|---|---|---|---|\n")
	m := &maker{dir: dir}
	for _, k := range kindsOfFiles(m) {
		if !strings.Contains(k.name, only) {
			continue
		}
		files, kib, err := k.write(m)
		if err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		all := []*contender{
			{name: "imgvet check -q", processors: 1, argv: append([]string{binary, "check", "-q"}, files...)},
			{name: "imgvet check -q", processors: 2, argv: append([]string{binary, "check", "-q"}, files...)},
		}
		if _, err := exec.LookPath(k.peer); err != nil {
			fmt.Fprintf(os.Stderr, "%s: NO COMPARISON: %s is not installed (Debian: apt-get install %s)\n", k.name, k.peer, k.install)
		} else {
			all = append(all, &contender{name: k.peer + " " + k.arg, argv: append([]string{k.peer, k.arg}, files...)})
		}
		for range rounds {
			for _, c := range all {
				if err := c.run(ctx); err != nil {
					return fmt.Errorf("%s: %s: %w", k.name, c.name, err)
				}
			}
		}
		one := median(all[0].cpu)
		for _, c := range all {
			processors := "1"
			if c.processors > 0 {
				processors = strconv.Itoa(c.processors)
			}
			wall, cpu := median(c.wall), median(c.cpu)
			fmt.Fprintf(out, "| %d × %s (%d KiB) | %s | %s | %s | %s | %s | %.2f of its time |\n", len(files), k.name, kib,
				c.name, processors, duration(wall), duration(cpu), duration(cpu/time.Duration(len(files))), float64(one)/float64(cpu))
		}
		fmt.Fprintf(out, "| %s | two processors against one | | %.2f times as fast | | | |\n", k.name, float64(median(all[0].wall))/float64(median(all[1].wall)))
	}
	return nil
}

// run runs the command once, and notes what it took.
func (c *contender) run(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	if c.processors > 0 {
		cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(c.processors))
	}
	start := time.Now()
	err := cmd.Run() // its output goes nowhere
	c.wall = append(c.wall, time.Since(start))
	if err != nil {
		return err
	}
	c.cpu = append(c.cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	return nil
}

// write makes the folder, and returns its files and how many KiB one has on average.
func (k kindOfFiles) write(m *maker) (files []string, kib int, err error) {
	folder := filepath.Join(m.dir, strings.ReplaceAll(k.name, " ", "-"))
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, 0, err
	}
	photo := m.photo("folder", 3*k.size.X/2, 3*k.size.Y/2)
	total := 0
	for i := range min(distinct, k.files) {
		// Another part of the picture each time.
		at := image.Pt(i*k.size.X/2/distinct, i*k.size.Y/2/distinct)
		part := image.NewRGBA(image.Rectangle{Max: k.size})
		draw.Draw(part, part.Rect, photo, at, draw.Src)
		b, err := k.encode(picture{part, ""})
		if err != nil {
			return nil, 0, err
		}
		for n := i; n < k.files; n += distinct {
			file := filepath.Join(folder, fmt.Sprintf("%04d.%s", n, k.ext))
			if err := os.WriteFile(file, b, 0o600); err != nil {
				return nil, 0, err
			}
			files = append(files, file)
			total += len(b)
		}
	}
	if len(files) == 0 {
		return nil, 0, errors.New("no files")
	}
	return files, total / len(files) >> 10, nil
}
