package middleware_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

func Example() {
	vet, err := middleware.New(middleware.Options{
		Authorize: func(_ *http.Request, token string) error {
			if token != "secret" {
				return validate.ErrUnregisteredToken
			}
			return nil
		},
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

	r := httptest.NewRequest(http.MethodPost, "/upload", strings.NewReader("not a picture"))
	r.Header.Set("Content-Type", "image/png")
	r.Header.Set("Authorization", "Bearer secret")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
	// Output: 422 {"error":{"code":5,"message":"file corrupted"}}
}
