package fuzz

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/fuzz/internal/readings"
	"github.com/imgvet/imgvet/validate"
)

// TestReadingsAreWellBuilt: names are unique and of their class, the same comes
// every time, each class has enough of both kinds, what may arrive is a good
// picture, and what must not arrive is there and is none.
func TestReadingsAreWellBuilt(t *testing.T) {
	_, err := validate.Bytes(t.Context(), readings.Foreign(), validate.Options{})
	var refusal *validate.Error
	require.ErrorAs(t, err, &refusal, "what must not arrive is refused")
	res, err := validate.Bytes(t.Context(), readings.Hiding([]byte("x")), validate.Options{})
	require.NoError(t, err)
	require.Empty(t, res.Warnings)

	var again []Reading
	for r := range Readings("") {
		again = append(again, r)
	}
	crafted, good, names := map[string]int{}, map[string]int{}, map[string]bool{}
	i := 0
	for r := range Readings("") {
		require.False(t, names[r.Name], "%s is there twice", r.Name)
		names[r.Name] = true
		require.True(t, strings.HasPrefix(r.Name, r.Class+"/"), r.Name)
		require.NotEmpty(t, r.Why, r.Name)
		require.Equal(t, again[i], r)
		i++
		if r.OK {
			good[r.Class]++
			require.NotContains(t, string(r.Body), string(readings.Foreign()), r.Name)
		} else {
			crafted[r.Class]++
			require.True(t, len(r.Files) > 0 || strings.Contains(string(r.Body), string(readings.Foreign())), r.Name)
		}
	}
	for _, class := range ReadingClasses() {
		require.GreaterOrEqual(t, crafted[class], 8, class)
		require.Positive(t, good[class], class)
	}
	require.Len(t, crafted, len(ReadingClasses()))
	t.Logf("%d crafted requests and %d as clients send them", sum(crafted), sum(good))
}

func sum(m map[string]int) int {
	n := 0
	for _, v := range m {
		n += v
	}
	return n
}

// TestGoodReadingsArrive: package mime/multipart finds exactly the files of the
// good ones, after they went through net/http as bytes.
func TestGoodReadingsArrive(t *testing.T) {
	for r := range Readings("") {
		if !r.OK {
			continue
		}
		for _, b := range [][]byte{r.Request("127.0.0.1", "/upload"), r.Request("127.0.0.1", "/upload", [2]string{"A", "b"})} {
			req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(b)))
			require.NoError(t, err, r.Name)
			files, err := filesOf(req)
			require.NoError(t, err, r.Name)
			require.NoError(t, r.Judge(files), r.Name)
			n := 0
			for _, f := range files {
				if f.Size > 0 {
					n++
					require.Equal(t, r.Field, f.Field, r.Name)
				}
			}
			require.Equal(t, len(r.Files), n, r.Name)
		}
	}
}

// TestReadingsForAnotherField: nothing of the name "image" is left.
func TestReadingsForAnotherField(t *testing.T) {
	n := 0
	for r := range Readings("picture_bytes") {
		n++
		require.Equal(t, "picture_bytes", r.Field)
		require.NotContains(t, string(r.Body), `name="image"`, r.Name)
	}
	require.Greater(t, n, 300)
}

// filesOf reads the files of a form with mime/multipart, whatever the method.
func filesOf(r *http.Request) ([]SeenFile, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		return nil, nil //nolint:nilerr // no form
	}
	if err != nil {
		return nil, err
	}
	var files []SeenFile
	for parts := multipart.NewReader(r.Body, params["boundary"]); ; {
		p, err := parts.NextPart()
		if err == io.EOF {
			return files, nil
		}
		if err != nil {
			return files, err
		}
		f, err := SeeFile(p.FormName(), p.FileName(), p)
		if err != nil {
			return files, err
		}
		// FileName drops names that it cannot decode; the parameter is there.
		if _, params, _ := mime.ParseMediaType(p.Header.Get("Content-Disposition")); params["filename"] != "" {
			files = append(files, f)
		}
	}
}

// TestJudge: what is a fault and what is none.
func TestJudge(t *testing.T) {
	s := readings.NewSheet("c", "image")
	s.Real("good", "", readings.Form(s.File(s.Picture), s.Text("more", readings.Note)), s.Picture)
	s.Crafted("crafted", "", readings.Form(s.File(s.Picture)), s.Picture)
	good, crafted := readingOf(s.All[0]), readingOf(s.All[1])
	arrived, cut := seen("image", "x.png", s.Picture), seen("image", "x.png", s.Picture[:50])
	bad := seen("image", "evil.png", s.Other)
	text, blank := seen("more", "", []byte(readings.Note)), SeenFile{Field: "image", SHA256: seen("", "", nil).SHA256}

	require.NoError(t, good.Judge([]SeenFile{arrived}))
	require.NoError(t, good.Judge([]SeenFile{text, arrived, blank}))
	require.NoError(t, crafted.Judge(nil), "a parser that finds nothing, or refuses")
	require.ErrorContains(t, good.Judge(nil), "did not arrive")
	require.ErrorContains(t, good.Judge([]SeenFile{text}), "did not arrive")
	for _, r := range []Reading{good, crafted} {
		require.ErrorContains(t, r.Judge([]SeenFile{arrived, bad}), "another file")
		require.ErrorContains(t, r.Judge([]SeenFile{cut}), "another file")
		require.ErrorContains(t, r.Judge([]SeenFile{seen("more", "a.png", []byte(readings.Note))}), "another file", "a text field with a file name")
		require.ErrorContains(t, r.Judge([]SeenFile{seen("image", "x.png", nil)}), "another file", "cut to nothing")
	}
}

