package main

import (
	"bufio"
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

//go:embed set/pictures.tsv
var lists embed.FS

// picture is a line of set/pictures.tsv: a file of a package, and what a person saw
// on it.
type picture struct {
	pack, path string
	sum        string // SHA-256
	category   string
	faces      int // how many faces one sees; of crowds, about
	tags       map[string]bool
}

func (p picture) name() string { return p.pack + "/" + p.path }

// portrait reports whether p shows one face well enough for the variants made of it.
func (p picture) portrait() bool {
	return p.faces == 1 && (p.category == "frontal" || p.category == "glasses")
}

// readSet returns the pictures of the list.
func readSet() ([]picture, error) {
	f, err := lists.Open("set/pictures.tsv")
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var set []picture
	for s := bufio.NewScanner(f); s.Scan(); {
		column := strings.Split(s.Text(), "\t")
		if column[0] == "package" {
			continue
		}
		if len(column) != 6 {
			return nil, fmt.Errorf("pictures.tsv: %q has %d columns", s.Text(), len(column))
		}
		n, err := strconv.Atoi(column[4])
		if err != nil {
			return nil, fmt.Errorf("pictures.tsv: %w", err)
		}
		tags := map[string]bool{}
		for tag := range strings.FieldsSeq(column[5]) {
			tags[tag] = true
		}
		set = append(set, picture{column[0], column[1], column[2], column[3], n, tags})
	}
	return set, nil
}

// read returns p's bytes from the folder that fetch.sh filled, if they are those that
// were labelled.
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
