package imgvet_test

import (
	"go/ast"
	"go/doc"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/imgvet/imgvet/internal/testenv"

	"github.com/stretchr/testify/require"
)

// noExample are the exported functions and methods that need no runnable Example.
var noExample = map[string]string{
	"caddy.Handler.CaddyModule":             "called by Caddy",
	"caddy.Handler.Cleanup":                 "called by Caddy",
	"caddy.Handler.Provision":               "called by Caddy",
	"caddy.Handler.ServeHTTP":               "called by Caddy",
	"caddy.Handler.UnmarshalCaddyfile":      "called by Caddy",
	"fuzz.Add":                              "takes a *testing.F, which only package testing makes: its example is compiled",
	"fuzz.Handler":                          "the same",
	"fuzz.Report.String":                    "called by fmt",
	"heic.Error.Error":                      "called by fmt",
	"heic.Error.Unwrap":                     "called by package errors",
	"middleware.Refusal.MarshalJSON":        "called by package json",
	"observe/prometheus.Collector.Collect":  "called by a registry",
	"observe/prometheus.Collector.Describe": "called by a registry",
	"validate.Error.Error":                  "called by fmt",
	"validate.Error.Is":                     "called by package errors",
	"validate.Error.LogValue":               "called by log/slog",
	"validate.Error.MarshalJSON":            "called by package json",
	"validate.Error.UnmarshalJSON":          "called by package json",
	"validate.Error.Unwrap":                 "called by package errors",
	"validate.Face.MarshalJSON":             "called by package json",
	"validate.Face.UnmarshalJSON":           "called by package json",
	"validate.FaceFinderFunc.FindFaces":     "called by Validate",
	"validate.Facts.CameraMake":             "in the example of CameraModel",
	"validate.Facts.MarshalJSON":            "called by package json",
	"validate.Facts.UnmarshalJSON":          "called by package json",
	"validate.Picture.FullSize":             "in the example of Reduced",
	"validate.Warning.MarshalJSON":          "called by package json",
	"validate.Warning.UnmarshalJSON":        "called by package json",
}

// TestExamples demands that each public package has a doc.go and an example of
// its own, that each exported function has an Example of its name, and that each
// exported method is called in one. An example that is not run does not count.
func TestExamples(t *testing.T) {
	for _, pkg := range publicPackages(t) {
		p := documented(t, builds[0], pkg)
		_, err := os.Stat(filepath.Join(pkg, "doc.go"))
		require.NoError(t, err, "each package has a doc.go")
		require.Greater(t, len(p.Doc), 400, "%s: its doc.go is a guide, not a line", pkg)

		named, called := map[string]bool{}, map[string]bool{}
		for _, ex := range doc.Examples(sources(t, builds[0], pkg, true)...) {
			if ex.Output == "" && !ex.EmptyOutput {
				continue
			}
			name, _, _ := strings.Cut(ex.Name, "_")
			named[name] = true
			ast.Inspect(ex.Code, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok {
					called[sel.Sel.Name] = true
				}
				return true
			})
		}
		funcs, methods := p.Funcs, []*doc.Func(nil)
		for _, typ := range p.Types {
			funcs, methods = append(funcs, typ.Funcs...), append(methods, typ.Methods...)
		}
		for _, f := range funcs {
			if noExample[pkg+"."+f.Name] == "" && !named[f.Name] {
				t.Errorf("%s has no runnable Example%s", pkg, f.Name)
			}
		}
		for _, m := range methods {
			name := pkg + "." + strings.TrimPrefix(m.Recv, "*") + "." + m.Name
			if noExample[name] == "" && !called[m.Name] {
				t.Errorf("%s is called in no runnable Example", name)
			}
		}
	}
}

// pages returns every page of documentation by its path.
func pages(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || path != "." && strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case filepath.Ext(path) == ".md":
			text, err := os.ReadFile(path)
			all[filepath.ToSlash(path)] = string(text)
			return err
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(all), 9)
	return all
}