// readingServer answers which files a parser found in a request.
func readingServer(t *testing.T, files func(*http.Request) ([]SeenFile, error)) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		found, err := files(r)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		ReportFiles(w, found)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestConformSendsReadings to whoever reports its files: every one of them to a
// service without a check, which hands on what must not arrive.
func TestConformSendsReadings(t *testing.T) {
	none := func(func(Case) bool) {}
	url := readingServer(t, filesOf)
	report, err := ConformURL(t.Context(), url, ConformOptions{Cases: none})
	require.NoError(t, err)
	n := 0
	for range Readings("") {
		n++
	}
	require.Equal(t, n, report.Readings)
	require.Contains(t, report.String(), "another file than the one that was sent as a file arrived: ")
	kinds := map[string]bool{}
	for _, f := range report.Faults {
		kinds[f.Kind] = true
	}
	require.NotContains(t, kinds, "a form that clients send was refused")
	require.NotContains(t, kinds, "no answer")

	// One that refuses everything but a plain form has only the good ones wrong.
	url = readingServer(t, func(r *http.Request) ([]SeenFile, error) {
		if !strings.HasPrefix(r.Header.Get(caseHeader), "probe") {
			return nil, io.ErrUnexpectedEOF
		}
		return filesOf(r)
	})
	report, err = ConformURL(t.Context(), url, ConformOptions{Cases: none})
	require.NoError(t, err)
	require.Equal(t, n, report.Readings)
	for _, f := range report.Faults {
		require.Equal(t, "a form that clients send was refused", f.Kind)
	}
}

// TestConformKnowsWhoReports: a service that does not is not sent any, unless it
// is demanded.
func TestConformKnowsWhoReports(t *testing.T) {
	none := func(func(Case) bool) {}
	for _, body := range []string{"", "{}", `{"files":null}`, `{"files":3}`, "<html>"} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }))
		report, err := ConformURL(t.Context(), srv.URL, ConformOptions{Cases: none})
		require.NoError(t, err)
		require.Zero(t, report.Readings, body)
		report, err = ConformURL(t.Context(), srv.URL, ConformOptions{Cases: none, Reports: true})
		require.NoError(t, err)
		require.Contains(t, report.String(), "files are not reported: 1 times")
		srv.Close()
	}
}

// TestConformFaultsOfReadings: an echo, an odd status, an answer that is cut.
func TestConformFaultsOfReadings(t *testing.T) {
	s := readings.NewSheet("c", "image")
	s.Beside("crafted", "why", "Content-Disposition: <TEXT>")
	run := &conformance{}
	for _, x := range []struct {
		status     int
		body, kind string
	}{
		{400, "no file evil.png here", "a refusal echoes the request"},
		{500, "", "neither passed nor refused"},
		{302, "", "neither passed nor refused"},
		{200, "thanks", "files are not reported"},
		{400, "{}", ""},
		{501, "", ""},
		{200, `{"files":[]}`, ""},
	} {
		run.report.Faults = nil
		run.judgeReading(readingOf(s.All[0]), answer{status: x.status, body: []byte(x.body)}, nil)
		if x.kind == "" {
			require.Empty(t, run.report.Faults, "%d %s", x.status, x.body)
			continue
		}
		require.Len(t, run.report.Faults, 1, "%d %s", x.status, x.body)
		require.Equal(t, x.kind, run.report.Faults[0].Kind)
	}
	run.report.Faults = nil
	run.judgeReading(readingOf(s.All[0]), answer{}, io.ErrUnexpectedEOF)
	require.Equal(t, "no answer", run.report.Faults[0].Kind)
}

// TestReportFiles: an empty list is a list.
func TestReportFiles(t *testing.T) {
	w := httptest.NewRecorder()
	ReportFiles(w, nil)
	require.JSONEq(t, `{"files":[]}`, w.Body.String())
	files, ok := reported(w.Body.Bytes())
	require.True(t, ok)
	require.Empty(t, files)
	b, err := json.Marshal(seen("f", "n", []byte("x")))
	require.NoError(t, err)
	require.Equal(t, `{"field":"f","name":"n","size":1,"sha256":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}`, string(b))
}
