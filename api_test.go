package imgvet_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata/api anew")

// The builds whose API is compared. What a program can call must not depend on
// the machine it is built for, or on cgo.
var builds = []build.Context{
	{GOOS: "linux", GOARCH: "amd64", CgoEnabled: true, Compiler: "gc"},
	{GOOS: "linux", GOARCH: "386", Compiler: "gc"},
	{GOOS: "windows", GOARCH: "arm64", Compiler: "gc"},
	{GOOS: "js", GOARCH: "wasm", Compiler: "gc"},
	{GOOS: "linux", GOARCH: "amd64", Compiler: "gc"},
	{GOOS: "linux", GOARCH: "amd64", CgoEnabled: true, Compiler: "gc", BuildTags: []string{"imgvet_browser"}},
	{GOOS: "js", GOARCH: "wasm", Compiler: "gc", BuildTags: []string{"imgvet_browser"}},
}

// TestAPI holds the exported API of each public package to its golden in
// testdata/api, one line for each name, field and method, and demands the same
// API of every build. After a change that is meant: go test -run TestAPI -update .
func TestAPI(t *testing.T) {
	const dir = "testdata/api"
	want := map[string]bool{}
	for _, pkg := range publicPackages(t) {
		golden := filepath.Join(dir, strings.ReplaceAll(pkg, "/", "_")+".txt")
		want[golden] = true
		api := exported(t, builds[0], pkg)
		for _, b := range builds[1:] {
			require.Equal(t, api, exported(t, b, pkg), "%s has another API for %s/%s, cgo %v, tags %v", pkg, b.GOOS, b.GOARCH, b.CgoEnabled, b.BuildTags)
		}
		if *update {
			require.NoError(t, os.MkdirAll(dir, 0o755))
			require.NoError(t, os.WriteFile(golden, []byte(api), 0o644))
			continue
		}
		old, err := os.ReadFile(golden)
		require.NoError(t, err, "a new public package: go test -run TestAPI -update .")
		if gone, added := difference(string(old), api), difference(api, string(old)); len(gone)+len(added) > 0 {
			t.Errorf("the API of %s changed; if that is meant: go test -run TestAPI -update .\ngone:\n%sadded:\n%s",
				pkg, strings.Join(gone, ""), strings.Join(added, ""))
		}
	}
	require.Greater(t, len(want), 6, "the walk saw the packages")
	kept, err := filepath.Glob(dir + "/*.txt")
	require.NoError(t, err)
	for _, name := range kept {
		require.True(t, want[filepath.ToSlash(name)], "%s is of a package that is gone", name)
	}
}

// difference returns the lines of a that b lacks.
func difference(a, b string) []string {
	have := slices.Collect(strings.Lines(b))
	return slices.DeleteFunc(slices.Collect(strings.Lines(a)), func(line string) bool { return slices.Contains(have, line) })
}

// publicPackages returns the directories of every package that others can import,
// those of nested modules too, except the root, which is only a tour.
func publicPackages(t *testing.T) []string {
	t.Helper()
	var dirs []string
	private := []string{"bench", "cmd", "examples", "internal", "node_modules", "testdata"}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.IsDir() || path == ".":
			return err
		case slices.Contains(private, d.Name()) || strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		}
		for _, f := range sources(t, builds[0], path, false) {
			if f.Name.Name != "main" {
				dirs = append(dirs, filepath.ToSlash(path))
				break
			}
		}
		return nil
	})
	require.NoError(t, err)
	return dirs
}

var fset = token.NewFileSet()

// sources parses the files of a directory that a build includes: its test files,
// or all others.
func sources(t *testing.T, b build.Context, dir string, tests bool) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var files []*ast.File
	for _, name := range names {
		matches, err := b.MatchFile(dir, filepath.Base(name))
		require.NoError(t, err)
		if !matches || strings.HasSuffix(name, "_test.go") != tests {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, f)
	}
	return files
}

// documented returns a package of ours as go doc sees it.
func documented(t *testing.T, b build.Context, dir string) *doc.Package {
	t.Helper()
	p, err := doc.NewFromFiles(fset, sources(t, b, dir, false), module+"/"+dir)
	require.NoError(t, err)
	return p
}

