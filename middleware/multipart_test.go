package middleware_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
)

const formType = "multipart/form-data; boundary=" + boundary

// goodForm is a form of one file. Each case breaks it with one edit.
func goodForm(t testing.TB) string {
	t.Helper()
	return "--" + boundary + "\r\n" +
		"Content-Disposition: form-data; name=\"f\"; filename=\"f.png\"\r\n" +
		"Content-Type: image/png\r\n\r\n" +
		string(goodPNG(t)) + "\r\n--" + boundary + "--\r\n"
}

// TestParserDifferentials checks that a form is refused if some parser could find another file
// or field in it. Each case is one edit of a good form.
func TestParserDifferentials(t *testing.T) {
	disposition := `form-data; name="f"; filename="f.png"`
	for _, tt := range []struct {
		name, old, new string
		ok             bool
	}{
		{"no edit", "", "", true},
		{"base64", "Content-Type:", "Content-Transfer-Encoding: base64\r\nContent-Type:", false},
		{"quoted-printable", "Content-Type:", "Content-Transfer-Encoding: Quoted-Printable\r\nContent-Type:", false},
		{"unknown encoding", "Content-Type:", "Content-Transfer-Encoding: x-gzip\r\nContent-Type:", false},
		{"binary", "Content-Type:", "Content-Transfer-Encoding: binary\r\nContent-Type:", true},
		{"two names", disposition, `form-data; name="f"; name="g"; filename="f.png"`, false},
		{"two names, two cases", disposition, `form-data; name="f"; NAME="g"; filename="f.png"`, false},
		{"two file names", disposition, `form-data; name="f"; filename="f.png"; filename="g.png"`, false},
		{"extended name", disposition, `form-data; name="f"; name*=utf-8''g; filename="f.png"`, false},
		{"extended name alone", disposition, `form-data; name*=utf-8''g; filename="f.png"`, false},
		{"continued file name", disposition, `form-data; name="f"; filename*0="f"; filename*1=".png"`, false},
		{"both file names", disposition, `form-data; name="f"; filename="f.png"; filename*=utf-8''g.png`, true},
		{"quote in file name", disposition, `form-data; name="f"; filename="a\"b.png"`, true},
		{"name hidden in a quote", disposition, `form-data; name="f"; filename="a\"; name=g; b=\""`, false},
		{"no name", disposition, `form-data; filename="f.png"`, false},
		{"empty name", disposition, `form-data; name=""; filename="f.png"`, false},
		{"not form-data", disposition, `attachment; name="f"; filename="f.png"`, false},
		{"two dispositions", disposition, disposition + "\r\nContent-Disposition: form-data; name=\"g\"", false},
		{"no disposition", "Content-Disposition: ", "X: ", false},
		{"broken disposition", disposition, `form-data; name="f; filename="f.png"`, false},
		{"NUL in file name", "f.png", "f.png\x00.txt", false},
		{"two types", "Content-Type: image/png", "Content-Type: image/png\r\nContent-Type: text/plain", false},
		{"nested multipart", "Content-Type: image/png", "Content-Type: multipart/mixed; boundary=x", false},
		{"name of 256 bytes", `name="f"`, `name="` + strings.Repeat("f", 256) + `"`, true},
		{"name of 257 bytes", `name="f"`, `name="` + strings.Repeat("f", 257) + `"`, false},
		{"file name of 1024 bytes", "f.png", strings.Repeat("f", 1024), true},
		{"file name of 1025 bytes", "f.png", strings.Repeat("f", 1025), false},
		{"unknown header", "Content-Type:", "X: x\r\nContent-Type:", false},
		{"size of the part", "Content-Type:", "Content-Length: " + strconv.Itoa(len(goodPNG(t))) + "\r\nContent-Type:", true},
		{"another size", "Content-Type:", "Content-Length: 1\r\nContent-Type:", false},
		{"too long header", "image/png", "image/png; x=\"" + strings.Repeat("x", 17<<10) + "\"", false},
		{"no final boundary", "\r\n--" + boundary + "--\r\n", "", false},
		{"final boundary without dashes", boundary + "--\r\n", boundary, false},
		{"final boundary with one dash", boundary + "--\r\n", boundary + "-\r\n", false},
		{"final boundary without CRLF", boundary + "--\r\n", boundary + "--", true},
		{"final boundary with LF", boundary + "--\r\n", boundary + "--\n", false},
		{"text behind the final boundary", boundary + "--\r\n", boundary + "--x", false},
		{"epilogue", boundary + "--\r\n", boundary + "--\r\nbye", false},
		{"parts in the epilogue", boundary + "--\r\n", boundary + "--\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n\r\n--" + boundary + "--\r\n", false},
		{"preamble", "--" + boundary + "\r\n", "hello\r\n--" + boundary + "\r\n", false},
		{"line end before the first boundary", "--" + boundary + "\r\n", "\r\n--" + boundary + "\r\n", true},
		{"two line ends before the first boundary", "--" + boundary + "\r\n", "\r\n\r\n--" + boundary + "\r\n", false},
		{"boundary in the preamble", "--" + boundary + "\r\n", "--" + boundary + "x\r\n\r\n--" + boundary + "\r\n", false},
		{"padding behind the boundary", "--" + boundary + "\r\n", "--" + boundary + " \r\n", false},
		{"LF behind the boundary", "--" + boundary + "\r\n", "--" + boundary + "\n", false},
		{"boundary prefix in a file", "\r\n--" + boundary + "--", "\r\n--" + boundary + "x\r\n--" + boundary + "--", false},
		{"boundary behind LF in a file", "\r\n--" + boundary + "--", "\n--" + boundary + "\r\n--" + boundary + "--", false},
		{"boundary inside a line of a file", "\r\n--" + boundary + "--", "x--" + boundary + "x\r\n--" + boundary + "--", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			form := goodForm(t)
			if tt.old != "" {
				require.Contains(t, form, tt.old)
				form = strings.Replace(form, tt.old, tt.new, 1)
			}
			w, s := send(t, middleware.Options{}, post([]byte(form), formType))
			if tt.ok {
				requirePassed(t, w, s, []byte(form))
				return
			}
			requireFailed(t, w, s, http.StatusBadRequest)
			require.Equal(t, `{"error":{"code":-1,"message":"malformed multipart body"}}`, w.Body.String())
		})
	}
	form := strings.ReplaceAll(goodForm(t), "\r\n", "\n")
	w, s := send(t, middleware.Options{}, post([]byte(form), formType))
	require.False(t, s.called, "a form with LF alone")
	require.GreaterOrEqual(t, w.Code, 400)
}

