package fuzz

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"

	"github.com/imgvet/imgvet/fuzz/internal/readings"
)

// Reading is a request with a form that parsers may read differently. It is sent
// byte for byte: [Reading.Request] says how.
//
// A crafted one holds a good picture and, for some parser, something else: bytes
// that are no picture as a second file, or the good picture cut short. Behind a
// service that checks uploads it must be refused, or arrive as Files and nothing
// else. One with OK is its harmless twin, as real clients send it, and must arrive.
type Reading struct {
	Name  string // "preamble/blank": class and form; unique
	Class string // one of ReadingClasses
	Why   string // who reads it in another way, and how; or who sends it

	Method  string      // as it stands in the request line
	Header  [][2]string // name and value of each line, beside those that Request adds
	Body    []byte      // nil is a request without one; not to be changed
	Chunked bool        // the body goes out in chunks, without a Content-Length

	Field string     // the field of the picture
	Files []SeenFile // the only files that may arrive
	Texts []string   // the values of text fields, which some parsers hand on as nameless files
	OK    bool       // all of Files must arrive
}

// SeenFile is one file of a request as the program behind the check was given it.
type SeenFile struct {
	Field  string `json:"field"`
	Name   string `json:"name"` // as the parser gives it; not compared
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // in hexadecimal digits
}

// SeeFile reads a file to its end and says what it was.
func SeeFile(field, name string, r io.Reader) (SeenFile, error) {
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	return SeenFile{Field: field, Name: name, Size: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}

// seen is SeeFile of bytes.
func seen(field, name string, b []byte) SeenFile {
	sum := sha256.Sum256(b)
	return SeenFile{Field: field, Name: name, Size: int64(len(b)), SHA256: hex.EncodeToString(sum[:])}
}

// fileReport is the answer of a service that tells which files it was given.
type fileReport struct {
	Files []SeenFile `json:"files"`
}

// ReportFiles answers 200 and the list of files that [Conform] compares with what
// it sent: {"files":[{"field":"image","name":"a.png","size":70,"sha256":"..."}]}.
// Services in other languages answer the same JSON.
func ReportFiles(w http.ResponseWriter, files []SeenFile) {
	if files == nil {
		files = []SeenFile{} // "files" must be a list
	}
	w.Header().Set("Content-Type", "application/json")
	// A client that has gone away reads no report: nobody to tell.
	_ = json.NewEncoder(w).Encode(fileReport{files})
}

// reported reads the list of files in an answer; false if there is none.
func reported(answer []byte) ([]SeenFile, bool) {
	var r struct {
		Files *[]SeenFile `json:"files"`
	}
	if json.Unmarshal(answer, &r) != nil || r.Files == nil {
		return nil, false
	}
	return *r.Files, true
}

// Judge compares the files that arrived with those that may. It returns an error
// for another file than those of r, be it one of them cut short, and where r is OK
// for one that is missing. Field and name are not compared. No fault is a file
// without a name that is empty, as a file input that was left blank, or a text field:
// formidable takes one for a file if it has a type, as .NET and OkHttp send it.
func (r Reading) Judge(files []SeenFile) error {
	arrived := map[string]bool{}
	for _, f := range files {
		arrived[f.SHA256] = true
		if !r.may(f) {
			return fmt.Errorf("another file than was sent as one: field %q, name %q, %d bytes", f.Field, f.Name, f.Size)
		}
	}
	if !r.OK {
		return nil
	}
	for _, f := range r.Files {
		if !arrived[f.SHA256] {
			return fmt.Errorf("the file of %d bytes in field %q did not arrive", f.Size, f.Field)
		}
	}
	return nil
}

// may reports whether a file is one that may arrive.
func (r Reading) may(f SeenFile) bool {
	if f.Size == 0 && f.Name == "" {
		return true
	}
	for _, have := range r.Files {
		if f.Size == have.Size && f.SHA256 == have.SHA256 {
			return true
		}
	}
	for _, text := range r.Texts {
		if f.Name == "" && f.SHA256 == seen("", "", []byte(text)).SHA256 {
			return true
		}
	}
	return false
}

// Request returns the bytes of the request for a target such as "/upload", with
// more header lines, if any, before those of r. Host comes first, Content-Length
// or Transfer-Encoding last. The connection is closed after it, unless r has a
// Connection line of its own.
func (r Reading) Request(host, target string, more ...[2]string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, target, host)
	connection := false
	for _, h := range append(more[:len(more):len(more)], r.Header...) {
		connection = connection || strings.EqualFold(h[0], "Connection")
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	if !connection {
		b.WriteString("Connection: close\r\n")
	}
	switch {
	case r.Body == nil:
		b.WriteString("\r\n")
	case r.Chunked:
		b.WriteString("Transfer-Encoding: chunked\r\n\r\n")
		// A prime, so that boundaries are cut at every place.
		const size = 31
		for rest := r.Body; len(rest) > 0; {
			n := min(size, len(rest))
			fmt.Fprintf(&b, "%x\r\n%s\r\n", n, rest[:n])
			rest = rest[n:]
		}
		b.WriteString("0\r\n\r\n")
	default:
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(r.Body))
		b.Write(r.Body)
	}
	return b.Bytes()
}

// Readings yields every crafted request and its harmless twins, always in the same
// order and with the same bytes. The good picture is in the file field of that name;
// "" means "image". Names are unique.
//
// What must not arrive is a picture cut short. Where it is not hidden in the good
// one, each request is there once more, " (text)" behind its name, with plain text in
// its place, which a check by content alone lets pass.
func Readings(field string) iter.Seq[Reading] {
	if field == "" {
		field = "image"
	}
	return func(yield func(Reading) bool) {
		for r := range readings.All(field) {
			if !yield(readingOf(r)) {
				return
			}
		}
	}
}

// readingOf is a request with the files that may arrive as Judge compares them.
func readingOf(r readings.Request) Reading {
	var files []SeenFile
	for _, picture := range r.Files {
		files = append(files, seen(r.Field, "good.png", picture))
	}
	return Reading{
		Name: r.Name, Class: r.Class, Why: r.Why,
		Method: r.Method, Header: r.Header, Body: r.Body, Chunked: r.Chunked,
		Field: r.Field, Files: files, Texts: r.Texts, OK: r.OK,
	}
}

// ReadingClasses returns the classes of [Readings] in their order.
func ReadingClasses() []string { return readings.Classes() }
