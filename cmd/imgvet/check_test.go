package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cli"
)

const goodDir = "../../testdata/good"

// imgvet runs the command and returns what it printed and its exit code.
func imgvet(stdin string, args ...string) (stdout, stderr string, code int) {
	var out, errs bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(stdin), &out, &errs)
	return out.String(), errs.String(), code
}

// folder makes a folder of a good file, a cut one, an empty one, a hidden one
// and a good one in a folder below.
func folder(t *testing.T) (dir string, png []byte) {
	dir = t.TempDir()
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	for name, b := range map[string][]byte{
		"b-cut.png":        png[:len(png)-8],
		"a.png":            png,
		"c-empty.jpg":      nil,
		".hidden.png":      png,
		"sub/d.png":        png,
		".git/e.png":       png,
		"f trailing\a.png": append(bytes.Clone(png), 0),
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, b, 0o600))
	}
	return dir, png
}

func TestCheckGoodFolder(t *testing.T) {
	out, errs, code := imgvet("", "check", goodDir)
	require.Equal(t, cli.ExitOK, code, out+errs)
	require.Empty(t, errs)
	for _, format := range []string{"png", "jpeg", "heic", "bmp", "webp"} {
		require.Contains(t, out, "ok       "+format)
	}
}

// TestRuleFlags: the rules of check, which serve and proxy share.
func TestRuleFlags(t *testing.T) {
	dir, _ := folder(t)
	file := filepath.Join(dir, "a.png") // 32x32
	for _, c := range []struct {
		flags  string
		reason string // "" for a good picture
	}{
		{"--min-width=32 --max-width=32 --min-height=32 --max-height=32 --min-aspect=1 --max-aspect=7:7 --max-frames=1", ""},
		{"--min-width=33", "too_small"},
		{"--min-height=33", "too_small"},
		{"--max-width=31", "too_large_side"},
		{"--max-height=31", "too_large_side"},
		{"--min-aspect=4:3", "aspect_ratio"},
		{"--max-aspect=0.75", "aspect_ratio"},
	} {
		out, errs, code := imgvet("", append(strings.Fields("check --json "+c.flags), file)...)
		if c.reason == "" {
			require.Equal(t, cli.ExitOK, code, out+errs)
			continue
		}
		require.Equal(t, cli.ExitRefused, code, c.flags)
		require.Contains(t, out, `"code":5`)
		require.Contains(t, out, `"reason":"`+c.reason+`"`, c.flags)
	}
	for _, bad := range []string{"--min-width=-1", "--min-width=2 --max-width=1", "--min-aspect=a", "--max-aspect=1:0", "--min-aspect=-1", "--min-aspect=1:2:3", "--max-aspect=NaN"} {
		_, errs, code := imgvet("", append(strings.Fields("check "+bad), file)...)
		require.Equal(t, cli.ExitUsage, code, bad)
		require.NotEmpty(t, errs)
	}
	for _, command := range []string{"serve", "proxy"} {
		_, errs, code := imgvet("", command, "--upstream=http://127.0.0.1:1", "--min-width=-1")
		if command == "serve" {
			_, errs, code = imgvet("", command, "--face=false", "--min-width=-1")
		}
		require.Equal(t, cli.ExitUsage, code, errs)
		require.Contains(t, errs, "MinWidth")
	}
}

// TestCheckTypeMismatch: a name is compared with the content on request alone, and under
// --strict no more than else.
func TestCheckTypeMismatch(t *testing.T) {
	_, png := folder(t)
	dir := t.TempDir()
	for _, name := range []string{"a.png", "b.JPG", "c", "d.png.php"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), png, 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "e.jpg"), png[:50], 0o600))
	for _, c := range []struct {
		flags                     string
		code                      int
		good, mismatch, truncated int // lines
	}{
		{"", cli.ExitRefused, 4, 0, 1},
		{"--warn-type-mismatch", cli.ExitRefused, 4, 2, 1},
		{"--warn-type-mismatch --strict", cli.ExitRefused, 4, 2, 1},
		{"--refuse-type-mismatch", cli.ExitRefused, 2, 2, 1},
		{"--refuse-type-mismatch --warn-type-mismatch", cli.ExitRefused, 2, 2, 1},
		{"--refuse-type-mismatch --fail-fast --jobs=1", cli.ExitRefused, 1, 1, 0},
	} {
		sarif := filepath.Join(t.TempDir(), "a.sarif")
		out, errs, code := imgvet("", append(strings.Fields("check --json --sarif="+sarif+" "+c.flags), dir)...)
		require.Equal(t, c.code, code, c.flags)
		require.Empty(t, errs)
		require.Equal(t, c.good, strings.Count(out, `"ok":true`), "%s: %s", c.flags, out)
		require.Equal(t, c.mismatch, strings.Count(out, `"reason":"type_mismatch"`), "%s: %s", c.flags, out)
		require.Equal(t, c.truncated, strings.Count(out, `"reason":"truncated"`), "%s: %s", c.flags, out)
		b, err := os.ReadFile(sarif)
		require.NoError(t, err)
		require.Equal(t, c.mismatch, strings.Count(string(b), `"ruleId":"type_mismatch"`), c.flags)
	}
	out, _, _ := imgvet("", "check", "--warn-type-mismatch", filepath.Join(dir, "b.JPG"))
	require.Contains(t, out, "b.JPG (warning: type_mismatch: named as another type than image/png)\n")
	out, _, _ = imgvet("", "check", "--refuse-type-mismatch", filepath.Join(dir, "b.JPG"))
	require.Contains(t, out, "b.JPG: file corrupted (png, type_mismatch)\n")
	out, _, code := imgvet(string(png), "check", "--refuse-type-mismatch", "-")
	require.Equal(t, cli.ExitOK, code, out)
}

