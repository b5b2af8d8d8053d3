package main

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/imgvet/imgvet/validate"
)

//go:embed set/pictures.tsv set/packages.tsv
var lists embed.FS

// picture is a line of set/pictures.tsv: a file of a package, and what a person saw on it.
type picture struct {
	pack, path string
	sum        string // SHA-256
	category   string
	faces      int // how many faces one sees; approximate for crowds
	tags       map[string]bool
	set        string // first or second
}

func (p picture) name() string { return p.pack + "/" + p.path }

// portrait reports whether p shows one face well enough for the variants made of it.
func (p picture) portrait() bool {
	return p.faces == 1 && (p.category == "frontal" || p.category == "glasses")
}

// readSet returns the pictures of the list.
func readSet() ([]picture, error) {
	packages, err := readTable("set/packages.tsv", 6)
	if err != nil {
		return nil, err
	}
	sets := map[string]string{}
	for _, p := range packages {
		sets[p[0]] = p[5]
	}
	rows, err := readTable("set/pictures.tsv", 6)
	if err != nil {
		return nil, err
	}
	var set []picture
	for _, column := range rows {
		n, err := strconv.Atoi(column[4])
		if err != nil {
			return nil, fmt.Errorf("pictures.tsv: %w", err)
		}
		tags := map[string]bool{}
		for tag := range strings.FieldsSeq(column[5]) {
			tags[tag] = true
		}
		set = append(set, picture{column[0], column[1], column[2], column[3], n, tags, sets[column[0]]})
	}
	return set, nil
}

// readTable returns the rows of a list below its heading. Each must have so many columns.
func readTable(name string, columns int) ([][]string, error) {
	b, err := lists.ReadFile(name)
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

// read returns p's bytes from the folder that fetch.sh filled. It fails if they are not the
// bytes that were labelled.
func (p picture) read(folder string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(folder, p.pack, filepath.FromSlash(p.path)))
	if err != nil {
		return nil, fmt.Errorf("%w (fetch.sh gets the pictures)", err)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != p.sum {
		return nil, fmt.Errorf("%s: not the file that was labelled", p.name())
	}
	return b, nil
}

// decode returns the pixels of a file as the face hook sees them.
func decode(ctx context.Context, b []byte) (image.Image, error) {
	var img image.Image
	_, err := validate.Bytes(ctx, b, validate.Options{
		MaxBytes: 64 << 20,
		Faces: validate.FacePresence(func(_ context.Context, m image.Image) (bool, error) {
			img = m
			return true, nil
		}),
	})
	if err == nil && img == nil {
		err = errors.New("the hook was not called")
	}
	return img, err
}
