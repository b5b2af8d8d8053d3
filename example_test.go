package imgvet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// The result for a file is one of three: it is whole, it is refused, or it could not be judged.
func Example() {
	for _, name := range []string{"testdata/good/jpeg/exif-orientation-6.jpg", "doc.go", "nowhere.png"} {
		res, err := validate.File(context.Background(), name, validate.Options{})
		var refusal *validate.Error
		switch {
		case errors.As(err, &refusal):
			fmt.Println("refused:", refusal.Code, refusal.Reason)
		case err != nil:
			fmt.Println("not judged: it cannot be read")
		default:
			width, height := res.Shown()
			fmt.Println("whole:", res.Format, width, "x", height)
		}
	}
	// Output:
	// whole: jpeg 30 x 44
	// refused: 5 unknown_format
	// not judged: it cannot be read
}

// A handler that sees only whole pictures.
func Example_handler() {
	vet := middleware.Must(middleware.New(middleware.Options{Logger: slog.New(slog.DiscardHandler)}))
	upload := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "thanks for the ", middleware.Files(r.Context())[0].Result.Format)
	})

	request := httptest.NewRequest(http.MethodPost, "/upload", bytes.NewReader([]byte("BM, but no picture")))
	request.Header.Set("Content-Type", "image/bmp")
	answer := httptest.NewRecorder()
	vet.Wrap(upload).ServeHTTP(answer, request)
	fmt.Println(answer.Code, answer.Body)
	// Output: 422 {"error":{"code":5,"message":"file corrupted"}}
}

// Rules of your own: options bound sides and shape, a function checks the rest.
func Example_rules() {
	opts := validate.Options{
		Rules: validate.Rules{MinWidth: 200, MaxFrames: 1},
		Checks: []validate.Check{func(_ context.Context, p *validate.Picture) error {
			if p.Facts.HasGPS {
				return &validate.Error{Code: validate.CodeCorrupted, Reason: "has_gps", Offset: -1}
			}
			return nil
		}},
	}
	_, err := validate.File(context.Background(), "testdata/good/jpeg/exif-orientation-6.jpg", opts)
	var refusal *validate.Error
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Advice())
	}
	// Output: The picture is 30 pixels wide: send one of at least 200.
}
