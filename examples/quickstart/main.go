// Command quickstart is the first program of the README.
package main

import (
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/imgvet/imgvet/middleware"
)

func main() {
	vet := middleware.Must(middleware.New(middleware.Options{}))
	http.Handle("POST /face_recon/run_pipeline", vet.Wrap(http.HandlerFunc(upload)))
	srv := &http.Server{
		Addr:              "127.0.0.1:8080",
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute, // of a whole upload
		WriteTimeout:      3 * time.Minute,
		IdleTimeout:       2 * time.Minute,
	}
	log.Fatal(srv.ListenAndServe())
}

// upload runs only when every file of the request is one whole picture.
// r.FormFile and the like work as if nobody had read the body before.
func upload(w http.ResponseWriter, r *http.Request) {
	for _, f := range middleware.Files(r.Context()) {
		fmt.Fprintln(w, "thanks for the", f.Result.Format, f.Result.Width, "x", f.Result.Height)
	}
}
