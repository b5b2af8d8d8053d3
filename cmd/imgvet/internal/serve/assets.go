package serve

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
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
	mime         string
	plain, small []byte // small is plain compressed by gzip, nil if that gains nothing
	sum          string
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
		own := sha256.Sum256(plain)
		fmt.Fprintf(sum, "%s %x\n", prefix+e.Name(), own)
		f := asset{mime, plain, small, hex.EncodeToString(own[:8])}
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
	body, tag := f.plain, f.sum
	if f.small != nil && acceptsGzip(r) {
		// RFC 9110, 8.8.3.3: another coding is another representation, with a tag
		// of its own.
		body, tag = f.small, f.sum+"-gzip"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}

// acceptsGzip reports whether the client names gzip, or anything, with a weight
// above 0 (RFC 9110, 12.5.3).
func acceptsGzip(r *http.Request) bool {
	any := false
	for _, v := range strings.Split(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		coding, params, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(v, " ", "")), ";")
		weight, given := strings.CutPrefix(params, "q=")
		q, err := strconv.ParseFloat(weight, 64)
		accepted := !given || err == nil && q > 0
		switch coding {
		case "gzip", "x-gzip":
			return accepted
		case "*":
			any = accepted
		}
	}
	return any
}
