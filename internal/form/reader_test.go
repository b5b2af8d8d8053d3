package form_test

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/form"
)

const boundary = "----formBoundary7MA4YWxk"

// good is a form of one text field and one file. Each case breaks it with one edit.
const good = "--" + boundary + "\r\n" +
	"Content-Disposition: form-data; name=\"note\"\r\n\r\n" +
	"hello\r\n" +
	"--" + boundary + "\r\n" +
	"Content-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n" +
	"Content-Type: image/png\r\n\r\n" +
	"\x89PNG\r\n--\r\n\r\n" +
	"--" + boundary + "--\r\n"

type read struct {
	form.Part
	data string
}

// readAll reads a whole body.
func readAll(r io.Reader, boundary string) ([]read, error) {
	reader := form.NewReader(r, boundary)
	defer reader.Close()
	var parts []read
	for {
		p, err := reader.Next()
		if err == io.EOF {
			return parts, nil
		}
		if err != nil {
			return parts, err
		}
		var b bytes.Buffer
		if _, err := reader.Data(&b); err != nil {
			return parts, err
		}
		parts = append(parts, read{*p, b.String()})
	}
}

func TestReader(t *testing.T) {
	for name, r := range map[string]io.Reader{
		"whole":         strings.NewReader(good),
		"byte by byte":  iotest.OneByteReader(strings.NewReader(good)),
		"data with EOF": iotest.DataErrReader(strings.NewReader(good)),
		"no final line": strings.NewReader(good[:len(good)-2]),
		"line before":   iotest.OneByteReader(strings.NewReader("\r\n" + good)),
	} {
		t.Run(name, func(t *testing.T) {
			parts, err := readAll(r, boundary)
			require.NoError(t, err)
			require.Len(t, parts, 2)
			require.Equal(t, "note", parts[0].Name)
			require.True(t, parts[0].Text())
			require.Equal(t, "hello", parts[0].data)
			require.Equal(t, "image", parts[1].Name)
			require.Equal(t, "a.png", parts[1].FileName)
			require.False(t, parts[1].Text())
			require.Equal(t, "image/png", parts[1].Type)
			require.Equal(t, "\x89PNG\r\n--\r\n", parts[1].data)
			require.EqualValues(t, len(parts[1].data), parts[1].Size)
			if name != "line before" {
				require.EqualValues(t, strings.Index(good, "\x89"), parts[1].Offset)
			}
		})
	}
}

// TestReaderLarge checks that data over many windows is the same, wherever the delimiter
// falls.
func TestReaderLarge(t *testing.T) {
	for size := 32<<10 - 300; size < 32<<10+100; size++ {
		data := strings.Repeat("-\r\n-", size/4+1)[:size]
		body := strings.Replace(good, "hello", data, 1)
		parts, err := readAll(strings.NewReader(body), boundary)
		require.NoError(t, err)
		require.Equal(t, data, parts[0].data)
		require.EqualValues(t, strings.Index(body, "\x89"), parts[1].Offset)
	}
}

func TestReaderSkipsData(t *testing.T) {
	reader := form.NewReader(strings.NewReader(good), boundary)
	defer reader.Close()
	n := 0
	for ; ; n++ {
		if _, err := reader.Next(); err == io.EOF {
			break
		} else {
			require.NoError(t, err)
		}
	}
	require.Equal(t, 2, n)
	_, err := reader.Next()
	require.Equal(t, io.EOF, err, "it stays at the end")
}

