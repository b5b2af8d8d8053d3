package parsers_test

import (
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"

	"github.com/imgvet/imgvet/fuzz"
)

func goVersion() string { return strings.TrimPrefix(runtime.Version(), "go") }

// goParsers are the ways in which handlers in Go find files. None of them looks at
// the method, as a route without one does not.
var goParsers = []struct {
	name    string
	handler http.HandlerFunc
}{
	{"Go FormFile", report(formFiles)},
	{"Go MultipartReader", report(func(r *http.Request) ([]fuzz.SeenFile, error) {
		return readParts(r, func(_, fileName string) bool { return fileName != "" })
	})},
	// Handlers that know their fields and never look at a file name.
	{"Go part names", report(func(r *http.Request) ([]fuzz.SeenFile, error) {
		return readParts(r, func(name, _ string) bool { return name == "image" || name == "my_image" })
	})},
}

func report(files func(*http.Request) ([]fuzz.SeenFile, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		found, err := files(r)
		if err != nil {
			http.Error(w, "no form", http.StatusBadRequest)
			return
		}
		fuzz.ReportFiles(w, found)
	}
}

// formFiles finds what FormFile finds under any name. A body that is no form is
// the file itself.
func formFiles(r *http.Request) ([]fuzz.SeenFile, error) {
	err := r.ParseMultipartForm(32 << 20)
	if errors.Is(err, http.ErrNotMultipart) {
		if r.ContentLength == 0 || len(r.PostForm) > 0 {
			return nil, nil
		}
		f, err := fuzz.SeeFile("", "", r.Body)
		if f.Size == 0 {
			return nil, err
		}
		return []fuzz.SeenFile{f}, err
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	var files []fuzz.SeenFile
	for field, headers := range r.MultipartForm.File {
		for _, h := range headers {
			f, err := h.Open()
			if err != nil {
				return nil, err
			}
			seen, err := fuzz.SeeFile(field, h.Filename, f)
			f.Close()
			if err != nil {
				return nil, err
			}
			files = append(files, seen)
		}
	}
	return files, nil
}

// readParts finds the parts that isFile takes for files.
func readParts(r *http.Request, isFile func(name, fileName string) bool) ([]fuzz.SeenFile, error) {
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var files []fuzz.SeenFile
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if !isFile(p.FormName(), p.FileName()) {
			continue
		}
		seen, err := fuzz.SeeFile(p.FormName(), p.FileName(), p)
		if err != nil {
			return nil, err
		}
		files = append(files, seen)
	}
}
