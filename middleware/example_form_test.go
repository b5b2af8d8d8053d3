package middleware_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// photo is a small picture.
func photo() []byte {
	b, err := os.ReadFile("../testdata/good/" + smallPNG)
	if err != nil {
		fmt.Println(err)
	}
	return b
}

// tryForm uploads a form of text fields ("name=value") and files ("name@file name", with
// data), and prints the answer.
func tryForm(h http.Handler, data []byte, fields ...string) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, f := range fields {
		name, file, isFile := bytes.Cut([]byte(f), []byte("@"))
		if isFile {
			p, _ := w.CreateFormFile(string(name), string(file))
			_, _ = p.Write(data)
			continue
		}
		name, value, _ := bytes.Cut([]byte(f), []byte("="))
		_ = w.WriteField(string(name), string(value))
	}
	_ = w.Close()
	tryUpload(h, body.Bytes(), "Content-Type", w.FormDataContentType())
}

// mustNew is New for programs that cannot go on without it.
func mustNew(opts middleware.Options) *middleware.Middleware {
	opts.Logger = quiet
	m, err := middleware.New(opts)
	if err != nil {
		panic(err)
	}
	return m
}

// Open gives the handler the bytes that were verified, and parses nothing again.
func ExampleFile_Open() {
	vet := mustNew(middleware.Options{})
	h := vet.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, f := range middleware.Files(r.Context()) {
			content, err := f.Open()
			if err != nil {
				http.Error(w, "try again", http.StatusServiceUnavailable)
				return
			}
			n, _ := io.Copy(io.Discard, content) // to a bucket, to a model
			content.Close()
			fmt.Fprintf(w, "%s: %d of %d bytes\n", f.FileName, n, f.Size)
		}
	}))
	tryForm(h, photo(), "image@a.png")
	// Output: 200 a.png: 145 of 145 bytes
}

// A profile form may have a photo. If it has one, the photo is checked.
func ExampleOptions_optional() {
	vet := mustNew(middleware.Options{Fields: []string{"photo"}, Optional: true})
	h := vet.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s, %d photos", r.FormValue("name"), len(middleware.Files(r.Context())))
	}))
	tryForm(h, nil, "name=ann")
	tryForm(h, photo(), "name=ann", "photo@a.png")
	tryForm(h, photo()[:60], "name=ann", "photo@a.png")
	// Output:
	// 200 ann, 0 photos
	// 200 ann, 1 photos
	// 422 {"error":{"code":5,"message":"file corrupted"}}
}

// An application needs one or two photos, and may have a document, which passes unchecked.
func ExampleFieldRule() {
	vet := mustNew(middleware.Options{
		Fields:     []string{"photo"},
		FieldRules: map[string]middleware.FieldRule{"photo": {Required: true, MaxFiles: 2}},
		OtherFiles: true,
	})
	h := vet.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, cv, err := r.FormFile("cv")
		fmt.Fprintln(w, len(middleware.Files(r.Context())), "verified;", cv.Filename, err)
	}))
	tryForm(h, photo(), "photo@a.png", "cv@cv.pdf")
	tryForm(h, photo(), "cv@cv.pdf")
	tryForm(h, photo(), "photo@a.png", "photo@b.png", "photo@c.png")
	// Output:
	// 200 1 verified; cv.pdf <nil>
	// 400 {"error":{"code":6,"message":"empty input image"}}
	// 400 {"error":{"code":-1,"message":"too many files"}}
}

// FilePond sends the metadata of each file as text, in a field of the same name.
func ExampleOptions_filePond() {
	vet := mustNew(middleware.Options{Fields: []string{"filepond"}})
	h := vet.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, len(middleware.Files(r.Context())), r.FormValue("filepond"))
	}))
	tryForm(h, photo(), "filepond={}", "filepond@a.png")
	// Output: 200 1 {}
}

// Two routes with rules of their own share one set of budgets.
func ExampleMiddleware_With() {
	photos := mustNew(middleware.Options{Fields: []string{"photo"}})
	avatars, err := photos.With(func(o *middleware.Options) {
		o.Fields = []string{"avatar"}
		o.Optional = true
		o.Validate.MaxBytes = 100 // bytes
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "thanks") })
	tryForm(photos.Wrap(h), photo(), "photo@a.png")
	tryForm(avatars.Wrap(h), photo(), "avatar@a.png")
	tryForm(avatars.Wrap(h), nil, "name=ann")
	// Output:
	// 200 thanks
	// 413 {"error":{"code":3,"message":"file must be less than 10mb"}}
	// 200 thanks
}

// Stats is for a health page, or for gauges.
func ExampleMiddleware_Stats() {
	vet := mustNew(middleware.Options{MaxVerifications: 2})
	s := vet.Stats()
	fmt.Println(s.Verifying, "of", s.MaxVerifications, "verify,", s.Waiting, "wait,", s.TempBytes, "bytes on disk")
	// Output: 0 of 2 verify, 0 wait, 0 bytes on disk
}

type userKey struct{}

// The access hook can hand on what it looked up.
func ExampleOptions_handOn() {
	vet := mustNew(middleware.Options{Authorize: func(r *http.Request, token string) error {
		user, known := map[string]string{"secret": "ann"}[token] // a database
		if !known {
			return validate.ErrUnregisteredToken
		}
		*r = *r.WithContext(context.WithValue(r.Context(), userKey{}, user))
		return nil
	}})
	h := vet.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "hello,", r.Context().Value(userKey{}))
	}))
	tryForm(h, photo(), "token=secret", "image@a.png")
	tryForm(h, photo(), "image@a.png", "token=guess")
	// Output:
	// 200 hello, ann
	// 401 {"error":{"code":0,"message":"unregistered token"}}
}
