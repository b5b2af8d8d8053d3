// Command quickstart is the first program of the README.
package main

import (
	"fmt"
	"log"
	"net/http"

	"github.com/imgvet/imgvet/middleware"
)

func main() {
	vet, err := middleware.New(middleware.Options{})
	if err != nil {
		log.Fatal(err)
	}
	http.Handle("POST /face_recon/run_pipeline", vet.Wrap(http.HandlerFunc(upload)))
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", nil))
}

// upload runs only when every file of the request is one whole picture.
// r.FormFile and the like work as if nobody had read the body before.
func upload(w http.ResponseWriter, r *http.Request) {
	for _, f := range middleware.Files(r.Context()) {
		fmt.Fprintln(w, "thanks for the", f.Result.Format, f.Result.Width, "x", f.Result.Height)
	}
}
