package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"image/jpeg"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/thumb"
	"github.com/imgvet/imgvet/internal/cli"
)

// hostileName is a name that a stranger might give a file.
const hostileName = `<script>alert(1)</script>&" ]]> ü #%2e?.png`

// reports checks a folder of good, refused, odd and missing files and returns what
// was written.
func reports(t *testing.T) (dir string, sarif, junit, html []byte) {
	dir, png := folder(t)
	if runtime.GOOS != "windows" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, strings.ReplaceAll(hostileName, "/", "_")), png[:60], 0o600))
	}
	out := t.TempDir()
	name := func(s string) string { return filepath.Join(out, s) }
	_, errs, code := imgvet("", "check", "--sarif", name("a.sarif"), "--junit", name("a.xml"), "--report", name("a.html"),
		dir, filepath.Join(dir, "none.jpg"), "-")
	require.Equal(t, cli.ExitFailed, code, errs)
	read := func(s string) []byte {
		b, err := os.ReadFile(name(s))
		require.NoError(t, err)
		return b
	}
	return dir, read("a.sarif"), read("a.xml"), read("a.html")
}

// sarifSchemaRules is the part of the published schema (sarif-schema-2.1.0.json) that our
// reports use: of each object the members that must be there, behind a "*", and those
// that may. No object may have others ("additionalProperties": false).
func sarifSchemaRules() map[string]string {
	return map[string]string{
		"log":              "$schema *version *runs:run[]",
		"run":              "*tool:tool columnKind results:result[] invocations:invocation[]",
		"tool":             "*driver:toolComponent",
		"toolComponent":    "*name version rules:rule[]",
		"rule":             "*id shortDescription:text help:text",
		"text":             "*text",
		"result":           "*message:text ruleId ruleIndex level locations:location[]",
		"location":         "physicalLocation:physicalLocation",
		"physicalLocation": "*artifactLocation:artifactLocation region:region",
		"artifactLocation": "uri",
		"region":           "byteOffset byteLength",
		"invocation":       "*executionSuccessful exitCode",
	}
}

// requireSchema fails unless v is an object of the schema's type.
func requireSchema(t *testing.T, kind string, v any) {
	object, ok := v.(map[string]any)
	require.True(t, ok, "%s is an object, not %T", kind, v)
	known := map[string]bool{}
	for rule := range strings.FieldsSeq(sarifSchemaRules()[kind]) {
		rule, must := strings.CutPrefix(rule, "*")
		name, below, _ := strings.Cut(rule, ":")
		known[name] = true
		value, there := object[name]
		require.True(t, there || !must, "%s has no %s", kind, name)
		if !there || below == "" {
			continue
		}
		below, list := strings.CutSuffix(below, "[]")
		if !list {
			requireSchema(t, below, value)
			continue
		}
		for _, item := range value.([]any) {
			requireSchema(t, below, item)
		}
	}
	for name := range object {
		require.True(t, known[name], "%s has a member %s", kind, name)
	}
}

func parseSARIF(t *testing.T, b []byte) map[string]any {
	var log map[string]any
	require.NoError(t, json.Unmarshal(b, &log), "%s", b)
	requireSchema(t, "log", log)
	require.Equal(t, "2.1.0", log["version"])
	return log
}

func TestSARIF(t *testing.T) {
	dir, b, _, _ := reports(t)
	run := parseSARIF(t, b)["runs"].([]any)[0].(map[string]any)
	driver := run["tool"].(map[string]any)["driver"].(map[string]any)
	require.Equal(t, cli.Version(), driver["version"])
	rules := driver["rules"].([]any)
	var got []string
	for _, r := range run["results"].([]any) {
		result := r.(map[string]any)
		rule := rules[int(result["ruleIndex"].(float64))].(map[string]any)
		require.Equal(t, rule["id"], result["ruleId"])
		require.Contains(t, []string{"none", "note", "warning", "error"}, result["level"])
		text := result["level"].(string) + " " + result["ruleId"].(string)
		if locations, ok := result["locations"].([]any); ok {
			physical := locations[0].(map[string]any)["physicalLocation"].(map[string]any)
			u, err := url.Parse(physical["artifactLocation"].(map[string]any)["uri"].(string))
			require.NoError(t, err)
			require.Equal(t, "file", u.Scheme, "the folder's name is absolute")
			require.Equal(t, dir, filepath.Dir(filepath.FromSlash(u.Path)))
			text += " " + filepath.Base(u.Path)
		}
		got = append(got, text)
	}
	want := []string{
		"error truncated b-cut.png",
		"error empty c-empty.jpg",
		"warning trailing_data f trailing\a.png",
		"error unreadable none.jpg",
		"error empty", // standard input is no file
	}
	if runtime.GOOS != "windows" {
		want = slices.Insert(want, 0, "error truncated "+strings.ReplaceAll(hostileName, "/", "_"))
	}
	require.Equal(t, want, got)
	require.Equal(t, []any{map[string]any{"executionSuccessful": false, "exitCode": 3.0}}, run["invocations"])
}

