// Package parsers_test starts the multipart parsers that services use, sends each
// of them every request of fuzz.Readings, straight and through the middleware, and
// demands that through it nothing arrives but what was verified.
//
// It takes two or three minutes, and needs tools of Debian and packages of npm (what is
// missing is left out, loudly):
//
//	IMGVET_PARSERS=1 go test -v ./fuzz/parsers
package parsers_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/middleware"
)

// door is one way through the middleware to the parser.
type door struct {
	name  string
	opts  middleware.Options
	field string // of the readings; only those about names if it is not "image"
	only  bool   // files of other fields are none of our business
}

var doors = []door{
	{name: "plain", field: "image"},
	{name: "Fields", field: "image", opts: middleware.Options{Fields: []string{"image"}}},
	{name: "Rewrite", field: "image", opts: middleware.Options{Rewrite: true}},
	{name: "Optional", field: "image", opts: middleware.Options{Optional: true}},
	{name: "OtherFiles", field: "image", only: true, opts: middleware.Options{Fields: []string{"image"}, OtherFiles: true}},
	{name: "OtherFiles, my_image", field: "my_image", only: true, opts: middleware.Options{Fields: []string{"my_image"}, OtherFiles: true}},
	{name: "OtherFiles, Rewrite", field: "my_image", only: true, opts: middleware.Options{Fields: []string{"my_image"}, OtherFiles: true, Rewrite: true}},
}

// readings returns what is sent through the door.
func (d door) readings() []fuzz.Reading {
	all := slices.Collect(fuzz.Readings(d.field))
	if d.field != "image" {
		all = slices.DeleteFunc(all, func(r fuzz.Reading) bool { return r.Class != "names" })
	}
	return all
}

// ours leaves out the files of other fields, if they are none of our business. PHP and
// rack make a tree of a name with brackets.
func (d door) ours(x exchange) exchange {
	if d.only {
		x.files = slices.DeleteFunc(slices.Clone(x.files), func(f fuzz.SeenFile) bool {
			return f.Field != d.field && !strings.HasPrefix(f.Field, d.field+"[")
		})
	}
	return x
}

// passedHeader marks answers that come from behind the middleware.
const passedHeader = "Imgvet-Passed"

// exchange is what became of one request.
type exchange struct {
	status int
	passed bool // the answer is the parser's, not the middleware's
	body   []byte
	files  []fuzz.SeenFile
	err    error
}

// parsed reports whether the parser took the request.
func (x exchange) parsed() bool { return x.err == nil && x.status >= 200 && x.status < 300 }

// TestParsers sends everything to everyone.
func TestParsers(t *testing.T) {
	if os.Getenv("IMGVET_PARSERS") == "" {
		t.Skip("IMGVET_PARSERS is not set: the parsers of other languages are not tested")
	}
	parsers := startAll(t)
	require.NotEmpty(t, parsers)
	t.Run("readings", func(t *testing.T) { testReadings(t, parsers) })
	t.Run("random", func(t *testing.T) { testRandom(t, parsers) })
}

// testReadings sends every request of fuzz.Readings through every door.
func testReadings(t *testing.T, parsers []parser) {
	results := make([]*result, len(parsers))
	var group sync.WaitGroup
	for i, p := range parsers {
		results[i] = newResult(p)
		group.Go(func() { results[i].run(t) })
	}
	group.Wait()
	summarise(t, results)
}

// result is what one parser was given.
type result struct {
	parser
	straight map[string]exchange            // by the field and the name of the reading
	through  map[string]map[string]exchange // by the name of the door
}

func newResult(p parser) *result {
	r := &result{parser: p, straight: map[string]exchange{}, through: map[string]map[string]exchange{}}
	for _, d := range doors {
		r.through[d.name] = map[string]exchange{}
	}
	return r
}

