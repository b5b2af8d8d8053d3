package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/clitest"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/uploads"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// openAPI is the part of docs/openapi.json that the tests hold to the code.
type openAPI struct {
	OpenAPI string `json:"openapi"`
	Paths   map[string]map[string]struct {
		RequestBody struct {
			Content map[string]struct {
				Schema struct {
					Properties map[string]any `json:"properties"`
				} `json:"schema"`
			} `json:"content"`
		} `json:"requestBody"`
		Responses map[string]struct {
			Headers map[string]any `json:"headers"`
			Content map[string]struct {
				Examples map[string]struct {
					Value json.RawMessage `json:"value"`
				} `json:"examples"`
			} `json:"content"`
		} `json:"responses"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]struct {
			Properties map[string]json.RawMessage `json:"properties"`
		} `json:"schemas"`
	} `json:"components"`
}

const jsonType = "application/json"

func readOpenAPI(t *testing.T) openAPI {
	b, err := os.ReadFile("../../../../docs/openapi.json")
	require.NoError(t, err)
	var doc openAPI
	require.NoError(t, json.Unmarshal(b, &doc))
	return doc
}

// answers returns the documented bodies of refusals by their status.
func (doc openAPI) answers(t *testing.T) map[int][]string {
	all := map[int][]string{}
	for name, response := range doc.Paths[PipelinePath]["post"].Responses {
		status, err := strconv.Atoi(name)
		require.NoError(t, err)
		for _, example := range response.Content[jsonType].Examples {
			var compact bytes.Buffer
			require.NoError(t, json.Compact(&compact, example.Value))
			all[status] = append(all[status], compact.String())
		}
	}
	return all
}

// TestOpenAPIIsTheCode: the path, its fields, the six codes with their statuses, and every message
// of a request that failed are those of the code, and no others.
func TestOpenAPIIsTheCode(t *testing.T) {
	doc := readOpenAPI(t)
	require.Regexp(t, `^3\.1\.\d$`, doc.OpenAPI)
	require.Equal(t, []string{PipelinePath}, slices.Collect(maps.Keys(doc.Paths)))
	form := doc.Paths[PipelinePath]["post"].RequestBody.Content["multipart/form-data"].Schema.Properties
	require.ElementsMatch(t, []string{"token", ImageField}, slices.Collect(maps.Keys(form)))

	var want, failures []string
	for code := validate.Code(-5); code < 100; code++ {
		if code.Message() != "" {
			b, err := (&validate.Error{Code: code}).MarshalJSON()
			require.NoError(t, err)
			want = append(want, strconv.Itoa(middleware.StatusOf(code))+" "+string(b))
		}
	}
	require.Len(t, want, 6)
	for _, m := range messages(t) {
		failures = append(failures, `{"error":{"code":-1,"message":"`+m+`"}}`)
	}
	var verdicts, failed []string
	for status, bodies := range doc.answers(t) {
		for _, body := range bodies {
			if strings.Contains(body, `"code":-1`) {
				failed = append(failed, body)
				continue
			}
			verdicts = append(verdicts, strconv.Itoa(status)+" "+body)
		}
	}
	require.ElementsMatch(t, want, verdicts)
	require.ElementsMatch(t, failures, failed)

	var refusal struct {
		Properties struct {
			Code, Message struct{ Enum []any }
		}
	}
	require.NoError(t, json.Unmarshal(doc.Components.Schemas["Refusal"].Properties["error"], &refusal))
	require.Len(t, refusal.Properties.Code.Enum, 7)
	require.Len(t, refusal.Properties.Message.Enum, 6+len(failures))
}

// messages returns every message of an operational failure that the middleware's source has.
func messages(t *testing.T) []string {
	names, err := filepath.Glob("../../../../middleware/*.go")
	require.NoError(t, err)
	found := map[string]bool{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?:message: |badRequest\(|unsupportedCoding = )"([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
			found[m[1]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// TestOpenAPIAnswers sends what ends in each of the codes and in the failures that can be had
// without waiting: each answer is one of those documented for its status, to the byte.
func TestOpenAPIAnswers(t *testing.T) {
	doc := readOpenAPI(t)
	documented := doc.answers(t)
	opts := middleware.Options{Authorize: uploads.Authorizer([]string{"secret"}, "expired"), MaxRequestBytes: 11 << 20, ProblemJSON: true}
	opts.Validate.Faces = validate.FaceFinderFunc(func(context.Context, image.Image) ([]validate.Face, error) { return nil, nil })
	srv := newTestServer(t, opts)
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)

	seen := map[string]bool{}
	answered := func(res *http.Response, body string) {
		t.Helper()
		require.Contains(t, documented[res.StatusCode], body)
		require.Equal(t, "application/json; charset=utf-8", res.Header.Get("Content-Type"))
		seen[body] = true
	}
	huge := append(bytes.Clone(png), make([]byte, 10<<20)...)
	for _, c := range []struct {
		token string
		file  []byte
	}{{"wrong", png}, {"expired", png}, {"secret", huge}, {"secret", png}, {"secret", png[:60]}, {"secret", nil}} {
		answered(clitest.Upload(t, srv.URL, c.token, "a.png", c.file))
	}
	codes := len(seen)
	require.Equal(t, 6, codes)

	send := func(contentType, coding, accept, body string) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+PipelinePath, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer secret")
		req.Header.Set("Content-Type", contentType)
		if coding != "" {
			req.Header.Set("Content-Encoding", coding)
		}
		req.Header.Set("Accept", accept)
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res, string(b)
	}
	part := func(field, text string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + field + "\"" + text
	}
	for _, c := range [][3]string{
		{"multipart/form-data; boundary=b", "", "no delimiter"},
		{"multipart/form-data; boundary=b", "", part("other", "; filename=\"a.png\"\r\n\r\n"+string(png)+"\r\n--b--\r\n")},
		{"multipart/form-data; boundary=b", "", part("token", "\r\n\r\nwrong\r\n") + part(ImageField, "; filename=\"a.png\"\r\n\r\n"+string(png)+"\r\n--b--\r\n")},
		{"multipart/form-data", "", "no boundary"},
		{"image/png", "br", string(png)},
	} {
		answered(send(c[0], c[1], "*/*", c[2]))
	}
	require.Equal(t, codes+4, len(seen), "the form without a boundary ends as the one without a delimiter")

	res, body := send("image/png", "", "application/problem+json", "GIF89a")
	require.Equal(t, "application/problem+json", res.Header.Get("Content-Type"))
	var problem map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &problem))
	for name := range problem {
		require.Contains(t, doc.Components.Schemas["Problem"].Properties, name)
	}

	plain := newTestServer(t, middleware.Options{})
	res, body = clitest.Upload(t, plain.URL, "", "a.png", png)
	require.Equal(t, http.StatusOK, res.StatusCode)
	var result map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(body), &result))
	require.Equal(t, []string{"result"}, slices.Collect(maps.Keys(result)))
	var verdict validate.Verdict
	require.NoError(t, json.Unmarshal(result["result"], &verdict))
	require.False(t, reflect.ValueOf(verdict).IsZero())
}
