package fuzz

import "iter"

// request is a request with a form that parsers may read differently.
type request struct {
	name, class, why string

	method  string      // as it stands in the request line
	header  [][2]string // name and value of each line, beside Host and those of the body's length
	body    []byte      // nil is a request without one
	chunked bool        // the body goes out in chunks

	field string   // the field of the picture
	files [][]byte // the only files that may arrive
	texts []string // the values of text fields
	ok    bool     // all of files must arrive
}

// allRequests yields the requests of every class, with the good picture in a field of
// that name. Where what must not arrive is not hidden in the good picture, each request
// is there once more with plain text in its place.
func allRequests(field string) iter.Seq[request] {
	return func(yield func(request) bool) {
		for _, c := range classes {
			s := newSheet(c.name, field)
			c.fill(s)
			if c.text {
				again := newSheet(c.name, field)
				again.other, again.suffix = []byte(foreignText), " (text)"
				c.fill(again)
				s.all = append(s.all, again.all...)
			}
			for _, r := range s.all {
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
	fill func(*sheet)
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

// classNames returns the names of the classes in their order.
func classNames() []string {
	var all []string
	for _, c := range classes {
		all = append(all, c.name)
	}
	return all
}
