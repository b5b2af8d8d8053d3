package middleware_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// quiet drops the log lines, so that the examples print what a client sees.
var quiet = slog.New(slog.DiscardHandler)

// tryUpload posts a body to a handler and prints the answer.
func tryUpload(h http.Handler, body []byte, header ...string) {
	r := httptest.NewRequest(http.MethodPost, "/upload", bytes.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
}

func Example() {
	vet, err := middleware.New(middleware.Options{
		Authorize: func(_ *http.Request, token string) error {
			if token != "secret" {
				return validate.ErrUnregisteredToken
			}
			return nil
		},
		Logger: quiet,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("POST /upload", vet.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, f := range middleware.Files(r.Context()) {
			fmt.Fprintf(w, "%s: %s, %dx%d\n", f.Field, f.Result.Format, f.Result.Width, f.Result.Height)
		}
	})))
	tryUpload(mux, []byte("not a picture"), "Content-Type", "image/png", "Authorization", "Bearer secret")
	tryUpload(mux, []byte("not a picture"), "Content-Type", "image/png", "Authorization", "Bearer guess")
	// Output:
	// 422 {"error":{"code":5,"message":"file corrupted"}}
	// 401 {"error":{"code":0,"message":"unregistered token"}}
}

// Must makes a Middleware in one line, from options written in the program.
func ExampleMust() {
	vet := middleware.Must(middleware.New(middleware.Options{Logger: quiet}))
	tryUpload(vet.Wrap(http.NotFoundHandler()), nil, "Content-Type", "image/png")

	defer func() { fmt.Println(recover()) }()
	middleware.Must(middleware.New(middleware.Options{Validate: validate.Options{MaxBytes: -1}}))
	// Output:
	// 400 {"error":{"code":6,"message":"empty input image"}}
	// validate: Options.MaxBytes is -1; it must not be negative
}

// New reports everything that is wrong with the options when the service starts.
func ExampleNew() {
	_, err := middleware.New(middleware.Options{
		MaxMemory: -1,
		Validate:  validate.Options{MaxPixels: -1},
	})
	fmt.Println(err)
	// Output:
	// validate: Options.MaxPixels is -1; it must not be negative
	// middleware: Options.MaxMemory is -1; it must not be negative
}

// Problems returns what New would report, for services that read their options from a file
// and want to report problems themselves.
func ExampleOptions_Problems() {
	fmt.Println(middleware.Options{MinRate: 64 << 10}.Problems())
	// Output: <nil>
}

// The next handler reads the form as if nobody had read it, and gets the verified files from
// Files.
func ExampleFiles() {
	vet, err := middleware.New(middleware.Options{Fields: []string{"image"}, Logger: quiet})
	if err != nil {
		fmt.Println(err)
		return
	}
	next := func(w http.ResponseWriter, r *http.Request) {
		file, header, err := r.FormFile("image")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		defer file.Close()
		res := middleware.Files(r.Context())[0].Result
		fmt.Fprintln(w, header.Size == res.Size, res.Format, res.Width, res.Height)
	}

	png, err := os.ReadFile("../testdata/good/png/pngsuite-basn2c08.png")
	if err != nil {
		fmt.Println(err)
		return
	}
	var form bytes.Buffer
	mw := multipart.NewWriter(&form)
	part, err := mw.CreateFormFile("image", "a.png")
	if err != nil {
		fmt.Println(err)
		return
	}
	part.Write(png)
	mw.Close()
	tryUpload(vet.Wrap(http.HandlerFunc(next)), form.Bytes(), "Content-Type", mw.FormDataContentType())
	// Output: 200 true png 32 32
}

func ExampleStatusOf() {
	fmt.Println(middleware.StatusOf(validate.CodeTooLarge), http.StatusText(middleware.StatusOf(validate.CodeTooLarge)))
	// Output: 413 Request Entity Too Large
}

// A hook that cannot decide gives no verdict: the client is told to come back.
func ExampleOptions_authorize() {
	database := func(token string) error { return errors.New("no route to host") }
	vet, err := middleware.New(middleware.Options{
		Authorize: func(_ *http.Request, token string) error {
			if err := database(token); err != nil {
				return fmt.Errorf("%w: %w", middleware.ErrUnavailable, err)
			}
			return nil
		},
		Logger: quiet,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	tryUpload(vet.Wrap(http.NotFoundHandler()), []byte("BM"), "Authorization", "Bearer secret")
	// Output: 503 {"error":{"code":-1,"message":"service unavailable"}}
}

// WriteRefusal can add to the answer, or replace it.
func ExampleRefusal_Write() {
	vet, err := middleware.New(middleware.Options{
		WriteRefusal: func(w http.ResponseWriter, r *http.Request, f *middleware.Refusal) {
			if f.Code() == middleware.OperationalCode {
				w.Header().Set("X-Try-Again", "true")
			}
			f.Write(w)
		},
		Logger: quiet,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	tryUpload(vet.Wrap(http.NotFoundHandler()), nil, "Content-Type", "image/png")
	// Output: 400 {"error":{"code":6,"message":"empty input image"}}
}

// A service with errors and limits of its own.
func ExampleOptions_writeRefusal() {
	vet, err := middleware.New(middleware.Options{
		Validate: validate.Options{MaxBytes: 25 << 20}, // a file of 25 MiB or more is refused
		WriteRefusal: func(w http.ResponseWriter, _ *http.Request, f *middleware.Refusal) {
			problem := "Please try again later."
			if f.Verdict != nil { // the file's fault
				problem = f.Verdict.Advice()
			}
			http.Error(w, problem, f.Status)
		},
		Logger: quiet,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	tryUpload(vet.Wrap(http.NotFoundHandler()), []byte("GIF89a"), "Content-Type", "image/gif")
	// Output: 422 Send a PNG, JPG, HEIC, BMP or WebP picture: this file is none of them, whatever its name says.
}

// Observe is called once for each file, with its outcome.
func ExampleObservation() {
	vet, err := middleware.New(middleware.Options{
		Observe: func(r *http.Request, o middleware.Observation) {
			fmt.Println(o.Outcome, o.Size, o.Refusal.Reason())
		},
		Logger: quiet,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	tryUpload(vet.Wrap(http.NotFoundHandler()), []byte("GIF89a"), "Content-Type", "image/png")
	// Output:
	// refused 6 unknown_format
	// 422 {"error":{"code":5,"message":"file corrupted"}}
}
