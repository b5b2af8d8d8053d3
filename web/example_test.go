package web_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"

	"github.com/imgvet/imgvet/web"
)

// A page that is served beside the files imports /imgvet/index.js.
func ExampleFS() {
	mux := http.NewServeMux()
	mux.Handle("GET /imgvet/", http.StripPrefix("/imgvet/", http.FileServerFS(web.FS())))

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/imgvet/index.js", http.NoBody))
	fmt.Println((w.Code == http.StatusOK) == web.Built())
	// Output: true
}

// A program may have been compiled before the files were made: say so, and let the
// server check alone.
func ExampleBuilt() {
	_, err := fs.Stat(web.FS(), "imgvet.wasm")
	fmt.Println(web.Built() == (err == nil))
	// Output: true
}
