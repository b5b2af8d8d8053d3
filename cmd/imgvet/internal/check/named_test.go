package check

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/middleware"
)

// extensions are those of the five formats, some that say nothing, and every string in
// the middleware's source, which holds the extensions of what is no picture of ours.
func extensions(t *testing.T) []string {
	all := []string{"", "txt", "1", "final", "PNG", "Jpg", "HEIC"}
	for _, f := range []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP} {
		all = append(all, f.Extensions()...)
	}
	source, err := parser.ParseFile(token.NewFileSet(), "../../../../middleware/declared.go", nil, 0)
	require.NoError(t, err)
	n := len(all)
	ast.Inspect(source, func(node ast.Node) bool {
		if lit, ok := node.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, err := strconv.Unquote(lit.Value)
			require.NoError(t, err)
			if text != "" && !bytes.ContainsAny([]byte(text), "/. ") {
				all = append(all, text)
			}
		}
		return true
	})
	require.Greater(t, len(all), n+20, "the middleware's list was found")
	return all
}

// TestMisnamedAsInTheMiddleware: a name is a mismatch here exactly where the middleware
// refuses it.
func TestMisnamedAsInTheMiddleware(t *testing.T) {
	mw := middleware.Must(middleware.New(middleware.Options{RefuseTypeMismatch: true, Logger: slog.New(slog.DiscardHandler)}))
	handler := mw.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	seen := map[bool]int{}
	for f, path := range map[detect.Format]string{
		detect.PNG: "png/pngsuite-basn0g02.png", detect.JPEG: "jpeg/cjpeg-1x1.jpg", detect.HEIC: "heic/heif-enc-odd-size-17x9.heic",
		detect.BMP: "bmp/pillow-1.bmp", detect.WebP: "webp/cwebp-lossy-1x1.webp",
	} {
		file, err := os.ReadFile("../../../../testdata/good/" + path)
		require.NoError(t, err)
		for _, ext := range extensions(t) {
			for _, name := range []string{"a." + ext, "a." + ext + ".jpg"} {
				var body bytes.Buffer
				form := multipart.NewWriter(&body)
				part, err := form.CreateFormFile("photo", name)
				require.NoError(t, err)
				_, err = part.Write(file)
				require.NoError(t, err)
				require.NoError(t, form.Close())
				r := httptest.NewRequest(http.MethodPost, "/", &body)
				r.Header.Set("Content-Type", form.FormDataContentType())
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				require.Contains(t, []int{http.StatusOK, http.StatusUnprocessableEntity}, w.Code, "%s: %s", name, w.Body)
				refused := w.Code != http.StatusOK
				require.Equal(t, refused, misnamed("folder.gif/"+name, f), "%s called %s", f, name)
				seen[refused]++
			}
		}
	}
	require.Greater(t, seen[true], 100)
	require.Greater(t, seen[false], 50)
}