// TestReaderErrors checks that errors of the source and the writer are returned unchanged.
func TestReaderErrors(t *testing.T) {
	broken := errors.New("broken")
	_, err := readAll(io.MultiReader(strings.NewReader(good[:60]), iotest.ErrReader(broken)), boundary)
	require.ErrorIs(t, err, broken)
	reader := form.NewReader(strings.NewReader(good), boundary)
	defer reader.Close()
	_, err = reader.Next()
	require.NoError(t, err)
	_, err = reader.Data(failing{broken})
	require.ErrorIs(t, err, broken)
	_, err = reader.Next()
	require.ErrorIs(t, err, broken, "an error is sticky")
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestEveryPrefixIsCut(t *testing.T) {
	for n := range len(good) - 1 {
		_, err := readAll(strings.NewReader(good[:n]), boundary)
		if n == len(good)-len("\r\n") {
			require.NoError(t, err)
			continue
		}
		var fault form.Error
		require.ErrorAs(t, err, &fault, "%q", good[:n])
	}
}

// TestHeaders says which part headers are accepted. Each case is one edit of a good form.
func TestHeaders(t *testing.T) {
	const name, file, kind = `name="image"`, `filename="a.png"`, `Content-Type: image/png`
	for _, tt := range []struct {
		old, new string
		fileName string // "" is refused
	}{
		{"", "", "a.png"},
		// Written by real clients.
		{name + "; " + file, `name=image; filename=a.png; filename*=utf-8''a%20b.png`, "a b.png"}, // .NET
		{name + "; " + file, `name=image; filename=it's.png; filename*=utf-8''it%27s.png`, "it's.png"},
		{name + "; " + file, `name="image"; filename*=utf-8''%C3%A9.png`, "é.png"}, // urllib3 1
		{name + "; " + file, `name="image"; filename*=UTF-8''%c3%a9.png`, "é.png"},
		{name + "; " + file, file + "; " + name, "a.png"}, // mime.FormatMediaType
		{name + "; " + file, name + ";" + file, "a.png"},
		{file, `filename="a\"b.png"`, `a"b.png`}, // curl before 7.81
		{file, `filename="a\\b.png"`, `a\b.png`},
		{file, `filename="a%22b;c=d, (1)'.png"`, `a%22b;c=d, (1)'.png`},
		{file, `filename="=?utf-8?B?w6kucG5n?="`, `=?utf-8?B?w6kucG5n?=`}, // .NET
		{file, `filename="C:\photos\a.png"`, `C:\photos\a.png`},           // old browsers
		{file, "filename=\"\xe9.png\"", "\xe9.png"},
		{file, `filename="dir/a.png"`, "a.png"},
		{name, `name="ctl00$Main:file_1-x.y[0][photo]"`, "a.png"},
		{name, `name="Ваше фото"`, "a.png"},
		{"Content-Type:", "content-type:", "a.png"},
		{"Content-Type: ", "Content-Type:", "a.png"},
		{kind, kind + "\r\nContent-Length: 10", "a.png"}, // OkHttp
		{kind, kind + "\r\nContent-Transfer-Encoding: binary", "a.png"},
		{kind, "Content-Type: video/webm;codecs=\"vp8, opus\"", "a.png"},
		{kind, "Content-Type: image/png; charset=UTF-8", "a.png"},
		{file, `filename="Å` + strings.Repeat("x", 990) + `.png"`, "Å" + strings.Repeat("x", 990) + ".png"},
		// Written by no client.
		{file, "filename=\"a\u0085.png\"", ""}, {file, "filename=\"a\u2028.png\"", ""}, {file, "filename=\"a\x85.png\"", ""}, {file, `filename*=utf-8''%c2%85`, ""},
		{kind, `Content-Type: image/png; x="filename=e.png"`, ""}, {kind, `Content-Type: text/plain; x=y`, ""}, {kind, "Content-Type: image/png; x=\"\u2028\"", ""},
		{kind, `Content-Type: image/png; x="` + strings.Repeat("x", 4096) + `"`, ""}, {kind, `Content-Type: image/png; filename=e.png`, ""},
		{name, `name=" image"`, ""}, {name, `name="image "`, ""}, {name, `name="'image'"`, ""}, {name, `name='image'`, ""},
		{name, `name="im\age"`, ""}, {name, `name="im\"age"`, ""}, {name, `name="=?utf-8?q?image?="`, ""}, {name, `name="im%61ge"`, ""},
		{name, `name="a;b"`, ""}, {name, `name="a=b"`, ""}, {name, `name=""`, ""}, {name, `name=`, ""}, {name, `name`, ""},
		{name, "name=\"im\u200bage\"", ""}, {name, "name=\"\u00a0image\"", ""}, {name, "name=\"\xff\"", ""},
		{name, `x-name="image"`, ""}, {name, `Name="image"`, ""}, {name, `name = "image"`, ""}, {name, `name*=utf-8''image`, ""},
		{name, name + `; name="other"`, ""}, {name, name + `; x="; filename=e.png"`, ""}, {name, `x='; y="'; ` + name + `; z="`, ""},
		{file, `filename="a; name=other"`, ""}, {file, `filename="a.png; filename=b"`, ""}, {file, `filename="x NAME* ='b'"`, ""},
		{file, `filename="a\"; name=other; b=\""`, ""}, {file, `filename="a\"b=c"`, ""}, {file, `filename="a\"`, ""},
		{name + "; " + file, `filename="a\"b.png"; name="image"`, ""},
		{file, `filename*=iso-8859-1''e.png`, ""}, {file, `filename*=utf-16''e.png`, ""}, {file, `filename*=utf-8''%zz.png`, ""},
		{file, `filename*=utf-8''%e9.png`, ""}, {file, `filename*="utf-8''e.png"`, ""}, {file, `filename*=e.png`, ""}, {file, `filename*=utf-8''%0a`, ""},
		{file, `filename*0="a"; filename*1=".png"`, ""}, {file, "filename=\"a\x00.png\"", ""}, {file, `filename=a b.png`, ""},
		{file, file + ";", ""}, {file, file + " ", ""}, {file, file + "x", ""}, {"; " + file, " ; " + file, ""}, {"; " + file, ";\t" + file, ""},
		{"form-data; " + name, "Form-Data; " + name, ""}, {"form-data; " + name, "attachment; " + name, ""}, {"form-data; " + name, "form-datax; " + name, ""},
		{"Content-Type:", "Content-Type :", ""}, {"Content-Disposition:", "Content-Di\u017fposition:", ""}, {"Content-Type:", " Content-Type:", ""}, {"Content-Type:", "X: y\r\nContent-Type:", ""},
		{"Content-Type:", "X: Content-Disposition: form-data; name=\"x\"\r\nContent-Type:", ""}, {"; " + file, ";\r\n " + file, ""}, {"; " + file, ";\n" + file, ""},
		{kind + "\r\n", kind + "\n", ""}, {kind, kind + "\r\nContent-Type: text/plain", ""}, {kind, "Content-Type: multipart/mixed; boundary=x", ""},
		{kind, "Content-Type: message/rfc822", ""}, {kind, "Content-Type: image/png; name=\"b.png\"", ""}, {kind, "Content-Type: image", ""},
		{kind, "Content-Type: image/png, text/plain", ""}, {kind, "Content-Type: image/png; charset=utf-7", ""}, {kind, "Content-Type:  image/png", ""},
		{kind, kind + "\r\nContent-Transfer-Encoding: base64", ""}, {kind, kind + "\r\nContent-Length: 11", ""}, {kind, kind + "\r\nContent-Length: +10", ""},
		{"Content-Disposition: form-data; " + name + "; " + file + "\r\n", "", ""},
	} {
		body := good
		if tt.old != "" {
			require.Contains(t, body, tt.old)
			body = strings.Replace(body, tt.old, tt.new, 1)
		}
		parts, err := readAll(strings.NewReader(body), boundary)
		if tt.fileName == "" {
			var fault form.Error
			require.ErrorAs(t, err, &fault, tt.new)
			continue
		}
		require.NoError(t, err, tt.new)
		require.Equal(t, tt.fileName, parts[1].FileName, tt.new)
		require.True(t, parts[1].Marked)
		require.Equal(t, "\x89PNG\r\n--\r\n", parts[1].data)
	}
}

// TestDelimiters checks that a delimiter may only be in its place.
func TestDelimiters(t *testing.T) {
	const d = "--" + boundary
	for _, body := range []string{
		" " + good, "\t" + good, "x" + good, "\n" + good, "\r\n\r\n" + good, "x\r\n" + good, "-" + good,
		good + "x", good + "\r\n", good + "\r\n" + d, good + good, strings.TrimSuffix(good, "\r\n") + "\n", strings.TrimSuffix(good, "\r\n") + " \r\n",
		strings.Replace(good, "hello", "hel"+d+"lo", 1), strings.Replace(good, "hello", "hello\n"+d+"\r\n", 1), strings.Replace(good, "hello", "hello\r"+d, 1),
		strings.Replace(good, "hello", "hello\r\n-"+d, 1), strings.Replace(good, "hello", "hello\r\n"+d+"x", 1), strings.Replace(good, "hello\r\n", "", 1),
		strings.Replace(good, "hello\r\n", "hello\n", 1), strings.Replace(good, "hello\r\n", "hello", 1), strings.Replace(good, d+"\r\n", d+" \r\n", 1),
		strings.Replace(good, d+"\r\n", d+"\n", 1), strings.Replace(good, "hello", "hello\r\n"+d+"-\r\n", 1), strings.Replace(good, "hello", "hello\r\n"+d+"--\r\n", 1),
		strings.Replace(good, "a.png", "a"+d+".png", 1),
	} {
		_, err := readAll(strings.NewReader(body), boundary)
		var fault form.Error
		require.ErrorAs(t, err, &fault, "%q", body)
	}
}

// TestHeaderLimit holds the limits of one line and of a whole header.
func TestHeaderLimit(t *testing.T) {
	const kind = `Content-Type: image/png; x=""`
	for n, ok := range map[int]bool{4096 - len(kind): true, 4097 - len(kind): false, 1 << 20: false} {
		body := strings.Replace(good, "Content-Type: image/png", kind[:len(kind)-1]+strings.Repeat("x", n)+`"`, 1)
		_, err := readAll(strings.NewReader(body), boundary)
		require.Equal(t, ok, err == nil, "%d: %v", n, err)
	}
	// Many short lines end at the limit of the whole header.
	endless := io.MultiReader(strings.NewReader("--"+boundary+"\r\n"), repeated("X: x\r\n"))
	_, err := readAll(endless, boundary)
	require.Equal(t, form.Error("part header too long"), err)
}

// repeated is an endless reader.
type repeated string

func (r repeated) Read(p []byte) (int, error) {
	n := 0
	for n+len(r) <= len(p) {
		n += copy(p[n:], r)
	}
	return n, nil
}

func TestParseType(t *testing.T) {
	for v, boundary := range map[string]string{
		"multipart/form-data; boundary=abc":                        "abc",
		"multipart/form-data;boundary=abc":                         "abc",
		"multipart/form-data;boundary=*****":                       "*****",
		"multipart/form-data ; boundary=abc":                       "abc",
		"Multipart/Form-Data; Boundary=abc":                        "abc",
		`multipart/form-data; boundary="abc"`:                      "abc",
		`multipart/form-data; boundary="===a=/:b"`:                 "===a=/:b",
		"multipart/form-data; charset=utf-8; boundary=abc":         "abc",
		"multipart/form-data; boundary=abc; charset=ISO-8859-1":    "abc",
		"multipart/form-data; boundary=" + strings.Repeat("b", 70): strings.Repeat("b", 70),
	} {
		typ, err := form.ParseType(v)
		require.NoError(t, err, v)
		got, err := typ.Boundary()
		require.NoError(t, err, v)
		require.Equal(t, boundary, got)
	}
	for _, v := range []string{
		"", "x", "image/", "/png", "image/png/x", "image png", "image/png, multipart/form-data; boundary=evil", "image/multipart; x=y",
		"image/png; boundary=x", "application/x-multipart", `image/png; x="multipart/form-data; y"`, "text/plain; charset=utf-7", "text/plain; charset=utf-16",
		"application/form-data", `image/png; x="a\"b"`, `image/png; x="a;b"`, "image/png; x=y; X=z", "image/png; x*=utf-8''y", "image/png;\tx=y", "image/png\t",
		"multipart/form-data", "multipart/form-data; boundary=", `multipart/form-data; boundary=""`, "multipart/form-data; boundary=a b", "multipart/form-data; boundary=a;",
		"multipart/form-data; xboundary=evil; boundary=good", "multipart/form-data; boundary=evil; boundary=good", "multipart/form-data; boundary=evil; Boundary=good",
		`multipart/form-data; boundary="evil,x"`, `multipart/form-data; boundary="ev\"il"`, `multipart/form-data; a="; boundary=evil; "; boundary=good`,
		`multipart/form-data; boundary="=?utf-8?q?evil?="`, `multipart/form-data; boundary="a b"`, `multipart/form-data; boundary=" a"`, `multipart/form-data; boundary='a'`,
		"multipart/form-data; boundary*=utf-8''a", "multipart/form-data; boundary*0=a", "multipart/form-data; boundary = a", "multipart/form-data, boundary=a",
		"multipart/form-data; boundary=-----", "multipart/form-data; boundary=" + strings.Repeat("b", 71), "multipart/form-data; charset=utf-16; boundary=a", "multipart/form-data boundary=a",
	} {
		typ, err := form.ParseType(v)
		if err == nil && typ.Media == form.FormData {
			_, err = typ.Boundary()
		}
		require.Error(t, err, v)
	}
}

// TestCanonical checks that Go's parser and ours read the canonical form alike, whatever
// the names are.
func TestCanonical(t *testing.T) {
	for _, name := range []string{"a.png", `a"b\c;d=e.png`, "é.png", "\xff.png", "it's 100%.png", ""} {
		p := &form.Part{Name: "image[]", FileName: name, Marked: true}
		out := form.NewCanonical()
		body := string(out.Header(p, true, "image/png")) + "data" + string(out.AfterData()) +
			string(out.Header(&form.Part{Name: "text"}, false, "")) + string(out.AfterData()) + string(out.End())
		typ, err := form.ParseType(out.ContentType())
		require.NoError(t, err)
		boundary, err := typ.Boundary()
		require.NoError(t, err)
		parts, err := readAll(strings.NewReader(body), boundary)
		require.NoError(t, err, body)
		require.Len(t, parts, 2)
		require.Equal(t, "image[]", parts[0].Name)
		require.True(t, parts[0].Marked)
		require.Equal(t, "data", parts[0].data)
		require.True(t, parts[1].Text())
		std := multipart.NewReader(strings.NewReader(body), boundary)
		first, err := std.NextPart()
		require.NoError(t, err)
		require.Equal(t, parts[0].FileName, first.FileName())
	}
	require.NotEqual(t, form.NewCanonical(), form.NewCanonical())
}

// chunks reads the data of a part by Chunk.
func chunks(r *form.Reader) (string, error) {
	var got strings.Builder
	for {
		b, err := r.Chunk()
		if err == io.EOF {
			return got.String(), nil
		}
		if err != nil {
			return "", err
		}
		if len(b) == 0 {
			return "", errors.New("an empty chunk")
		}
		got.Write(b)
	}
}

// TestDataAndChunk checks that the data is the same however it is asked for, and that a part
// which is not read to its end is skipped.
func TestDataAndChunk(t *testing.T) {
	data := strings.Repeat("-\r\n-"+boundary[:7]+"\x00", 20_000)
	body := strings.Replace(strings.Replace(good, "hello", data, 1), "image\"", "photo\"", 1)
	read := func(src io.Reader, pull func(*form.Reader) (string, error)) (got string, size int64) {
		reader := form.NewReader(src, boundary)
		defer reader.Close()
		p, err := reader.Next()
		require.NoError(t, err)
		got, err = pull(reader)
		require.NoError(t, err)
		next, err := reader.Next()
		require.NoError(t, err)
		require.Equal(t, "photo", next.Name)
		_, err = reader.Next()
		require.Equal(t, io.EOF, err)
		return got, p.Size
	}
	for name, pull := range map[string]func(*form.Reader) (string, error){
		"Chunk": chunks,
		"Data": func(r *form.Reader) (string, error) {
			var got strings.Builder
			_, err := r.Data(&got)
			return got.String(), err
		},
		"Chunk, then Data": func(r *form.Reader) (string, error) {
			var got strings.Builder
			b, err := r.Chunk()
			got.Write(b)
			_, dataErr := r.Data(&got)
			return got.String(), errors.Join(err, dataErr)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, src := range []io.Reader{strings.NewReader(body), &shortReader{r: strings.NewReader(body)}} {
				got, size := read(src, pull)
				require.True(t, data == got)
				require.EqualValues(t, len(data), size)
			}
		})
	}
	_, size := read(strings.NewReader(body), func(r *form.Reader) (string, error) {
		_, err := r.Chunk()
		return "", err
	})
	require.EqualValues(t, len(data), size, "skipped, and counted")
}

// TestChunkOfABrokenPart checks that Chunk says what Data says.
func TestChunkOfABrokenPart(t *testing.T) {
	for _, body := range []string{
		strings.Replace(good, "hello", "hel--"+boundary+"lo", 1),
		good[:len(good)-len(boundary)],
		strings.Replace(good, "image/png", "image/png\r\nContent-Length: 11", 1),
	} {
		_, want := readAll(strings.NewReader(body), boundary)
		require.Error(t, want)
		reader := form.NewReader(strings.NewReader(body), boundary)
		var err error
		for err == nil {
			if _, err = reader.Next(); err == nil {
				_, err = chunks(reader)
			}
		}
		reader.Close()
		require.Equal(t, want, err)
	}
}
