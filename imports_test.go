package imgvet_test

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/imgvet/imgvet"

// The layers, bottom first. A package may import what stands above it in this
// list, and nothing below: "nothing points back up".
var layers = [][]string{
	{"internal/verify", "internal/encoders", "internal/exif", "internal/form", "internal/icc", "internal/testenv", "internal/cputime", "internal/cpu", "internal/procs", "internal/buffers", "internal/peer"},
	{"internal/cursor"},
	{"heic/internal/bmff", "heic/internal/recon"},
	{"detect", "internal/verify/", "heic/internal/hevc"},
	{"fuzz/internal/pack", "fuzz/internal/parts", "fuzz/internal/seeds"},
	{"fuzz/internal/build/"}, // how a file of one format is written
	{"fuzz/internal/build", "fuzz/internal/readings"},
	{"heic/internal/heif", "internal/pixels"},
	{"heic/internal/sequence", "heic/internal/render"},
	{"heic", "internal/declared"},
	{"validate"},
	{"fuzz/internal/cases"},
	{"fuzz/internal/cases/"}, // the cases of one format
	{"face", "fuzz", "middleware", "web"},
	{"fuzz/internal/ossfuzz"},
	{"internal/cli"},
	{"internal/settings"},
	{"internal/flags"},
	{"cmd/", "bench"},
}

// layer returns the height of a package of ours, -1 if it stands in no layer.
func layer(path string) int {
	rel := strings.TrimPrefix(path, module+"/")
	best, at := -1, -1
	for i, names := range layers {
		for _, name := range names {
			inside := rel == name || strings.HasSuffix(name, "/") && strings.HasPrefix(rel, name) || strings.HasPrefix(rel, name+"/")
			if inside && len(name) > best {
				best, at = len(name), i
			}
		}
	}
	return at
}

// rooms are the packages below cmd/imgvet/internal, and which others of them each
// imports: all of them, and no more. "" is the command itself.
var rooms = map[string][]string{
	"":     {"root", "telemetry"},
	"root": {"check", "conform", "corrupt", "explain", "health", "proxy", "serve", "telemetry"},

	"check":   {"report", "thumb", "walk"},
	"conform": {},
	"corrupt": {},
	"explain": {},
	"health":  {},
	"proxy":   {"admin", "listen", "logs", "paths", "requests", "telemetry", "trust", "uploads"},
	"serve":   {"listen", "telemetry", "trust", "uploads"},

	"report": {"explain", "thumb"},
	"thumb":  {},
	"walk":   {},

	"listen":    {"admin", "keypair", "logs", "requests", "telemetry", "trust"},
	"uploads":   {},
	"requests":  {"logs", "trust"},
	"telemetry": {},
	"admin":     {"logs"},
	"keypair":   {},
	"logs":      {},
	"paths":     {},
	"trust":     {},

	"clitest": {}, // for tests alone
}

// roomsThatServe are those that may import net/http.
var roomsThatServe = []string{"admin", "clitest", "health", "listen", "proxy", "requests", "serve", "telemetry", "trust", "uploads"}

// pkgInfo is what go list says of a package.
type pkgInfo struct {
	ImportPath string
	Imports    []string
}

// ourPackages lists the packages of the module.
func ourPackages(t *testing.T) []pkgInfo {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	require.NoError(t, err)
	var all []pkgInfo
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg pkgInfo
		err := dec.Decode(&pkg)
		if err == io.EOF {
			return all
		}
		require.NoError(t, err)
		all = append(all, pkg)
	}
}

// TestRooms holds what the packages of the command import of each other. An arrow
// that is new, and one that is gone, is a change of the rooms above.
func TestRooms(t *testing.T) {
	const command, inside = module + "/cmd/imgvet", module + "/cmd/imgvet/internal/"
	got := map[string][]string{}
	for _, pkg := range ourPackages(t) {
		room, ok := strings.CutPrefix(pkg.ImportPath, inside)
		if !ok && pkg.ImportPath != command {
			continue
		}
		if !ok {
			room = ""
		}
		got[room] = []string{}
		for _, imp := range pkg.Imports {
			if to, ok := strings.CutPrefix(imp, inside); ok {
				got[room] = append(got[room], to)
			}
			if imp == "net/http" {
				require.Contains(t, roomsThatServe, room, "%s imports net/http", pkg.ImportPath)
			}
		}
	}
	require.Equal(t, rooms, got)
}

// TestImports holds the architecture: the order of the layers, net/http only
// where requests are handled, and a decoder in C only where speeds are compared.
func TestImports(t *testing.T) {
	mayServe := []string{"middleware", "fuzz", "cmd", "bench"}
	seen := 0
	for _, pkg := range ourPackages(t) {
		if pkg.ImportPath == module {
			require.Empty(t, pkg.Imports, "the tour imports nothing")
			continue
		}
		seen++
		from := layer(pkg.ImportPath)
		require.GreaterOrEqual(t, from, 0, "%s stands in no layer: add it to the list", pkg.ImportPath)
		top, _, _ := strings.Cut(strings.TrimPrefix(pkg.ImportPath, module+"/"), "/")
		for _, imp := range pkg.Imports {
			if imp == "net/http" {
				require.True(t, slices.Contains(mayServe, top), "%s imports net/http", pkg.ImportPath)
			}
			if strings.HasPrefix(imp, "github.com/jdeng/goheif") {
				require.Equal(t, "bench", top, "%s imports goheif", pkg.ImportPath)
			}
			if strings.HasPrefix(imp, module+"/") {
				require.LessOrEqual(t, layer(imp), from, "%s imports %s, which is above it", pkg.ImportPath, imp)
			}
		}
	}
	require.Greater(t, seen, 8, "go list saw the packages")
}

// TestNothingForeignIsLinked: what a program gets with the packages that it imports is
// Go alone, and no other decoder of HEIC: with cgo too.
func TestNothingForeignIsLinked(t *testing.T) {
	for _, cgo := range []string{"0", "1"} {
		cmd := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}} {{len .CgoFiles}}", "./validate", "./middleware", "./heic", "./face", "./cmd/imgvet")
		cmd.Env = append(cmd.Environ(), "CGO_ENABLED="+cgo, "GOFLAGS=") // -race needs cgo
		out, err := cmd.Output()
		require.NoError(t, err)
		for line := range strings.Lines(string(out)) {
			path, cgoFiles, _ := strings.Cut(strings.TrimSpace(line), " ")
			for _, foreign := range []string{"goheif", "gen2brain", "wazero", "purego"} {
				require.NotContains(t, path, foreign)
			}
			if strings.Contains(path, ".") { // not of the standard library
				require.Equal(t, "0", cgoFiles, path)
			}
		}
	}
}