// exported renders the exported API of a package, sorted.
func exported(t *testing.T, b build.Context, dir string) string {
	t.Helper()
	p := documented(t, b, dir)
	var a api
	for _, v := range append(p.Consts, p.Vars...) {
		a.values(v.Decl)
	}
	for _, f := range p.Funcs {
		a.add("func " + f.Name + signature(f.Decl.Type))
	}
	for _, typ := range p.Types {
		for _, v := range append(typ.Consts, typ.Vars...) {
			a.values(v.Decl)
		}
		for _, f := range typ.Funcs {
			a.add("func " + f.Name + signature(f.Decl.Type))
		}
		spec := typ.Decl.Specs[0].(*ast.TypeSpec)
		a.typ(typ.Name, typ)
		if at, ok := spec.Type.(*ast.SelectorExpr); ok && spec.Assign.IsValid() {
			if of := aliased(t, b, dir, at); of != nil {
				a.typ(typ.Name, of)
			}
		}
	}
	slices.Sort(a.lines)
	return strings.Join(slices.Compact(a.lines), "\n") + "\n"
}

// aliased returns what an alias to an internal package of ours names: its fields
// and methods are API too, though go doc does not show them.
func aliased(t *testing.T, b build.Context, dir string, at *ast.SelectorExpr) *doc.Type {
	t.Helper()
	for _, f := range sources(t, b, dir, false) {
		for _, imp := range f.Imports {
			path, err := strconv.Unquote(imp.Path.Value)
			require.NoError(t, err)
			rel, ours := strings.CutPrefix(path, module+"/")
			if !ours || !strings.HasSuffix(path, "/"+at.X.(*ast.Ident).Name) {
				continue
			}
			for _, typ := range documented(t, b, rel).Types {
				if typ.Name == at.Sel.Name {
					return typ
				}
			}
		}
	}
	return nil
}

// api collects the lines of a golden.
type api struct{ lines []string }

func (a *api) add(line string) { a.lines = append(a.lines, line) }

// values adds constants or variables, their values as they are written.
func (a *api) values(d *ast.GenDecl) {
	for _, s := range d.Specs {
		spec := s.(*ast.ValueSpec)
		for i, name := range spec.Names {
			if !name.IsExported() {
				continue
			}
			line := d.Tok.String() + " " + name.Name
			if spec.Type != nil {
				line += " " + source(spec.Type)
			}
			if i < len(spec.Values) {
				line += " = " + source(spec.Values[i])
			}
			a.add(line)
		}
	}
}

// typ adds a type under a name, with its fields and methods.
func (a *api) typ(name string, typ *doc.Type) {
	spec := typ.Decl.Specs[0].(*ast.TypeSpec)
	head := "type " + name
	switch e := spec.Type.(type) {
	case *ast.StructType:
		a.add(head + " struct")
		a.members(head+" struct, ", e.Fields, e.Incomplete)
	case *ast.InterfaceType:
		a.add(head + " interface")
		a.members(head+" interface, ", e.Methods, e.Incomplete)
	default:
		if spec.Assign.IsValid() {
			head += " ="
		}
		a.add(head + " " + source(spec.Type))
	}
	for _, m := range typ.Methods {
		recv := name
		if strings.HasPrefix(m.Recv, "*") {
			recv = "*" + name
		}
		a.add("method (" + recv + ") " + m.Name + signature(m.Decl.Type))
	}
}

// members adds the fields of a struct or the methods of an interface. go/doc has
// removed those that are not exported, and says so.
func (a *api) members(head string, list *ast.FieldList, hidden bool) {
	if hidden {
		a.add(head + "and what is not exported")
	}
	for _, f := range list.List {
		if len(f.Names) == 0 {
			a.add(head + "embeds " + source(f.Type))
		}
		for _, name := range f.Names {
			if fn, ok := f.Type.(*ast.FuncType); ok && strings.Contains(head, " interface,") {
				a.add(head + name.Name + signature(fn))
			} else {
				a.add(head + name.Name + " " + source(f.Type))
			}
		}
	}
}

// signature is a function's type without the word func. Names of parameters are no
// part of an API, and left out.
func signature(f *ast.FuncType) string {
	bare := &ast.FuncType{Params: nameless(f.Params), Results: nameless(f.Results)}
	return strings.TrimPrefix(source(bare), "func")
}

// nameless returns a list of parameters as one of types.
func nameless(list *ast.FieldList) *ast.FieldList {
	if list == nil {
		return nil
	}
	bare := &ast.FieldList{}
	for _, f := range list.List {
		for range max(1, len(f.Names)) {
			bare.List = append(bare.List, &ast.Field{Type: f.Type})
		}
	}
	return bare
}

// source is an expression as gofmt writes it, in one line and without comments.
func source(e ast.Expr) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, fset, e); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
