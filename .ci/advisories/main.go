// Command advisories holds the packages that each module of the repository links against Go's
// database of vulnerabilities, with the library of govulncheck. It prints how many advisories each
// module has, and fails if one has any.
//
// The database is a module too: it comes from the module proxy, checked against go.sum's
// database, and no network is needed once it is in the module cache.
//
// Advisories of the standard library are the toolchain's, and mended by building with a newer
// one. They are counted, and held against the Go releases that SECURITY.md asks for.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/vuln/scan"
)

// database is a module of advisories, as golang.org/x/vulndb publishes them.
const database = "golang.org/x/vulndb@v0.0.0-20261105234957-e22db6528018"

func main() {
	module := flag.String("database", database, "the module `path@version` with the advisories")
	flag.Parse()
	root := "."
	if flag.NArg() > 0 {
		root = flag.Arg(0)
	}
	if err := run(context.Background(), os.Stdout, root, *module); err != nil {
		fmt.Fprintln(os.Stderr, "advisories:", err)
		os.Exit(1)
	}
}

// run checks every module below root, and the Go releases that root's SECURITY.md asks for.
func run(ctx context.Context, w io.Writer, root, module string) error {
	db, err := fetch(ctx, module)
	if err != nil {
		return err
	}
	modules, err := modulesBelow(root)
	if err != nil {
		return err
	}
	vulnerable := 0
	stdlib := map[string]string{}
	for _, dir := range modules {
		found, err := scanModule(ctx, db, dir, "")
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		maps.Copy(stdlib, found.stdlib)
		vulnerable += min(1, len(found.modules))
		fmt.Fprintln(w, len(found.modules), dir)
		for _, id := range slices.Sorted(maps.Keys(found.modules)) {
			fmt.Fprintf(w, "  %s: %s\n", id, found.modules[id])
		}
	}
	if len(stdlib) > 0 {
		fmt.Fprintf(w, "WARNING: %d advisories of the toolchain in use, see SECURITY.md for one without: %s\n",
			len(stdlib), strings.Join(slices.Sorted(maps.Keys(stdlib)), " "))
	}
	if err := checkReleases(ctx, w, db, root); err != nil {
		return err
	}
	if vulnerable > 0 {
		return fmt.Errorf("%d of %d modules link packages with known advisories", vulnerable, len(modules))
	}
	return nil
}

// fetch returns the folder of advisories of a module, from the module cache or the proxy.
func fetch(ctx context.Context, module string) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "mod", "download", "-json", module).Output()
	var info struct{ Dir, Error string }
	if parsed := json.Unmarshal(out, &info); parsed != nil {
		return "", errors.Join(err, parsed)
	}
	if info.Error != "" {
		return "", errors.Join(err, errors.New(info.Error))
	}
	return filepath.Join(info.Dir, "data", "osv"), err
}

// modulesBelow returns the folders with a go.mod.
func modulesBelow(root string) ([]string, error) {
	var all []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "go.mod" && !d.IsDir() {
			all = append(all, filepath.Dir(path))
		}
		return err
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("no go.mod below %s", root)
	}
	return all, err
}

// findings are advisories by their id, with what they were found in.
type findings struct {
	modules map[string]string // dependencies
	stdlib  map[string]string
}

// message is what is read of govulncheck's output: see golang.org/x/vuln/internal/govulncheck.
type message struct {
	Finding *struct {
		OSV          string `json:"osv"`
		FixedVersion string `json:"fixed_version"`
		Trace        []struct {
			Module  string `json:"module"`
			Version string `json:"version"`
			Package string `json:"package"`
		} `json:"trace"`
	} `json:"finding"`
}

// scanModule looks for advisories of the packages that the module in dir links, and of its
// tests in packages of their own. goVersion stands in for the toolchain's own version unless it is empty.
func scanModule(ctx context.Context, db, dir, goVersion string) (findings, error) {
	found := findings{modules: map[string]string{}, stdlib: map[string]string{}}
	var out, stderr bytes.Buffer
	cmd := scan.Command(ctx, "-C", dir, "-db", "file://"+filepath.ToSlash(db), "-format", "json", "-scan", "package", "-test", "./...")
	cmd.Stdout, cmd.Stderr = &out, &stderr
	// A workspace would change which versions a module has.
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if goVersion != "" {
		cmd.Env = append(cmd.Env, "GOVERSION="+goVersion)
	}
	if err := cmd.Start(); err != nil {
		return found, err
	}
	if err := cmd.Wait(); err != nil {
		return found, fmt.Errorf("%w: %s", err, stderr.String())
	}
	for dec := json.NewDecoder(&out); ; {
		var m message
		if err := dec.Decode(&m); err == io.EOF {
			return found, nil
		} else if err != nil {
			return found, err
		}
		// A finding without a package says only that the module is required.
		if m.Finding == nil || len(m.Finding.Trace) == 0 || m.Finding.Trace[0].Package == "" {
			continue
		}
		in := m.Finding.Trace[0]
		what := fmt.Sprintf("%s of %s %s, fixed in %s", in.Package, in.Module, in.Version, m.Finding.FixedVersion)
		if in.Module == "stdlib" {
			found.stdlib[m.Finding.OSV] = what
		} else {
			found.modules[m.Finding.OSV] = what
		}
	}
}

var release = regexp.MustCompile(`\b1\.\d+\.\d+\b`)

// checkReleases demands that no advisory is known of what the module in root links of the
// standard library of the Go releases that its SECURITY.md names.
func checkReleases(ctx context.Context, w io.Writer, db, root string) error {
	text, err := os.ReadFile(filepath.Join(root, "SECURITY.md"))
	if err != nil {
		return err
	}
	named := release.FindAllString(string(text), -1)
	if len(named) == 0 {
		return errors.New("SECURITY.md names no release of Go")
	}
	for _, version := range named {
		found, err := scanModule(ctx, db, root, "go"+version)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%d with Go %s\n", len(found.stdlib), version)
		if len(found.stdlib) > 0 {
			return fmt.Errorf("SECURITY.md asks for Go %s, which has %d known advisories", version, len(found.stdlib))
		}
	}
	return nil
}
