package fuzz_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/imgvet/imgvet/fuzz"
)

// Each class has requests that deserve to be refused, and the forms that real
// clients send.
func ExampleReadings() {
	good, crafted := 0, 0
	for r := range fuzz.Readings("image") {
		if r.OK {
			good++
		} else {
			crafted++
		}
	}
	fmt.Println(good > 50, crafted > 300)
	for r := range fuzz.Readings("image") {
		if r.Name == "preamble, epilogue/blank" {
			line, _, _ := strings.Cut(string(r.Request("localhost", "/upload")), "\r\n")
			fmt.Println(line)
			fmt.Printf("%.3q\n", r.Body)
		}
	}
	// Output:
	// true true
	// POST /upload HTTP/1.1
	// " --"
}

func ExampleReadingClasses() {
	fmt.Println(fuzz.ReadingClasses()[:4])
	// Output: [method boundary inside a line boundary parameter preamble, epilogue]
}

// A handler that looks for the words of a header anywhere in it is given a file
// that was not sent as one.
func ExampleReading_Judge() {
	for r := range fuzz.Readings("image") {
		if r.Name != "parameters/x-filename" {
			continue
		}
		found, err := fuzz.SeeFile("note", "evil.png", strings.NewReader("whatever"))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.Judge([]fuzz.SeenFile{found}))
		fmt.Println(r.Judge(r.Files))
	}
	// Output:
	// another file than was sent as one: field "note", name "evil.png", 8 bytes
	// <nil>
}

func ExampleSeeFile() {
	f, err := fuzz.SeeFile("image", "a.png", strings.NewReader("x"))
	fmt.Println(f.Field, f.Name, f.Size, f.SHA256[:8], err)
	// Output: image a.png 1 2d711642 <nil>
}

// A handler to stand behind a check: Conform sends it the requests of Readings and
// compares.
func ExampleReportFiles() {
	handler := func(w http.ResponseWriter, r *http.Request) {
		f, header, err := r.FormFile("image")
		if err != nil {
			http.Error(w, "no file", http.StatusBadRequest)
			return
		}
		defer f.Close()
		seen, err := fuzz.SeeFile("image", header.Filename, f)
		if err != nil {
			http.Error(w, "a broken upload", http.StatusBadRequest)
			return
		}
		fuzz.ReportFiles(w, []fuzz.SeenFile{seen})
	}
	w := httptest.NewRecorder()
	body := "--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\r\nx\r\n--b--\r\n"
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	handler(w, r)
	fmt.Print(w.Body)
	// Output: {"files":[{"field":"image","name":"a.png","size":1,"sha256":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}]}
}
