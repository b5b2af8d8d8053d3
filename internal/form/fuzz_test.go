package form_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/form"
)

// minSeeds is how many bodies the fuzz target must start from.
const minSeeds = 60

// FuzzReader checks that mime/multipart reads an accepted body as the same parts, that the
// verdict does not depend on how the body arrives, and that each part is at its Offset.
func FuzzReader(f *testing.F) {
	contentType := "multipart/form-data; boundary=" + boundary
	seeds := 0
	add := func(contentType, body string) {
		f.Add(contentType, []byte(body))
		seeds++
	}
	for i := 0; i < len(good); i += 5 {
		add(contentType, good[:i]+"--"+boundary+good[i:])
	}
	for _, edit := range []string{
		`name=image; filename=a.png; filename*=utf-8''a%20b.png`, `name="image"; filename*=utf-8''%C3%A9.png`, `filename="a.png"; name="image"`,
		`name="image"; filename="a\"b.png"`, `name="image"; filename="C:\a.png"`, `name="image"; filename=it's.png`, `name="image"; filename=""`,
		`name="image[]"; filename="a;b=c.png"`, `name="image"`, `name="image"; filename="x` + "\xe9" + `.png"`,
	} {
		add(contentType, strings.Replace(good, `name="image"; filename="a.png"`, edit, 1))
	}
	add(`multipart/form-data; boundary="`+boundary+`"; charset=utf-8`, good)
	add(contentType, "\r\n"+good)
	add("multipart/form-data; boundary=b", strings.ReplaceAll(good, boundary, "b"))
	if seeds < minSeeds {
		f.Fatalf("%d seeds, at least %d are needed", seeds, minSeeds)
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		typ, err := form.ParseType(contentType)
		if err != nil || typ.Media != form.FormData {
			return
		}
		boundary, err := typ.Boundary()
		if err != nil {
			return
		}
		_, params, err := mime.ParseMediaType(contentType)
		require.NoError(t, err, "a type passed that Go's parser refuses")
		require.Equal(t, params["boundary"], boundary)

		parts, err := readAll(bytes.NewReader(body), boundary)
		slow, slowErr := readAll(&shortReader{r: bytes.NewReader(body)}, boundary)
		require.Equal(t, err, slowErr)
		require.Equal(t, parts, slow)
		if err != nil {
			return
		}
		std := multipart.NewReader(bytes.NewReader(body), boundary)
		for _, p := range parts {
			require.Equal(t, p.data, string(body[p.Offset:p.Offset+p.Size]))
			q, err := std.NextRawPart()
			require.NoError(t, err, "a form passed that Go's parser refuses")
			data, err := io.ReadAll(q)
			require.NoError(t, err)
			require.Equal(t, p.data, string(data))
			require.Equal(t, p.Name, q.FormName())
			require.Equal(t, p.FileName, q.FileName())
			if q.FileName() != "" {
				require.True(t, p.Marked)
			}
		}
		_, err = std.NextRawPart()
		require.Equal(t, io.EOF, err, "Go's parser finds another part")
	})
}

// shortReader reads one, two, three, ... bytes at a time.
type shortReader struct {
	r io.Reader
	n int
}

func (s *shortReader) Read(p []byte) (int, error) {
	s.n = s.n%97 + 1
	return s.r.Read(p[:min(len(p), s.n)])
}
