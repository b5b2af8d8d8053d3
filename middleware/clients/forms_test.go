package clients_test

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/middleware"
)

// written are forms as clients write them that are not run here. B stands for the
// boundary, P for the picture; line ends are CRLF.
var written = []struct{ name, boundary, kind, body string }{
	{
		".NET MultipartFormDataContent", "0d5e8e4c-5d0a-4b8e-9a52-0f6f3d8a1c11", `multipart/form-data; boundary="B"`, `--B
Content-Type: text/plain; charset=utf-8
Content-Disposition: form-data; name=note

größe
--B
Content-Type: image/png
Content-Disposition: form-data; name=image; filename=a.png; filename*=utf-8''a.png

P
--B--
`,
	}, {
		".NET, a file name that is not ASCII", "0d5e8e4c-5d0a-4b8e-9a52-0f6f3d8a1c11", `multipart/form-data; boundary="B"`, `--B
Content-Disposition: form-data; name=image; filename="=?utf-8?B?Z3LDtsOfZS5wbmc=?="; filename*=utf-8''gr%C3%B6%C3%9Fe.png

P
--B--
`,
	}, {
		".NET, HttpWebRequest by hand", "---------------------------8dd0f3b2a1c4e5f", "multipart/form-data; boundary=B", `
--B
Content-Disposition: form-data; name="note"

x
--B
Content-Disposition: form-data; name="image"; filename="a.png"
Content-Type: image/png

P
--B--
`,
	}, {
		"OkHttp", "6d2f7d2e-1c6b-4a39-8a0e-4c1b8a1f7e55", "multipart/form-data; boundary=B", `--B
Content-Disposition: form-data; name="note"
Content-Length: 1

x
--B
Content-Disposition: form-data; name="image"; filename="größe 图.png"
Content-Type: image/png
Content-Length: LENGTH

P
--B--
`,
	}, {
		"Retrofit, @Part RequestBody", "6d2f7d2e-1c6b-4a39-8a0e-4c1b8a1f7e55", "multipart/form-data; boundary=B", `--B
Content-Disposition: form-data; name="note"
Content-Transfer-Encoding: binary
Content-Type: application/json; charset=UTF-8
Content-Length: 7

{"a":1}
--B
Content-Disposition: form-data; name="image"; filename="a.png"
Content-Transfer-Encoding: binary
Content-Type: image/png
Content-Length: LENGTH

P
--B--
`,
	}, {
		"Dart http", "dart-http-boundary-+_.-aZ09bY18cX27dW36eV45fU54gT63hS72iR81jQ90k", "multipart/form-data; boundary=B", `--B
content-disposition: form-data; name="note"
content-type: text/plain; charset=utf-8
content-transfer-encoding: binary

größe
--B
content-type: image/png
content-disposition: form-data; name="image"; filename="a.png"

P
--B--
`,
	}, {
		"Dart dio", "--dio-boundary-0123456789", "multipart/form-data; boundary=B", `--B
content-disposition: form-data; name="note"

x
--B
content-disposition: form-data; name="image"; filename="a.png"
content-type: image/png

P
--B--
`,
	}, {
		"Apache HttpClient 4, STRICT", "Vd5xvGxmOtYkX-0B1uP9Mz_QwErTy", "multipart/form-data; boundary=B", `--B
Content-Disposition: form-data; name="note"
Content-Type: text/plain; charset=ISO-8859-1
Content-Transfer-Encoding: 8bit

x
--B
Content-Disposition: form-data; name="image"; filename="a.png"
Content-Type: application/octet-stream
Content-Transfer-Encoding: binary

P
--B--
`,
	}, {
		"Apache HttpClient 5, EXTENDED", "httpclient_boundary_8e4b7b2a-4c7e-4c80-93c5-3d5d4b2c0c7f", "multipart/form-data; charset=UTF-8; boundary=B", `--B
Content-Disposition: form-data; name="image"; filename="gro?e.png"; filename*=UTF-8''gr%C3%B6%C3%9Fe.png
Content-Type: image/png

P
--B--
`,
	}, {
		"Spring RestTemplate", "y1Tq5tTb9FzZ_o7hYb0kHj3RrWcVnMx", "multipart/form-data;boundary=B;charset=UTF-8", `--B
Content-Disposition: form-data; name="note"
Content-Type: text/plain;charset=UTF-8
Content-Length: 1

x
--B
Content-Disposition: form-data; name="image"; filename="a.png"
Content-Type: image/png
Content-Length: LENGTH

P
--B--
`,
	}, {
		"libwww-perl", "xYzZY", "multipart/form-data; boundary=B", `--B
Content-Disposition: form-data; name="note"

x
--B
Content-Disposition: form-data; name="image"; filename="a.png"
Content-Type: image/png

P
--B--
`,
	}, {
		"urllib3 1.25 and before", "8a1f0c2d3e4b5a69788796a5b4c3d2e1", "multipart/form-data; boundary=B", `--B
Content-Disposition: form-data; name="image"; filename*=utf-8''gr%C3%B6%C3%9Fe.png
Content-Type: image/png

P
--B--
`,
	}, {
		"urllib3 2", "8a1f0c2d3e4b5a69788796a5b4c3d2e1", "multipart/form-data; boundary=B", `--B
Content-Disposition: form-data; name="image"; filename="größe %22x%22.png"
Content-Type: image/png

P
--B--
`,
	}, {
		"Firefox", "---------------------------9051914041544843365972754266", "multipart/form-data; boundary=B", `--B
Content-Disposition: form-data; name="note"

größe
--B
Content-Disposition: form-data; name="image"; filename="a %22b%22.png"
Content-Type: image/png

P
--B--
`,
	}, {
		"Safari, URLSession, Alamofire", "alamofire.boundary.0f1e2d3c4b5a6978", "multipart/form-data; boundary=B", `--B
Content-Disposition: form-data; name="note"

x
--B
Content-Disposition: form-data; name="image"; filename="a.png"
Content-Type: image/png

P
--B--
`,
	}, {
		"AFNetworking", "Boundary+0A1B2C3D4E5F6071", "multipart/form-data; boundary=B", `--B
Content-Disposition: form-data; name="note"

x
--B
Content-Disposition: form-data; name="image"; filename="a.png"
Content-Type: image/png

P
--B--
`,
	}, {
		"React Native, iOS", "jUyT7bQmP0sDfGhJkLzXcVbN", `multipart/form-data; boundary="B"`, `--B
content-disposition: form-data; name="image"; filename="a.png"; filename*=utf-8''a.png
content-type: image/png

P
--B--
`,
	}, {
		"Postman", "--------------------------614285038237041842573912", "multipart/form-data; boundary=B", `--B
Content-Disposition: form-data; name="image"; filename="a.png"
Content-Type: image/png

P
--B--
`,
	}, {
		"Python's package email", "===============7330845974216740156==", `multipart/form-data; boundary="B"`, `--B
Content-Type: image/png
Content-Disposition: form-data; name="image"; filename="a.png"

P
--B--
`,
	}, {
		"wget by hand, without a last line end", "AaB03x", "multipart/form-data; boundary=B", `--B
Content-Disposition: form-data; name="image"; filename="a.png"
Content-Type: image/png

P
--B--`,
	}, {
		"FilePond", "----WebKitFormBoundaryABCdef0123456789", "multipart/form-data; boundary=B", `--B
Content-Disposition: form-data; name="filepond"

{}
--B
Content-Disposition: form-data; name="filepond"; filename="a.png"
Content-Type: image/png

P
--B--
`,
	}, {
		"PHP and Rails names", "----WebKitFormBoundaryABCdef0123456789", "multipart/form-data; boundary=B", `--B
Content-Disposition: form-data; name="user[name]"

x
--B
Content-Disposition: form-data; name="files[]"; filename="a.png"
Content-Type: image/png

P
--B--
`,
	},
	{"wget --post-file", "", "application/x-www-form-urlencoded", "P"},
	{"no type", "", "", "P"},
	{"AWS SDK", "", "binary/octet-stream", "P"},
}

