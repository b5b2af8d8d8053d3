package parsers_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/middleware"
)

// randomRequests is how many random forms that the middleware takes are sent to
// each parser. IMGVET_PARSERS_RANDOM says another number, IMGVET_PARSERS_SEED
// where to begin.
const randomRequests = 300

// testRandom makes forms out of what parsers stumble over, keeps those that the
// middleware lets pass, and sends them to every parser. Most of what is made is
// refused; what is left is at the edge of what passes, where nobody has thought of a
// case yet.
func testRandom(t *testing.T, parsers []parser) {
	want, seed := number("IMGVET_PARSERS_RANDOM", randomRequests), uint64(number("IMGVET_PARSERS_SEED", 1))
	var passed []candidate
	tried := 0
	for start := time.Now(); len(passed) < want && time.Since(start) < time.Minute; tried++ {
		c := newForm(rand.New(rand.NewPCG(seed, uint64(tried)))).candidate()
		if c.pass(t, middleware.Options{}) {
			passed = append(passed, c)
		}
	}
	t.Logf("%d of %d random forms passed the middleware", len(passed), tried)
	require.NotEmpty(t, passed)
	var group sync.WaitGroup
	for _, p := range parsers {
		group.Go(func() {
			for _, c := range passed {
				x := send(p.Addr, c.reading)
				if err := x.fooled(c.reading); err != nil {
					t.Errorf("%s: %v\n%s", p.Name, err, c)
				}
			}
		})
	}
	group.Wait()
}

func number(variable string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	return otherwise
}

// candidate is a random form. Its reading is complete once it has passed.
type candidate struct{ reading fuzz.Reading }

// String returns the form without the pictures.
func (c candidate) String() string {
	text := fmt.Sprintf("%q", c.reading.Body)
	for _, picture := range pictures() {
		text = strings.ReplaceAll(text, strings.Trim(fmt.Sprintf("%q", picture), `"`), "PICTURE")
	}
	return c.reading.Header[0][1] + "\n" + text
}

// pass sends the form to the middleware and notes which files it verified.
func (c *candidate) pass(t *testing.T, opts middleware.Options) bool {
	opts.Logger = slog.New(slog.DiscardHandler)
	m, err := middleware.New(opts)
	require.NoError(t, err)
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(c.reading.Request("x", "/"))))
	if err != nil {
		return false
	}
	passed := false
	m.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		passed = true
		c.noteTexts(t, r)
		for _, f := range middleware.Files(r.Context()) {
			content, err := f.Open()
			require.NoError(t, err)
			seen, err := fuzz.SeeFile(f.Field, f.FileName, content)
			require.NoError(t, err)
			content.Close()
			c.reading.Files = append(c.reading.Files, seen)
		}
	})).ServeHTTP(httptest.NewRecorder(), r)
	return passed
}

// noteTexts notes the text fields, as Go reads them.
func (c *candidate) noteTexts(t *testing.T, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	r.Body = io.NopCloser(bytes.NewReader(body))
	require.NoError(t, r.ParseMultipartForm(1<<20), "%q", body)
	for _, values := range r.MultipartForm.Value {
		c.reading.Texts = append(c.reading.Texts, values...)
	}
}

// form is a form in pieces that can be changed at random.
type form struct {
	*rand.Rand
	kind  string
	heads []string // what stands before the data of each part, and behind the last
	datas [][]byte
}

// tokens are what parsers stumble over.
var tokens = []string{
	" ", "  ", "\t", "\r", "\n", "\r\n", "\r\n ", ";", "; ", ",", `"`, "'", `\`, `\"`, `\\`, "=", ":", ": ", "*", "*0=", "*0*=", "%", "%22", "%0d%0a", "+", "&", "/", "?",
	"(", ")", "[", "]", "[]", "[0]", "{", "}", "<", "@", "#", "$", "^", "`", "|", "~", "!", "-", "--", "_", ".", "0", "x",
	"\x00", "\x01", "\v", "\f", "\x1c", "\x7f", "\u0085", "\u00a0", "\u2028", "\ufeff", "é", "\xff", "\uff49",
	"name", "name=", `name="image"`, "filename", "filename=", `filename="evil.png"`, "filename=evil.png", "; filename=evil.png", `; filename="evil.png"`,
	"filename*=utf-8''evil.png", "; filename*=utf-8''evil.png", "utf-8''", "UTF-8''", "iso-8859-1''", "=?utf-8?q?", "?=", "=?utf-8?b?ZXZpbA==?=",
	"Content-Disposition: ", "content-disposition:", "Content-Type: ", "Content-Length: ", "Content-Length: 3\r\n", "Content-Transfer-Encoding: ", "Content-Transfer-Encoding: base64\r\n",
	"form-data", "form-data; ", "attachment", "multipart/mixed", "multipart/form-data", "boundary=", "boundary=evil", "; boundary=evil", "charset=", "; charset=utf-8", "; charset=utf-7",
	"text/plain", "text/html", "application/json", "application/octet-stream", "image/png", "7bit", "binary",
	"--" + randomBoundary, "--" + randomBoundary + "--", randomBoundary, "\r\n--" + randomBoundary + "\r\n", "\r\n\r\n", "X: y\r\n", "y", "evil", "image", "note", "_charset_", "utf-16",
	strings.Repeat("y", 100), strings.Repeat("y", 1000), strings.Repeat("z", 4096),
}

