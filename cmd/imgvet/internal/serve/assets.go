package serve

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

const assetsPath = "/assets/"

// checkFolder is where below the assets the browser's check lies.
const checkFolder = "check/"

//go:embed page
var pageFiles embed.FS

// assets are the files that the page loads, all in memory. Their address holds a
// checksum of all of them, so that a browser may keep them for ever and still
// never mixes two builds.
type assets struct {
	base  string // "/assets/0123456789abcdef/"
	files map[string]asset
}

type asset struct {
	mime   string
	plain  []byte
	small  []byte // plain compressed by gzip, nil if that gains nothing
	brotli []byte // and by Brotli, nil if its build did not make that
	sum    string
}

// newAssets collects the page's style and scripts and, unless it is nil, the check in
// WebAssembly.
func newAssets(check fs.FS) (*assets, error) {
	a := &assets{files: map[string]asset{}}
	sum := sha256.New()
	page, err := fs.Sub(pageFiles, "page")
	if err != nil {
		return nil, err
	}
	if err := a.add(page, "", sum); err != nil {
		return nil, err
	}
	if check != nil {
		if err := a.add(check, checkFolder, sum); err != nil {
			return nil, err
		}
	}
	a.base = assetsPath + hex.EncodeToString(sum.Sum(nil)[:8]) + "/"
	return a, nil
}

// add takes the files of one folder that browsers load, in the order of their
// names.
func (a *assets) add(folder fs.FS, prefix string, sum io.Writer) error {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		mime := assetType(e.Name())
		if mime == "" || e.IsDir() {
			continue
		}
		plain, err := fs.ReadFile(folder, e.Name())
		if err != nil {
			return err
		}
		small, err := compressed(folder, e.Name(), plain)
		if err != nil {
			return err
		}
		best, err := fs.ReadFile(folder, e.Name()+".br")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		own := sha256.Sum256(plain)
		fmt.Fprintf(sum, "%s %x\n", prefix+e.Name(), own)
		f := asset{mime, plain, small, best, hex.EncodeToString(own[:8])}
		a.files[prefix+e.Name()] = f
		if path.Ext(e.Name()) == ".wasm" {
			// The check asks for the gzip of a plain file server. As a content coding
			// of WebAssembly it is compiled while it arrives, which a .gz is not.
			a.files[prefix+e.Name()+".gz"] = f
		}
	}
	return nil
}

// assetType returns the MIME type of a file that the page may load, "" of others.
// A browser compiles WebAssembly while it arrives only with the right one.
func assetType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".wasm":
		return "application/wasm"
	}
	return ""
}

// compressed returns a file's gzip, which its build may have made already, nil if
// that gains nothing.
func compressed(folder fs.FS, name string, plain []byte) ([]byte, error) {
	if b, err := fs.ReadFile(folder, name+".gz"); err == nil {
		return b, nil
	}
	var b bytes.Buffer
	zw, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := zw.Write(plain); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	if b.Len() >= len(plain) {
		return nil, nil
	}
	return b.Bytes(), nil
}

// ServeHTTP answers GET and HEAD.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutPrefix(r.URL.Path, a.base)
	f, found := a.files[name]
	if !ok || !found {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	setPolicy(h)
	h.Set("Content-Type", f.mime)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body, coding := f.coded(r)
	tag := f.sum
	if coding != "" {
		// RFC 9110, 8.8.3.3: another coding is another representation, with a tag
		// of its own.
		tag += "-" + coding
		h.Set("Content-Encoding", coding)
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}

// coded returns the file in the coding that the client gives most weight, the smaller of
// two with the same, and the coding's name, "" of none.
func (f asset) coded(r *http.Request) ([]byte, string) {
	br, gz := weight(r, "br"), weight(r, "gzip", "x-gzip")
	switch {
	case f.brotli != nil && br > 0 && br >= gz:
		return f.brotli, "br"
	case f.small != nil && gz > 0:
		return f.small, "gzip"
	}
	return f.plain, ""
}

// weight returns the weight that a client gives a coding by one of its names, or by the one
// for anything, 0 if it does not take it (RFC 9110, 12.5.3).
func weight(r *http.Request, names ...string) float64 {
	anything := 0.0
	blanks := strings.NewReplacer(" ", "", "\t", "")
	for _, v := range strings.Split(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		coding, params, _ := strings.Cut(strings.ToLower(blanks.Replace(v)), ";")
		q := 1.0
		if text, given := strings.CutPrefix(params, "q="); given {
			var err error
			if q, err = strconv.ParseFloat(text, 64); err != nil {
				q = 0
			}
		}
		switch {
		case slices.Contains(names, coding):
			return q
		case coding == "*":
			anything = q
		}
	}
	return anything
}
