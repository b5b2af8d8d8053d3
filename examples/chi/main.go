// Command chi is an upload behind the middleware with chi.
package main

import (
	"crypto/subtle"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

func main() {
	handler, err := newHandler()
	if err != nil {
		log.Fatal(err)
	}
	srv := &http.Server{Addr: "127.0.0.1:8080", Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute}
	log.Fatal(srv.ListenAndServe())
}

func newHandler() (http.Handler, error) {
	vet, err := middleware.New(middleware.Options{Fields: []string{"image"}, Authorize: authorize})
	if err != nil {
		return nil, err
	}
	r := chi.NewRouter()
	r.Use(chimiddleware.Recoverer)
	r.With(vet.Wrap).Post("/upload", upload)
	return r, nil
}

// upload sends the file back. It reads the form as if nobody had before, and need
// not check it.
func upload(w http.ResponseWriter, r *http.Request) {
	file, _, err := r.FormFile("image")
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	defer file.Close()
	w.Header().Set("Content-Type", middleware.Files(r.Context())[0].Result.Format.MIME())
	if _, err := io.Copy(w, file); err != nil {
		log.Print(err)
	}
}

// authorize knows one token.
func authorize(_ *http.Request, token string) error {
	if subtle.ConstantTimeCompare([]byte(token), []byte("secret")) != 1 {
		return validate.ErrUnregisteredToken
	}
	return nil
}