var (
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading   = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	notAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors returns the fragments that a page's headings make, as GitHub makes them.
func anchors(page string) []string {
	var all []string
	for _, h := range heading.FindAllStringSubmatch(page, -1) {
		all = append(all, strings.ReplaceAll(notAnchor.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
	}
	return all
}

// TestLinks follows every relative link of every page, headings included.
func TestLinks(t *testing.T) {
	all := pages(t)
	seen := 0
	for name, text := range all {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			seen++
			path, fragment, _ := strings.Cut(m[1], "#")
			to := name
			if path != "" {
				to = filepath.ToSlash(filepath.Join(filepath.Dir(name), path))
				_, err := os.Stat(to)
				require.NoError(t, err, "%s links to %s", name, m[1])
			}
			if fragment != "" {
				require.Contains(t, anchors(all[to]), fragment, "%s links to %s", name, m[1])
			}
		}
	}
	require.GreaterOrEqual(t, seen, 20)
}

var (
	testName  = regexp.MustCompile(`\b(?:Test|Fuzz|Benchmark)[A-Z]\w*`)
	qualified = regexp.MustCompile(`\b(detect|face|fuzz|heic|middleware|validate|web)\.([A-Z]\w*)(?:\.([A-Z]\w*))?`)
	option    = regexp.MustCompile(`\bOptions\.([A-Z]\w*)`)
	command   = regexp.MustCompile(`\bgo (?:run|test|build|doc|vet) [^\x60\n]*?(\./[\w./-]+)`)
)

// TestNames finds every name of ours that a page mentions: exported names and
// fields, Options, tests, and the directories of go commands.
func TestNames(t *testing.T) {
	names := map[string]string{} // package to its golden lines
	options := ""
	for _, pkg := range publicPackages(t) {
		api := exported(t, builds[0], pkg)
		names[pkg] = api
		for line := range strings.Lines(api) {
			if strings.HasPrefix(line, "type Options struct") {
				options += line
			}
		}
	}
	tests := testFuncs(t)
	for page, text := range pages(t) {
		if page == "CHANGELOG.md" {
			continue // may name what is gone
		}
		for _, m := range qualified.FindAllStringSubmatch(text, -1) {
			api, ok := names[m[1]]
			if !ok {
				continue
			}
			top := regexp.MustCompile(`(?m)^(const|func|type|var) ` + m[2] + `\b`)
			if !top.MatchString(api) {
				t.Errorf("%s mentions %s", page, m[0])
			}
			if m[3] != "" {
				member := regexp.MustCompile(`(?m)^(type ` + m[2] + ` (struct|interface), |method \(\*?` + m[2] + `\) )` + m[3] + `\b`)
				if !member.MatchString(api) {
					t.Errorf("%s mentions %s", page, m[0])
				}
			}
		}
		for _, m := range option.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(options, "struct, "+m[1]+" ") {
				t.Errorf("%s mentions %s", page, m[0])
			}
		}
		for _, name := range testName.FindAllString(text, -1) {
			require.True(t, slices.ContainsFunc(tests, func(f string) bool { return strings.HasPrefix(f, name) }), "%s mentions %s", page, name)
		}
		for _, m := range command.FindAllStringSubmatch(text, -1) {
			dir := strings.TrimSuffix(m[1], "/...")
			_, here := os.Stat(dir)
			_, there := os.Stat(filepath.Join(filepath.Dir(page), dir))
			require.True(t, here == nil || there == nil, "%s mentions %s", page, m[0])
		}
	}
}

// testFuncs returns the names of all tests, fuzz targets and benchmarks, and in
// README's own fuzz test.
func testFuncs(t *testing.T) []string {
	t.Helper()
	all := []string{"FuzzUpload", "TestUpload"} // the user's own, in the guides
	decl := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z]\w*)\(`)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range decl.FindAllSubmatch(text, -1) {
			all = append(all, string(m[1]))
		}
		return err
	})
	require.NoError(t, err)
	return all
}

var (
	goBlock    = regexp.MustCompile("(?s)```go\n(.*?)```")
	exampleRow = regexp.MustCompile("(?m)^\\|[^|]*\\| `([^`]+)`[^|]*\\| \\[\\w+\\]\\((examples/\\w+/main\\.go)\\)")
)

// TestGoBlocks demands that the Go code of README.md and docs/adapters.md stands, line for line, in
// a file that is compiled and tested: an example of a package or of examples/. A line
// in the table of routers stands in the program beside it.
func TestGoBlocks(t *testing.T) {
	var tested strings.Builder
	for _, pattern := range []string{"*/example*_test.go", "examples/*/*.go"} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range names {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			tested.WriteString(unindented(string(text)))
		}
	}
	readme := pages(t)["README.md"]
	rows := exampleRow.FindAllStringSubmatch(readme, -1)
	require.Greater(t, len(rows), 4)
	for _, m := range rows {
		text, err := os.ReadFile(m[2])
		require.NoError(t, err)
		require.True(t, strings.Contains(string(text), m[1]), "%s does not hold %s", m[2], m[1])
	}
	for _, page := range []string{"README.md", "docs/adapters.md"} {
		blocks := goBlock.FindAllStringSubmatch(pages(t)[page], -1)
		require.NotEmpty(t, blocks)
		for _, m := range blocks {
			if !strings.Contains(tested.String(), unindented(m[1])) {
				t.Errorf("%s: this code stands in no example:\n%s", page, m[1])
			}
		}
	}
}

// unindented returns text without the white space around its lines.
func unindented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
	}
	return b.String()
}

// TestReasons demands that the page on strictness explains every reason.
func TestReasons(t *testing.T) {
	page := pages(t)["docs/strictness.md"]
	reason := regexp.MustCompile(`(?m)^const \w+ Reason = "(\w+)"`)
	all := reason.FindAllStringSubmatch(exported(t, builds[0], "validate"), -1)
	require.Greater(t, len(all), 20)
	for _, m := range all {
		if !strings.Contains(page, "\n| `"+m[1]+"` |") {
			t.Errorf("docs/strictness.md has no row for the reason %s", m[1])
		}
	}
}

// TestNewProgram follows the README's steps from an empty directory beside a clone to a
// program of one's own.
func TestNewProgram(t *testing.T) {
	testenv.OnlyLong(t, "compiles a program")
	if runtime.GOOS == "windows" {
		t.Skip("makes symbolic links")
	}
	readme := pages(t)["README.md"]
	_, steps, ok := strings.Cut(readme, "\n```\ngo mod init ")
	require.True(t, ok, "the README's steps begin with go mod init")
	steps, _, _ = strings.Cut("go mod init "+steps, "```")
	program := regexp.MustCompile("(?s)```go\n(package main\n.*?)```").FindStringSubmatch(readme)
	require.NotNil(t, program, "the README has a whole program")

	root, err := filepath.Abs(".")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.Symlink(root, filepath.Join(dir, "imgvet")))
	own := filepath.Join(dir, "own")
	require.NoError(t, os.Mkdir(own, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(own, "main.go"), []byte(program[1]), 0o644))
	for step := range strings.Lines(steps) {
		args := strings.Fields(step)
		if slices.Equal(args, []string{"go", "run", "."}) {
			args[1] = "vet" // it serves for ever: examples/quickstart runs it
		}
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = own
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", step, out)
	}
}
