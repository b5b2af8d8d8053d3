package validate_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/iotest"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/validate"
)

// minSeeds is how many files a fuzz target must start from.
const minSeeds = 60

// FuzzValidate checks that any bytes get a verdict, the same one however they are read; that a
// refusal is documented and canonical; and that Strict only ever refuses more.
func FuzzValidate(f *testing.F) {
	n := 0
	for _, b := range allGood(f) {
		if len(b) < 20_000 { // the engine mutates small files best
			f.Add(b)
			n++
		}
	}
	for c := range fuzz.Cases() {
		if len(c.Data) < 20_000 {
			f.Add(c.Data)
			n++
		}
	}
	if n < minSeeds {
		f.Fatalf("%d seeds, want at least %d", n, minSeeds)
	}
	// A small pixel limit keeps each execution short.
	opts := validate.Options{MaxPixels: 1 << 20}
	f.Fuzz(func(t *testing.T, b []byte) {
		ctx := context.Background()
		res, err := validate.Bytes(ctx, b, opts)
		code := requireVerdict(t, err)

		chunked, err2 := validate.Validate(ctx, iotest.HalfReader(bytes.NewReader(b)), opts)
		if again := requireVerdict(t, err2); again != code {
			t.Fatalf("in chunks: code %d, whole: code %d", again, code)
		}
		if res.Format != chunked.Format || res.Width != chunked.Width || res.Height != chunked.Height {
			t.Fatalf("in chunks %+v, whole %+v", chunked, res)
		}
		if code < 0 && (res.Format == detect.Unknown || res.Width <= 0 || res.Height <= 0 ||
			res.Orientation < 1 || res.Orientation > 8 || res.Frames < 1 || int64(res.Width)*int64(res.Height) > opts.MaxPixels) {
			t.Fatalf("accepted with %+v", res)
		}
		strict := opts
		strict.Tolerance = validate.Strict
		_, err3 := validate.Bytes(ctx, b, strict)
		if code >= 0 && requireVerdict(t, err3) != code {
			t.Fatalf("strict: %v, else: %v", err3, err)
		}
		if code < 0 && (err3 == nil) != (len(res.Warnings) == 0) {
			t.Fatalf("strict: %v with warnings %v", err3, res.Warnings)
		}
	})
}

// requireVerdict returns the code of a refusal, -1 if there is none.
func requireVerdict(t *testing.T, err error) validate.Code {
	if err == nil {
		return -1
	}
	var refusal *validate.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("not a verdict: %v", err)
	}
	if _, err := refusal.MarshalJSON(); err != nil {
		t.Fatal(err)
	}
	if refusal.Reason == "" || refusal.Advice() == "" {
		t.Fatalf("no reason: %v", refusal)
	}
	return refusal.Code
}