const randomBoundary = "q7Z.B-x"

// heads are the usual part headers, as clients write them.
var heads = []string{
	`Content-Disposition: form-data; name="image"; filename="a.png"` + "\r\nContent-Type: image/png",
	`Content-Disposition: form-data; name="image"; filename="a.png"`,
	`Content-Disposition: form-data; filename="a.png"; name=image` + "\r\nContent-Type: application/octet-stream",
	`Content-Disposition: form-data; name=image; filename=a.png; filename*=utf-8''a.png`,
	"Content-Type: image/png\r\n" + `Content-Disposition: form-data; name="image"; filename*=utf-8''%C3%A9.png`,
	`Content-Disposition: form-data; name="image"; filename="it's \"a\" b.png"` + "\r\nContent-Type: image/png",
}

// textHeads are those of text fields.
var textHeads = []string{
	`Content-Disposition: form-data; name="note"`,
	`Content-Disposition: form-data; name="note"` + "\r\nContent-Type: text/plain; charset=utf-8",
	"Content-Type: application/json\r\n" + `Content-Disposition: form-data; name="image"`,
	`Content-Disposition: form-data; name="a[b]"` + "\r\nContent-Transfer-Encoding: 8bit\r\nContent-Type: text/plain",
}

// newForm makes a form of a good picture and a few other parts, and changes it in one
// to four places.
func newForm(r *rand.Rand) *form {
	f := &form{Rand: r, kind: "multipart/form-data; boundary=" + randomBoundary}
	picture, other := pictures()[0], pictures()[1]
	between := "--" + randomBoundary + "\r\n"
	for i := range 1 + r.IntN(3) {
		switch n := r.IntN(4); {
		case i == 0 || n == 0:
			f.add(between+heads[r.IntN(len(heads))]+"\r\n\r\n", picture)
		case n == 1:
			f.add(between+textHeads[r.IntN(len(textHeads))]+"\r\n\r\n", other)
		default:
			text := []string{"a note", "<?php evil ?>", "", "a note"}[r.IntN(4)]
			f.add(between+textHeads[r.IntN(len(textHeads))]+"\r\n\r\n", []byte(text))
		}
		between = "\r\n--" + randomBoundary + "\r\n"
	}
	f.heads = append(f.heads, "\r\n--"+randomBoundary+"--\r\n")
	for range 1 + r.IntN(4) {
		f.change()
	}
	return f
}

// pictures returns the data of the two parts of the first reading: a good picture
// and one that was cut short.
var pictures = sync.OnceValue(func() [][]byte {
	var all [][]byte
	for r := range fuzz.Readings("image") {
		for _, part := range bytes.Split(r.Body, []byte("\r\n\r\n"))[1:] {
			data, _, _ := bytes.Cut(part, []byte("\r\n--"))
			all = append(all, data)
		}
		break
	}
	return all
})

func (f *form) add(head string, data []byte) {
	f.heads, f.datas = append(f.heads, head), append(f.datas, data)
}

// change changes one place: mostly a header, now and then the type of the request,
// or what the data ends with.
func (f *form) change() {
	switch n := f.IntN(10); {
	case n == 0:
		f.kind = f.edit(f.kind)
	case n == 1:
		i := f.IntN(len(f.datas))
		f.datas[i] = append(bytes.Clone(f.datas[i]), tokens[f.IntN(len(tokens))]...)
	default:
		i := f.IntN(len(f.heads))
		f.heads[i] = f.edit(f.heads[i])
	}
}

// edit inserts a token, replaces some bytes by one, drops some, or repeats some.
func (f *form) edit(s string) string {
	at := f.IntN(len(s) + 1)
	end := min(len(s), at+f.IntN(12))
	token := tokens[f.IntN(len(tokens))]
	switch f.IntN(6) {
	case 0:
		return s[:at] + s[end:]
	case 1:
		return s[:end] + s[at:]
	case 2:
		return s[:at] + token + s[end:]
	}
	// Next to a mark is where it hurts.
	if i := strings.IndexAny(s[at:], `;=":`); i >= 0 && f.IntN(2) == 0 {
		at += i + f.IntN(2)
	}
	return s[:at] + token + s[at:]
}

// boundaries are at the edge of what passes. Half of the forms have the usual one.
var boundaries = []string{
	"*****", "a", "--x--", "x--", "x-", "=x", "x=", "x:y", "x/y", "x+y", ".x", "_x_", "boundary=evil", "boundary", "00000", strings.Repeat("ab", 35),
}

// candidate returns the form as a request.
func (f *form) candidate() candidate {
	if f.IntN(2) == 0 {
		other := boundaries[f.IntN(len(boundaries))]
		f.kind = strings.ReplaceAll(f.kind, randomBoundary, `"`+other+`"`)
		for i, head := range f.heads {
			f.heads[i] = strings.ReplaceAll(head, randomBoundary, other)
		}
		for i, data := range f.datas {
			f.datas[i] = bytes.ReplaceAll(data, []byte(randomBoundary), []byte(other))
		}
	}
	var body bytes.Buffer
	for i, data := range f.datas {
		body.WriteString(f.heads[i])
		body.Write(data)
	}
	body.WriteString(f.heads[len(f.heads)-1])
	return candidate{fuzz.Reading{
		Name: "random", Method: http.MethodPost, Header: [][2]string{{"Content-Type", f.kind}}, Body: body.Bytes(),
	}}
}
