package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/draw"

	"github.com/imgvet/imgvet/validate"
)

// readTable returns the rows of a list below its heading, each of so many columns.
func readTable(name string, columns int) ([][]string, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for line := range strings.Lines(string(b)) {
		row := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(row) != columns {
			return nil, fmt.Errorf("%s: %q has %d columns", name, line, len(row))
		}
		rows = append(rows, row)
	}
	return rows[1:], nil
}

// load returns the pixels of a file as the face hook sees them. If sum is not empty, it is
// the SHA-256 that the file must have.
func load(ctx context.Context, name, sum string) (*image.RGBA, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if got := sha256.Sum256(b); sum != "" && hex.EncodeToString(got[:]) != sum {
		return nil, fmt.Errorf("%s: not the file that was labelled", name)
	}
	var img image.Image
	_, err = validate.Bytes(ctx, b, validate.Options{
		MaxBytes: 64 << 20,
		Faces: validate.FacePresence(func(_ context.Context, m image.Image) (bool, error) {
			img = m
			return true, nil
		}),
	})
	if err == nil && img == nil {
		err = errors.New("the hook was not called")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(name), err)
	}
	return onWhite(img), nil
}

func onWhite(img image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Over)
	return out
}