func TestCheckFolder(t *testing.T) {
	dir, png := folder(t)
	out, errs, code := imgvet("", "check", "--json", dir)
	require.Equal(t, cli.ExitRefused, code)
	require.Empty(t, errs)

	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 5, "hidden entries are left out")
	name := func(s string) string { b, _ := json.Marshal(filepath.Join(dir, s)); return string(b) }
	require.True(t, strings.HasPrefix(lines[0], fmt.Sprintf(`{"file":%s,"ok":true,"format":"png","width":32,"height":32,"size":%d,"orientation":1,"frames":1,"facts":{`, name("a.png"), len(png))), lines[0])
	require.True(t, strings.HasPrefix(lines[1],
		`{"file":`+name("b-cut.png")+`,"ok":false,"error":{"code":5,"message":"file corrupted"},"reason":"truncated","offset":`), lines[1])
	require.Equal(t, `{"file":`+name("c-empty.jpg")+`,"ok":false,"error":{"code":6,"message":"empty input image"},"reason":"empty","advice":"Choose a picture: the file sent has no bytes.","size":0}`, lines[2])
	require.Contains(t, lines[3], `"ok":true`)
	require.Contains(t, lines[3], `"warnings":[{"reason":"trailing_data","offset":`)
	require.Contains(t, lines[4], name(filepath.Join("sub", "d.png")))

	out, _, code = imgvet("", "check", "--strict", dir)
	require.Equal(t, cli.ExitRefused, code)
	require.Equal(t, 3, strings.Count(out, "refused"))
	require.NotContains(t, out, "\a", "a name cannot steer the terminal")
}

func TestCheckStdin(t *testing.T) {
	_, png := folder(t)
	out, _, code := imgvet(string(png), "check", "-")
	require.Equal(t, cli.ExitOK, code)
	require.Contains(t, out, "32x32")
	_, _, code = imgvet("junk", "check", "-")
	require.Equal(t, cli.ExitRefused, code)
	_, _, code = imgvet("", "check", "-")
	require.Equal(t, cli.ExitRefused, code)
}

func TestCheckExitCodes(t *testing.T) {
	dir, _ := folder(t)
	good, cut := filepath.Join(dir, "a.png"), filepath.Join(dir, "b-cut.png")
	for want, calls := range map[int][][]string{
		cli.ExitOK:      {{"check", good}, {"check", "--max-bytes", "1000000", good}, {"--help"}, {"check", "--help"}},
		cli.ExitRefused: {{"check", cut}, {"check", good, cut}, {"check", "--max-pixels", "1", good}, {"check", "--max-bytes", "10", good}},
		cli.ExitUsage:   {{}, {"check"}, {"check", "--no-such-flag", good}, {"chekc"}, {"check", "--max-bytes", "-1", good}, {"serve", "x"}},
		cli.ExitFailed:  {{"check", filepath.Join(dir, "none")}, {"check", cut, filepath.Join(dir, "none")}, {"serve", "--addr", "256.0.0.1:1"}},
	} {
		for _, args := range calls {
			out, errs, code := imgvet("", args...)
			require.Equal(t, want, code, "%q: %s%s", args, out, errs)
		}
	}
}

