package web_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/testenv"
	"github.com/imgvet/imgvet/validate"
	"github.com/imgvet/imgvet/web"
)

// built returns a folder with the files that browsers load, and skips where the
// tests of this package can't run.
func built(t *testing.T) string {
	testenv.OnlyLong(t, "compiles to WebAssembly")
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("SKIPPED: node is not installed, so that nothing runs the WebAssembly here")
	}
	version, err := exec.Command(node, "--version").Output()
	require.NoError(t, err)
	var major int
	_, err = fmt.Sscanf(string(version), "v%d.", &major)
	require.NoError(t, err)
	if major < 20 {
		t.Skipf("SKIPPED: node is %s, 20 is needed", bytes.TrimSpace(version))
	}
	folder := t.TempDir()
	out, err := exec.Command("go", "run", "./build", "-o", folder).CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Logf("%s", bytes.TrimSpace(out))
	return folder
}

// runNode runs a program of web/test over the built files.
func runNode(t *testing.T, dist string, args ...string) []byte {
	cmd := exec.Command("node", args...)
	cmd.Env = append(os.Environ(), "IMGVET_DIST="+dist)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, "node %s\n%s\n%s", strings.Join(args, " "), out, errs.String())
	return out
}

func TestBrowserFiles(t *testing.T) {
	_, err := fs.Stat(web.FS(), "README.md")
	require.NoError(t, err, "the folder is the root")
	_, err = fs.Stat(web.FS(), "imgvet.wasm")
	if web.Built() {
		require.NoError(t, err)
	}
	if err != nil {
		require.False(t, web.Built())
	}
}

// TestLicence: npm packs only what lies beside package.json.
func TestLicence(t *testing.T) {
	want, err := os.ReadFile("../LICENSE")
	require.NoError(t, err)
	got, err := os.ReadFile("LICENSE")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

// TestBuilt builds the files, and tests them as they lie there.
func TestBuilt(t *testing.T) {
	dist := built(t)
	for name, test := range map[string]func(*testing.T, string){
		"javascript":    testJavaScript,
		"same verdict":  testSameVerdict,
		"options agree": testOptionsAgree,
		"previews":      testPreviews,
	} {
		t.Run(name, func(t *testing.T) { test(t, dist) })
	}
}

// testJavaScript runs the tests that are written in it.
func testJavaScript(t *testing.T, dist string) {
	tests, err := filepath.Glob("test/*.test.mjs")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(tests), 3)
	out := runNode(t, dist, append([]string{"--test"}, tests...)...)
	t.Logf("%s", out[max(0, bytes.LastIndex(out, []byte("# tests"))):])
}

// options are what JavaScript is passed, and validate.Options.
type options struct {
	MaxBytes  int64           `json:"maxBytes,omitempty"`
	MaxPixels int64           `json:"maxPixels,omitempty"`
	Formats   []detect.Format `json:"formats,omitempty"`
	Tolerance string          `json:"tolerance,omitempty"`
}

// job is one call of validate, in the list that cases.mjs reads.
type job struct {
	File    string  `json:"file"`
	Options options `json:"options"`
	want    verdict
	name    string
}

// verdict is the object of index.d.ts.
type verdict struct {
	OK          bool          `json:"ok"`
	Format      detect.Format `json:"format"` // null becomes ""
	Size        int64         `json:"size"`
	Width       int           `json:"width"`
	Height      int           `json:"height"`
	Orientation int           `json:"orientation"`
	Frames      int           `json:"frames"`
	Warnings    []warning     `json:"warnings"`
	Error       *refusal      `json:"error"`
	Reason      string        `json:"reason"`
	Offset      *int64        `json:"offset"`
	Advice      string        `json:"advice"`
	Limit       int64         `json:"limit"`
	Got         int64         `json:"got"`
	Detail      string        `json:"detail"`

	Facts *validate.Facts `json:"facts"`
}

type warning struct {
	Reason string `json:"reason"`
	Offset *int64 `json:"offset"`
	Text   string `json:"text"`
}

type refusal struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// native is what the server decides.
func native(t *testing.T, b []byte, o options) verdict {
	opts := validate.Options{MaxBytes: o.MaxBytes, MaxPixels: o.MaxPixels, Formats: o.Formats}
	if o.Tolerance != "" {
		require.NoError(t, opts.Tolerance.UnmarshalText([]byte(o.Tolerance)))
	}
	res, err := validate.Bytes(context.Background(), b, opts)
	v := verdict{
		OK: err == nil, Format: res.Format, Size: res.Size, Width: res.Width, Height: res.Height,
		Orientation: res.Orientation, Frames: res.Frames, Warnings: []warning{},
	}
	if res.Width > 0 {
		v.Facts = &res.Facts
	}
	for _, w := range res.Warnings {
		v.Warnings = append(v.Warnings, warning{string(w.Reason), place(w.Offset), w.Text})
	}
	var e *validate.Error
	if err != nil {
		require.True(t, errors.As(err, &e), "%v", err)
		v.Error = &refusal{int(e.Code), e.Code.Message()}
		v.Reason, v.Offset, v.Advice = string(e.Reason), place(e.Offset), e.Advice()
		v.Limit, v.Got = e.Limit, e.Got
		if cause := e.Unwrap(); cause != nil {
			v.Detail = cause.Error()
		}
	}
	return v
}

