package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/examples/internal/try"
)

const mutation = "mutation($image: Upload!) { uploadPhoto(image: $image) { format width } }"

type answer struct {
	Data   map[string]map[string]any
	Errors []struct {
		Message    string
		Path       []any
		Extensions map[string]any
	}
}

// upload posts a form as the multipart request specification has it. A chunked one tells no length.
func upload(t *testing.T, url, query string, file []byte, chunked bool) answer {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	operations, err := json.Marshal(map[string]any{"query": query, "variables": map[string]any{"image": nil}})
	require.NoError(t, err)
	require.NoError(t, form.WriteField("operations", string(operations)))
	require.NoError(t, form.WriteField("map", `{"0":["variables.image"]}`))
	part, err := form.CreateFormFile("0", "photo.jpg")
	require.NoError(t, err)
	_, err = part.Write(file)
	require.NoError(t, err)
	require.NoError(t, form.Close())
	var r io.Reader = &body
	if chunked {
		r = io.MultiReader(r)
	}
	resp, err := http.Post(url, form.FormDataContentType(), r)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	var a answer
	require.NoError(t, json.Unmarshal(text, &a), "%s", text)
	return a
}

func newServer(t *testing.T) string {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none")) // nothing is written to temporary files
	handler, err := newHandler()
	require.NoError(t, err)
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestUpload(t *testing.T) {
	url := newServer(t)
	for _, p := range try.Pictures(t) {
		for name, chunked := range map[string]bool{"length": false, "chunked": true} {
			t.Run(p.Name+"/"+name, func(t *testing.T) {
				a := upload(t, url, mutation, p.File, chunked)
				if p.Code < 0 {
					require.Empty(t, a.Errors)
					require.Equal(t, "jpeg", a.Data["uploadPhoto"]["format"])
					require.Positive(t, a.Data["uploadPhoto"]["width"])
					return
				}
				require.Nil(t, a.Data["uploadPhoto"])
				require.Len(t, a.Errors, 1)
				require.Equal(t, p.Message, a.Errors[0].Message)
				require.Equal(t, []any{"uploadPhoto"}, a.Errors[0].Path)
				require.Equal(t, map[string]any{"code": "BAD_USER_INPUT", "fileCode": float64(p.Code), "reason": p.Reason}, a.Errors[0].Extensions)
			})
		}
	}
}

// TestLimits: a form over the limit is gqlgen's to refuse, and one file is verified once.
func TestLimits(t *testing.T) {
	url := newServer(t)
	for _, chunked := range []bool{false, true} {
		a := upload(t, url, mutation, make([]byte, 12<<20), chunked)
		require.Len(t, a.Errors, 1)
		require.Empty(t, a.Errors[0].Extensions)
		require.Empty(t, a.Data)
	}
	many := "mutation($image: Upload!) { a: uploadPhoto(image: $image) { width } b: uploadPhoto(image: $image) { width } }"
	a := upload(t, url, many, try.Pictures(t)[0].File, false)
	require.Len(t, a.Errors, 1)
	require.Equal(t, "COMPLEXITY_LIMIT_EXCEEDED", a.Errors[0].Extensions["code"])
	require.Empty(t, a.Data)
}

// TestQuery: a body that is no form is read up to its limit.
func TestQuery(t *testing.T) {
	url := newServer(t)
	query := `{"query":"{ version }"}`
	for size, want := range map[int]string{maxQuery: "only mutations", maxQuery + 1: "could not read request body: http: request body too large"} {
		resp, err := http.Post(url, "application/json", strings.NewReader(query+strings.Repeat(" ", size-len(query))))
		require.NoError(t, err)
		defer resp.Body.Close()
		var a answer
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&a))
		require.Equal(t, want, a.Errors[0].Message)
	}
}

// TestRequests: more requests than there is memory for are told so.
func TestRequests(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	handler := limited(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { begun <- struct{}{}; <-end }))
	post := func() int {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
		return w.Code
	}
	var wg sync.WaitGroup
	for range maxRequests {
		wg.Go(func() { post() })
		<-begun
	}
	require.Equal(t, http.StatusServiceUnavailable, post())
	close(end)
	wg.Wait()
	wg.Go(func() { <-begun })
	require.Equal(t, http.StatusOK, post())
	wg.Wait()
}

// TestFailure: what fails in the service is told to its log alone.
func TestFailure(t *testing.T) {
	require.NotContains(t, graphqlError(t.Context(), errors.New("secret")).Error(), "secret")
}