func TestCheckReportsWhatItCouldNotRead(t *testing.T) {
	dir, _ := folder(t)
	none := filepath.Join(dir, "none")
	out, errs, code := imgvet("", "check", none, filepath.Join(dir, "a.png"))
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, none)
	require.Contains(t, out, "ok ", "the others are checked all the same")

	_, errs, code = imgvet("", "check", filepath.Join(dir, "none\a\x1bc"))
	require.Equal(t, cli.ExitFailed, code)
	require.NotContains(t, errs, "\a", "a name cannot steer the terminal")
	require.NotContains(t, errs, "\x1b")
	_, errs, code = imgvet("", "check", "--\x1bc", dir) // a shell's "*" makes flags of such names
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, errs, `unknown flag: --\x1bc`)

	out, _, code = imgvet("", "check", "--json", none)
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, out, `"ok":false,"failure":`)
	require.NotContains(t, out, `"code"`, "a failure is no verdict")
}

func TestCheckCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs bytes.Buffer
	require.Equal(t, cli.ExitFailed, run(ctx, []string{"check", goodDir}, strings.NewReader(""), &out, &errs))
}

func TestCheckManyFilesInOrder(t *testing.T) {
	dir, png := folder(t)
	many := filepath.Join(dir, "many")
	require.NoError(t, os.Mkdir(many, 0o700))
	for i := range 500 {
		require.NoError(t, os.WriteFile(filepath.Join(many, fmt.Sprintf("%04d.png", i)), png, 0o600))
	}
	out, _, code := imgvet("", "check", many)
	require.Equal(t, cli.ExitOK, code)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, 500)
	for i, line := range lines {
		require.Contains(t, line, fmt.Sprintf("%04d.png", i))
	}
}

func TestCheckFailFast(t *testing.T) {
	dir, _ := folder(t)
	for _, jobs := range []string{"1", "4"} {
		out, errs, code := imgvet("", "check", "--fail-fast", "--jobs", jobs, dir)
		require.Equal(t, cli.ExitRefused, code, errs)
		require.Equal(t, 2, strings.Count(out, "\n"), "a.png, b-cut.png and no more: %s", out)
		_, _, code = imgvet("", "check", "--fail-fast", "--jobs", jobs, filepath.Join(dir, "none"), dir)
		require.Equal(t, cli.ExitFailed, code)
	}
	_, _, code := imgvet("", "check", "--fail-fast", goodDir)
	require.Equal(t, cli.ExitOK, code)
}

func TestCheckJobs(t *testing.T) {
	dir, _ := folder(t)
	want, _, _ := imgvet("", "check", "--jobs", "1", dir)
	for _, jobs := range []string{"2", "7", "256"} {
		out, _, code := imgvet("", "check", "-j", jobs, dir)
		require.Equal(t, cli.ExitRefused, code)
		require.Equal(t, want, out)
	}
	for _, jobs := range []string{"-1", "257", "x"} {
		_, _, code := imgvet("", "check", "-j", jobs, dir)
		require.Equal(t, cli.ExitUsage, code)
	}
}

func TestCheckQuiet(t *testing.T) {
	dir, _ := folder(t)
	for _, args := range [][]string{{"check", "-q", dir}, {"check", "-q", "--json", dir}} {
		out, errs, code := imgvet("", args...)
		require.Equal(t, cli.ExitRefused, code)
		require.Empty(t, errs)
		require.Equal(t, 2, strings.Count(out, "\n"), out)
		require.Contains(t, out, "b-cut.png")
		require.Contains(t, out, "c-empty.jpg")
	}
}

func TestCheckUsage(t *testing.T) {
	dir, png := folder(t)
	for _, args := range [][]string{{"-", "-"}, {filepath.Join(dir, "[a-")}} {
		_, errs, code := imgvet(string(png), append([]string{"check"}, args...)...)
		require.Equal(t, cli.ExitUsage, code, "%q", args)
		require.NotEmpty(t, errs)
	}
	_, errs, code := imgvet("", "check", filepath.Join(dir, "*.gif"))
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "no file matches")
}

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestCheckTellsOfLostOutput(t *testing.T) {
	dir, _ := folder(t)
	for _, args := range [][]string{{"check", dir}, {"check", "--json", dir}} {
		var errs strings.Builder
		require.Equal(t, cli.ExitFailed, run(t.Context(), args, strings.NewReader(""), full{}, &errs))
		require.Contains(t, errs.String(), "no space left on device")
	}
}

// TestCheckDoesNotWaitForStandardInput: a check that ends early leaves it alone.
func TestCheckDoesNotWaitForStandardInput(t *testing.T) {
	dir, _ := folder(t)
	never, w := io.Pipe()
	defer w.Close()
	var out, errs strings.Builder
	code := run(t.Context(), []string{"check", "--fail-fast", filepath.Join(dir, "b-cut.png"), "-"}, never, &out, &errs)
	require.Equal(t, cli.ExitRefused, code, errs.String())
}