func place(at int64) *int64 {
	if at < 0 {
		return nil
	}
	return &at
}

// testSameVerdict: what the browser says of a file is what the server says of it, for
// every case of package fuzz and every file in testdata, under several options.
func testSameVerdict(t *testing.T, dist string) {
	folder := t.TempDir()
	var jobs []job
	add := func(name, file string, b []byte, all ...options) {
		for _, o := range all {
			jobs = append(jobs, job{file, o, native(t, b, o), fmt.Sprintf("%s %+v", name, o)})
		}
	}
	cases := 0
	for c := range fuzz.Cases() {
		file := filepath.Join(folder, fmt.Sprint(cases))
		require.NoError(t, os.WriteFile(file, c.Data, 0o600))
		add(c.Name, file, c.Data, options{}, options{Tolerance: "strict"}, options{Tolerance: "lenient"})
		cases++
	}
	require.Greater(t, cases, 500)
	files := 0
	err := filepath.WalkDir("../testdata", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		file, err := filepath.Abs(name)
		if err != nil {
			return err
		}
		size := int64(len(b))
		add(name, file, b, options{}, options{Tolerance: "strict"}, options{Tolerance: "lenient"}, options{MaxPixels: 1000, Formats: []detect.Format{detect.HEIC, detect.JPEG}},
			options{MaxBytes: size + 1}, options{MaxBytes: max(size, 1)})
		files++
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, files, 200)

	list, err := json.Marshal(jobs)
	require.NoError(t, err)
	listFile := filepath.Join(folder, "list.json")
	require.NoError(t, os.WriteFile(listFile, list, 0o600))
	out := bufio.NewScanner(bytes.NewReader(runNode(t, dist, "test/cases.mjs", listFile)))
	out.Buffer(nil, 1<<20)
	refused := 0
	for _, j := range jobs {
		require.True(t, out.Scan(), "a line for each file")
		dec := json.NewDecoder(bytes.NewReader(out.Bytes()))
		dec.DisallowUnknownFields() // "failure" is one
		var got verdict
		require.NoError(t, dec.Decode(&got), "%s: %s", j.name, out.Bytes())
		if got.Reason == string(validate.UnknownFormat) {
			// This build leaves out the names of foreign types.
			require.True(t, strings.HasPrefix(got.Detail, "content is "), got.Detail)
			got.Detail = j.want.Detail
		}
		// A number in JavaScript holds 53 bits of an impossible size.
		require.InEpsilon(t, float64(j.want.Got)+1, float64(got.Got)+1, 1e-15, j.name)
		got.Got = j.want.Got
		require.Equal(t, j.want, got, j.name)
		if !got.OK {
			refused++
		}
	}
	require.False(t, out.Scan())
	require.Greater(t, refused, 500)
	require.Greater(t, len(jobs)-refused, 500)
	t.Logf("%d cases and %d files, %d verdicts, %d of them refusals: all the same", cases, files, len(jobs), refused)
}

// testOptionsAgree: JavaScript refuses the options that Go has problems with, so that
// they never come back as a failure of the worker.
func testOptionsAgree(t *testing.T, dist string) {
	script := fmt.Sprintf(`
		const { checkOptions } = await import(%q);
		for (const line of JSON.parse(process.argv[1])) {
			let fine = true;
			try { checkOptions(line); } catch { fine = false; }
			console.log(fine);
		}`, "file://"+filepath.ToSlash(filepath.Join(dist, "options.js")))
	var list []map[string]any
	var want []string
	for _, o := range []validate.Options{
		{}, {MaxBytes: -1}, {MaxBytes: 1}, {MaxBytes: 1<<31 - 1}, {MaxBytes: 1 << 31}, {MaxPixels: -1}, {MaxPixels: 1 << 40},
		{Formats: []detect.Format{}}, {Formats: []detect.Format{"gif"}}, {Formats: []detect.Format{detect.PNG, "PNG"}},
		{Formats: []detect.Format{detect.PNG, detect.JPEG, detect.HEIC, detect.BMP, detect.WebP}}, {Formats: []detect.Format{""}},
	} {
		list = append(list, map[string]any{"maxBytes": o.MaxBytes, "maxPixels": o.MaxPixels, "formats": o.Formats, "tolerance": o.Tolerance.String()})
		want = append(want, fmt.Sprint(o.Problems() == nil))
	}
	arg, err := json.Marshal(list)
	require.NoError(t, err)
	got := runNode(t, dist, "--input-type=module", "-e", script, string(arg))
	require.Equal(t, want, strings.Fields(string(got)))
}