// TestWrittenForms sends them through every door.
func TestWrittenForms(t *testing.T) {
	d := newDesk(t)
	picture, err := os.ReadFile(d.png)
	require.NoError(t, err)
	for _, door := range doors {
		for _, f := range written {
			body := strings.ReplaceAll(f.body, "\n", "\r\n")
			body = strings.NewReplacer("--B", "--"+f.boundary, "LENGTH", fmt.Sprint(len(picture))).Replace(body)
			before, behind, found := strings.Cut(body, "P\r\n--")
			if found {
				body = before + string(picture) + "\r\n--" + behind
			} else {
				body = string(picture)
			}
			kind := strings.Replace(f.kind, "=B", "="+f.boundary, 1)
			kind = strings.Replace(kind, `="B"`, `="`+f.boundary+`"`, 1)
			post(t, d, door.path, f.name, kind, []byte(body))
		}
	}
	d.finish(t, len(written))
}

// TestJSONBlob: a page sends JSON for Spring's @RequestPart as a Blob, which every
// browser gives the file name "blob". It is a file to every parser, and passes where
// other files may.
func TestJSONBlob(t *testing.T) {
	d := newDesk(t)
	m, err := middleware.New(middleware.Options{Fields: []string{"image"}, OtherFiles: true, Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	d.mux.Handle("/other", d.record(m, false))
	picture, err := os.ReadFile(d.png)
	require.NoError(t, err)
	const head = "--B\r\nContent-Disposition: form-data; name=\"data\"; filename=\"blob\"\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n" +
		"--B\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n"
	post(t, d, "/other", "a blob of JSON and a photo", "multipart/form-data; boundary=B", []byte(head+string(picture)+"\r\n--B--\r\n"))
	require.Equal(t, 1, d.seen["/other"])
	d.finish(t, 0)
}