func TestJUnit(t *testing.T) {
	_, _, b, _ := reports(t)
	type fault struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	var suites struct {
		XMLName xml.Name `xml:"testsuites"`
		Suite   []struct {
			Name      string `xml:"name,attr"`
			Timestamp string `xml:"timestamp,attr"`
			Hostname  string `xml:"hostname,attr"`
			Tests     int    `xml:"tests,attr"`
			Failures  int    `xml:"failures,attr"`
			Errors    int    `xml:"errors,attr"`
			Skipped   int    `xml:"skipped,attr"`
			Time      string `xml:"time,attr"`
			Cases     []struct {
				Name    string `xml:"name,attr"`
				Class   string `xml:"classname,attr"`
				Time    string `xml:"time,attr"`
				Failure *fault `xml:"failure"`
				Error   *fault `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	require.NoError(t, xml.Unmarshal(b, &suites))
	require.Len(t, suites.Suite, 1)
	s := suites.Suite[0]
	require.Len(t, s.Cases, s.Tests)
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`, s.Timestamp)
	require.NotEmpty(t, s.Name+s.Hostname)
	failures, errs := 0, 0
	names := map[string]bool{}
	for _, c := range s.Cases {
		require.NotEmpty(t, c.Name)
		require.NotEmpty(t, c.Class)
		require.Regexp(t, `^\d+\.\d{3}$`, c.Time)
		require.False(t, names[c.Name], "a name twice: %s", c.Name)
		names[c.Name] = true
		if c.Failure != nil {
			failures++
			require.NotEmpty(t, c.Failure.Type+c.Failure.Message)
			require.Contains(t, c.Failure.Text, c.Failure.Message)
		}
		if c.Error != nil {
			errs++
			require.Equal(t, "unreadable", c.Error.Type)
		}
	}
	require.Equal(t, s.Failures, failures)
	require.Equal(t, s.Errors, errs)
	require.Equal(t, 1, errs)
}

func TestHTMLReport(t *testing.T) {
	_, _, _, page := reports(t)
	html := string(page)
	require.NotContains(t, html, "<script", "a name cannot become a script")
	if runtime.GOOS != "windows" {
		require.Contains(t, html, "&lt;script&gt;alert(1)")
	}
	require.NotRegexp(t, `(?i)https?:|src="[^d]|href="[^#.]|url\(`, html, "one file, no network")

	// The policy allows this style and pictures in the page, nothing else.
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]+)"`).FindStringSubmatch(html)
	require.NotNil(t, policy)
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(html)
	require.NotNil(t, style)
	sum := sha256.Sum256([]byte(style[1]))
	require.Contains(t, policy[1], "default-src 'none'")
	require.Contains(t, policy[1], "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	require.NotContains(t, html, `style="`, "the policy would not let it")

	require.Contains(t, html, "<b>code 6</b> empty input image <code>empty</code>")
	require.Contains(t, html, "standard input")
	require.Contains(t, html, "could not be read")
	require.NotContains(t, html, "a.png</a>", "what is good is not in it")
	require.Regexp(t, `(?s)<table>.*<a href="#refused-truncated">refused <code>truncated</code></a></th><td>\d+</td>.*</table>.*<details open>.*<ol id="refused-truncated">`, html)
	thumbs := regexp.MustCompile(`src="data:image/jpeg;base64,([^"]+)"`).FindAllStringSubmatch(html, -1)
	require.NotEmpty(t, thumbs, "b-cut.png lost little")
	for _, m := range thumbs {
		b, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(m[1], "&#43;", "+"))
		require.NoError(t, err)
		config, err := jpeg.DecodeConfig(bytes.NewReader(b))
		require.NoError(t, err)
		require.LessOrEqual(t, max(config.Width, config.Height), thumb.Side)
	}
}