func TestBoundaryParameter(t *testing.T) {
	for _, contentType := range []string{
		"multipart/form-data",
		"multipart/form-data; boundary=",
		"multipart/form-data; boundary=a; boundary=" + boundary,
		"multipart/form-data; boundary*=utf-8''" + boundary,
		"multipart/form-data; boundary=" + strings.Repeat("b", 71),
		"multipart/form-data; boundary=\"",
	} {
		w, s := send(t, middleware.Options{}, post([]byte(goodForm(t)), contentType))
		requireFailed(t, w, s, http.StatusBadRequest)
	}
	r := post([]byte(goodForm(t)), formType)
	r.Header.Add("Content-Type", "image/png")
	w, s := send(t, middleware.Options{}, r)
	requireFailed(t, w, s, http.StatusBadRequest)
}

func TestPartsLimit(t *testing.T) {
	for _, n := range []int{31, 32, 33} {
		var fields []field
		for range n - 1 {
			fields = append(fields, field{name: "text", data: []byte("x")})
		}
		body, contentType := formBody(t, append(fields, field{name: "f", file: "f.png", data: goodPNG(t)})...)
		w, s := send(t, middleware.Options{}, post(body, contentType))
		if n <= 32 {
			requirePassed(t, w, s, body)
			continue
		}
		requireFailed(t, w, s, http.StatusBadRequest)
	}
}

func TestTextFieldLimit(t *testing.T) {
	for _, n := range []int{64<<10 - 1, 64 << 10, 64<<10 + 1} {
		body, contentType := formBody(t, field{name: "text", data: bytes.Repeat([]byte("x"), n)}, field{name: "f", file: "f.png", data: goodPNG(t)})
		w, s := send(t, middleware.Options{}, post(body, contentType))
		if n <= 64<<10 {
			requirePassed(t, w, s, body)
			continue
		}
		requireFailed(t, w, s, http.StatusBadRequest)
	}
}

// TestLongHeaderPastTheMemoryLimit has the shape of GO-2026-6608: a form that uses ParseMultipartForm's
// memory up but for some bytes, and then has a header line of megabytes, which Go up to 1.26.8
// reads into memory. It must reach no handler, and the line must not be read to its end. A text
// field alone cannot use that memory up: it would be refused for its own length.
func TestLongHeaderPastTheMemoryLimit(t *testing.T) {
	const left, line = 399, 64 << 20
	for _, memory := range []int{0, 1 << 20} { // of the handler's ParseMultipartForm
		start := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
		text := memory + 10<<20 - len("a") - 200 - left
		for _, size := range []int{text, 64 << 10} { // the second is a text field within our limit
			head := start + strings.Repeat("x", size) + "\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\""
			rest := &counted{Reader: io.LimitReader(endless('y'), line)}
			r := httptest.NewRequest(http.MethodPost, "/upload", io.MultiReader(strings.NewReader(head), rest))
			r.Header.Set("Content-Type", formType)
			w, s := send(t, middleware.Options{MaxRequestBytes: 256 << 20}, r)
			requireFailed(t, w, s, http.StatusBadRequest)
			require.Less(t, rest.n, 1<<20, "bytes read of the line")
		}
	}
}

// endless is a reader of one byte, over and over.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// TestTypedPartWithoutName checks that a part with the type of a file is a file.
func TestTypedPartWithoutName(t *testing.T) {
	form := strings.Replace(goodForm(t), `; filename="f.png"`, "", 1)
	w, s := send(t, middleware.Options{}, post([]byte(form), formType))
	requirePassed(t, w, s, []byte(form))
	require.Len(t, s.files, 1)
	form = strings.Replace(form, "PNG", "PMG", 1)
	w, s = send(t, middleware.Options{}, post([]byte(form), formType))
	requireRefused(t, w, s, 5)
}

// TestEveryPrefixOfAForm checks that no cut of a form passes or panics, and that only an empty
// one gets a verdict.
func TestEveryPrefixOfAForm(t *testing.T) {
	form := []byte(goodForm(t))
	final := len(form) - len("\r\n") // the CRLF after the final delimiter may be missing
	for n := range form {
		w, s := send(t, middleware.Options{}, post(form[:n], formType))
		switch n {
		case 0:
			requireRefused(t, w, s, 6)
		case final:
			requirePassed(t, w, s, form[:n])
		case final + 1: // CR alone
			require.False(t, s.called)
		default:
			requireFailed(t, w, s, http.StatusBadRequest)
		}
	}
}
