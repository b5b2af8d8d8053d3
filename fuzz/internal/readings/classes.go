package readings

import "iter"

// Request is a request with a form that parsers may read differently.
type Request struct {
	Name, Class, Why string

	Method  string      // as it stands in the request line
	Header  [][2]string // name and value of each line, beside Host and those of the body's length
	Body    []byte      // nil is a request without one
	Chunked bool        // the body goes out in chunks

	Field string   // the field of the picture
	Files [][]byte // the only files that may arrive
	Texts []string // the values of text fields
	OK    bool     // all of files must arrive
}

// All yields the requests of every class, with the good picture in a field of
// that name. Where what must not arrive is not hidden in the good picture, each request
// is there once more with plain text in its place.
func All(field string) iter.Seq[Request] {
	return func(yield func(Request) bool) {
		for _, c := range classes {
			s := NewSheet(c.name, field)
			c.fill(s)
			if c.text {
				again := NewSheet(c.name, field)
				again.Other, again.suffix = []byte(foreignText), " (text)"
				c.fill(again)
				s.All = append(s.All, again.All...)
			}
			for _, r := range s.All {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// classes are the places where two parsers part.
var classes = [...]struct {
	name string
	fill func(*Sheet)
	text bool // also with text in place of a picture
}{
	{"method", methodReadings, false},
	{"boundary inside a line", insideReadings, false},
	{"boundary parameter", boundaryReadings, false},
	{"preamble, epilogue", preambleReadings, true},
	{"filename*", extendedReadings, true},
	{"part headers", headerReadings, true},
	{"parameters", parameterReadings, true},
	{"type of the request", typeReadings, false},
	{"text part", textReadings, false},
	{"names", nameReadings, true},
	{"Connection", connectionReadings, false},
}

// Classes returns the names of the classes in their order.
func Classes() []string {
	var all []string
	for _, c := range classes {
		all = append(all, c.name)
	}
	return all
}