// TestHTMLReportLinks: the page finds its files wherever it lies, whatever they are called.
func TestHTMLReportLinks(t *testing.T) {
	dir := t.TempDir()
	names := []string{"a b.png", "javascript:alert(1).png", "x%41#?&\"<.png"}
	if runtime.GOOS == "linux" {
		names = append(names, "no\xffutf8.png", "new\nline.png")
	}
	if runtime.GOOS == "windows" {
		names = names[:1]
	}
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "in", "deep"), 0o700))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "out"), 0o700))
	for _, n := range names {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "in", "deep", n), []byte("\x89PNG\r\n\x1a\n"), 0o600))
	}
	page := filepath.Join(dir, "out", "r.html")
	_, errs, code := imgvet("", "check", "--report", page, filepath.Join(dir, "in"))
	require.Equal(t, cli.ExitRefused, code, errs)
	b, err := os.ReadFile(page)
	require.NoError(t, err)
	var found []string
	for _, m := range regexp.MustCompile(`href="([^"#]+)"`).FindAllStringSubmatch(string(b), -1) {
		u, err := url.Parse(html.UnescapeString(m[1]))
		require.NoError(t, err)
		require.Empty(t, u.Scheme)
		path := filepath.Join(dir, "out", u.Path)
		require.FileExists(t, path)
		found = append(found, filepath.Base(path))
	}
	require.ElementsMatch(t, names, found)
}

// TestHTMLReportFolds: a reason that many files share is folded, and can be counted without.
func TestHTMLReportFolds(t *testing.T) {
	dir := t.TempDir()
	for i := range 150 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.png", i)), []byte("\x89PNG\r\n\x1a\n"), 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "empty.jpg"), nil, 0o600))
	page := filepath.Join(t.TempDir(), "r.html")
	_, errs, code := imgvet("", "check", "--report", page, dir)
	require.Equal(t, cli.ExitRefused, code, errs)
	b, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Regexp(t, `(?s)<th scope="col">\?</th><th scope="col">PNG</th>.*truncated</code></a></th><td>150</td><td></td><td>150</td>`, string(b))
	require.Regexp(t, `(?s)<details>\n<summary><h2>refused <code>truncated</code> <span>150</span>.*<details open>\n<summary><h2>refused <code>empty</code> <span>1</span>`, string(b))
	require.Equal(t, 151, strings.Count(string(b), "<li>"))
}

// TestReportsDoNotOverwritePictures: where a shell expands "--sarif *.png", a picture
// stands where the report's name should.
func TestReportsDoNotOverwritePictures(t *testing.T) {
	dir, png := folder(t)
	victim := filepath.Join(dir, "a.png")
	for _, flag := range []string{"--sarif", "--junit", "--report"} {
		_, errs, code := imgvet("", "check", flag, victim, dir)
		require.Equal(t, cli.ExitFailed, code)
		require.Contains(t, errs, "does not overwrite")
	}
	b, err := os.ReadFile(victim)
	require.NoError(t, err)
	require.Equal(t, png, b)
	_, _, code := imgvet("", "check", "--report", filepath.Join(dir, "none", "r.html"), victim)
	require.Equal(t, cli.ExitFailed, code, "a report that can't be written is told of")
}

// TestReportsDoNotOverwriteEachOther: two in one file would be neither of them.
func TestReportsDoNotOverwriteEachOther(t *testing.T) {
	dir, _ := folder(t)
	t.Chdir(t.TempDir())
	out, errs, code := imgvet("", "check", "--sarif", "r", "--junit", "./r", dir)
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "two reports")
	require.Empty(t, out, "known before the work")
	_, errs, code = imgvet("", "check", "--sarif", os.DevNull, "--junit", os.DevNull, filepath.Join(dir, "a.png"))
	require.Equal(t, cli.ExitOK, code, errs)
}

// TestReportInTheFolderThatIsChecked: a report is no part of what it reports on, and
// the one of the last check is written anew.
func TestReportInTheFolderThatIsChecked(t *testing.T) {
	_, png := folder(t)
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("a.png", png, 0o600))
	for range 2 {
		out, errs, code := imgvet("", "check", "--report", "r.html", "--sarif", "r.sarif", "--junit", "r.xml", ".")
		require.Equal(t, cli.ExitOK, code, out+errs)
		require.Equal(t, 1, strings.Count(out, "\n"))
	}
	html, err := os.ReadFile("r.html")
	require.NoError(t, err)
	require.Contains(t, string(html), "Nothing was refused.")
	leftovers, err := os.ReadDir(temporary)
	require.NoError(t, err)
	require.Empty(t, leftovers)
}
