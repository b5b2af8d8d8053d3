package fuzz_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// printer is a testing.TB outside of a test. In yours, pass t.
type printer struct{ testing.TB }

func (printer) Helper()                           {}
func (printer) Context() context.Context          { return context.Background() }
func (printer) Logf(string, ...any)               {}
func (printer) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// some are three of the cases, for examples that should be quick.
func some(yield func(fuzz.Case) bool) {
	want := []string{"png/kind_rgb_8", "jpeg/kind_420", "png/ihdr_zero_width"}
	for c := range fuzz.Cases() {
		if slices.Contains(want, c.Name) && !yield(c) {
			return
		}
	}
}

// Conform says nothing of a handler that does what it should. Without Cases it
// sends all of them, without Modes in every way.
func ExampleConform() {
	vet, err := middleware.New(middleware.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fuzz.Conform(printer{}, vet.Wrap(fuzz.Echo()), fuzz.ConformOptions{
		Cases: some, Modes: []fuzz.Mode{fuzz.TokenFirst, fuzz.Raw}, Headers: true,
	})
	fmt.Println("no fault")
	// Output: no fault
}

// A handler that takes everything lets the bad file pass.
func ExampleConformURL() {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	report, err := fuzz.ConformURL(context.Background(), server.URL, fuzz.ConformOptions{
		Cases: some, Modes: []fuzz.Mode{fuzz.Raw},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Requests > 0)
	for _, f := range report.Faults[:1] {
		fmt.Println(f.Kind, f.Case)
	}
	// Output:
	// true
	// a bad file passed png/ihdr_zero_width
}

func ExampleEcho() {
	vet, err := middleware.New(middleware.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(vet.Wrap(fuzz.Echo()))
	defer server.Close()
	report, err := fuzz.ConformURL(context.Background(), server.URL, fuzz.ConformOptions{
		Cases: some, Modes: []fuzz.Mode{fuzz.Chunked},
	})
	fmt.Println(len(report.Faults), err)
	// Output: 0 <nil>
}

func ExampleAllModes() {
	for _, mode := range fuzz.AllModes() {
		fmt.Println(mode)
	}
	// Output:
	// multipart, token first
	// multipart, token last
	// raw body
	// chunked multipart
	// Expect: 100-continue
	// HTTP/2
}

// In a test file of yours this is FuzzUpload.
func ExampleHandler() {
	_ = func(f *testing.F) {
		vet, err := middleware.New(middleware.Options{})
		if err != nil {
			f.Fatal(err)
		}
		fuzz.Handler(f, vet.Wrap(fuzz.Echo()), fuzz.ConformOptions{})
	}
}

// In a test file of yours this is FuzzMyDecoder: no file that was verified may
// make it fail.
func ExampleAdd() {
	myDecoder := func([]byte) error { return nil }
	_ = func(f *testing.F) {
		fuzz.Add(f)
		f.Fuzz(func(t *testing.T, b []byte) {
			if _, err := validate.Bytes(t.Context(), b, validate.Options{}); err != nil {
				return
			}
			if err := myDecoder(b); err != nil {
				t.Error(err)
			}
		})
	}
}