func (res *result) run(t *testing.T) {
	for _, d := range doors {
		opts := d.opts
		opts.Logger = slog.New(slog.DiscardHandler)
		m, err := middleware.New(opts)
		if err != nil {
			t.Error(err)
			return
		}
		srv := httptest.NewUnstartedServer(m.Wrap(proxyTo(res.Addr)))
		srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		srv.Start()
		for _, r := range d.readings() {
			key := d.field + " " + r.Name
			if _, done := res.straight[key]; !done {
				res.straight[key] = send(res.Addr, r)
			}
			res.through[d.name][r.Name] = send(srv.Listener.Addr().String(), r)
		}
		srv.Close()
	}
}

// direct is what the parser makes of a request without us.
func (res *result) direct(d door, r fuzz.Reading) exchange { return res.straight[d.field+" "+r.Name] }

// fault says what is wrong with a request that went through a door, "" if nothing.
func (res *result) fault(d door, r fuzz.Reading) string {
	return fault(r, d.ours(res.direct(d, r)), d.ours(res.through[d.name][r.Name]))
}

// proxyTo is a plain reverse proxy, as people put one before a service.
func proxyTo(addr string) http.Handler {
	to := &url.URL{Scheme: "http", Host: addr}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		// No connection is used twice: what a parser leaves unread is no request.
		Transport: &http.Transport{DisableKeepAlives: true, ResponseHeaderTimeout: answerTimeout},
		ErrorLog:  slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		ModifyResponse: func(r *http.Response) error {
			r.Header.Set(passedHeader, "1")
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			w.Header().Set(passedHeader, "1")
			w.WriteHeader(http.StatusBadGateway)
		},
	}
}

// answerTimeout is how long a parser may take: some wait for bytes that a crafted
// request promises and does not send.
const answerTimeout = 3 * time.Second

// send writes one request as bytes and reads the answer.
func send(addr string, r fuzz.Reading) exchange {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return exchange{err: err}
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * answerTimeout)); err != nil {
		return exchange{err: err}
	}
	_, writeErr := conn.Write(r.Request(addr, "/upload"))
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: r.Method})
	if err != nil {
		return exchange{err: fmt.Errorf("%w (write: %v)", err, writeErr)}
	}
	defer resp.Body.Close()
	x := exchange{status: resp.StatusCode, passed: resp.Header.Get(passedHeader) != ""}
	if x.body, x.err = io.ReadAll(resp.Body); x.err != nil {
		return x
	}
	if x.parsed() {
		var list struct {
			Files []fuzz.SeenFile `json:"files"`
		}
		if x.err = json.Unmarshal(x.body, &list); x.err == nil {
			x.files = list.Files
		}
	}
	return x
}

// got reports whether one of the files of r arrived.
func (x exchange) got(r fuzz.Reading) bool {
	return slices.ContainsFunc(x.files, func(f fuzz.SeenFile) bool {
		return slices.ContainsFunc(r.Files, func(want fuzz.SeenFile) bool { return want.SHA256 == f.SHA256 })
	})
}

// fooled says what is wrong with what a parser was given, nil if nothing.
func (x exchange) fooled(r fuzz.Reading) error {
	if !x.parsed() {
		return nil
	}
	r.OK = false // what does not arrive is another matter
	return r.Judge(x.files)
}

// fault says what is wrong with a request that went through a door, "" if nothing.
// straight is what the parser makes of it without one.
func fault(r fuzz.Reading, straight, x exchange) string {
	if err := x.fooled(r); err != nil {
		return err.Error()
	}
	switch {
	case x.err != nil:
		return "no answer: " + x.err.Error()
	case !x.passed && r.OK:
		return fmt.Sprintf("a form that clients send was refused: %d %s", x.status, x.body)
	case !x.passed && (x.status < 400 || x.status > 499):
		return fmt.Sprintf("the middleware answered %d", x.status)
	case !x.passed && bytes.Contains(x.body, []byte("evil")):
		return fmt.Sprintf("a refusal echoes the request: %s", x.body)
	case x.passed && straight.got(r) && !x.got(r):
		return "the verified file did not arrive, and would without us"
	case r.OK && straight.parsed() && !x.parsed():
		return fmt.Sprintf("the parser refused what it takes straight: %d %s", x.status, x.body)
	case r.OK && straight.parsed() && r.Judge(straight.files) == nil && r.Judge(x.files) != nil:
		return r.Judge(x.files).Error()
	}
	return ""
}
