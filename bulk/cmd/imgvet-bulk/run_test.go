package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/internal/flags"
	"github.com/imgvet/imgvet/validate"
)

const goodDir = "../../../testdata/good"

// added are the members that a line has beside those of imgvet check.
var added = regexp.MustCompile(`,"key":"(?:[^"\\]|\\.)*"(?:,"etag":"(?:[^"\\]|\\.)*")?(?:,"version":"(?:[^"\\]|\\.)*")?\}\n$`)

// checkJSON returns what "imgvet check --json" prints in a folder, line by line, by file.
func checkJSON(t *testing.T, dir string) map[string]string {
	bin := filepath.Join(t.TempDir(), "imgvet")
	build := command(t, "../../..", "go", "build", "-o", bin, "./cmd/imgvet")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	check := command(t, dir, bin, "check", "--json", ".")
	out, _ = check.Output()
	all := map[string]string{}
	for text := range bytes.Lines(out) {
		var v validate.Verdict
		require.NoError(t, json.Unmarshal(text, &v))
		all[v.FileName()] = string(text)
	}
	return all
}

// TestRunEqualsCheck: the verdicts of run are those of imgvet check, byte for byte but for the
// added members.
func TestRunEqualsCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(goodDir)))
	objects(t, filepath.Join(dir, "more"), 300, 100, 3)
	for name, b := range map[string][]byte{
		"empty.png": nil, "text.png": []byte("hello"), "long text.png": bytes.Repeat([]byte("a"), 100_000),
		"large.jpg": make([]byte, validate.MaxBytes), "larger.jpg": make([]byte, validate.MaxBytes+1),
		"a\xffb.png": {1}, "a\nb\x1b.png": {2}, "<&>.png": {3}, "\u2028.png": {4}, ".hidden.png": {5},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	want := checkJSON(t, dir)
	require.Greater(t, len(want), 500)

	file := filepath.Join(t.TempDir(), "all.jsonl")
	_, errs, code := imgvetBulk(t, "", "run", "--bucket", "file://"+dir, "--results", "file://"+t.TempDir(), "--state", t.TempDir(), "--out", file)
	require.Equal(t, cli.ExitRefused, code, errs)
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	n := 0
	for text := range bytes.Lines(b) {
		ls := lines(t, text)
		require.True(t, added.Match(text), "%s", text)
		require.Equal(t, want[ls[0].FileName()], string(added.ReplaceAll(text, []byte("}\n"))))
		require.NotEmpty(t, ls[0].ETag)
		n++
	}
	require.Len(t, want, n)
}

// tree is a folder of a good picture, a cut one and an empty file, and a folder in it.
func tree(t *testing.T) string {
	dir := t.TempDir()
	png, err := os.ReadFile(goodDir + "/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "sub"), 0o755))
	for name, b := range map[string][]byte{"a.png": png, "b.png": png[:len(png)-5], "sub/c.png": nil} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o644))
	}
	return dir
}

// TestRunResumes: what has a result is not judged again, what a run finds missing or broken is.
func TestRunResumes(t *testing.T) {
	photos, out, state := tree(t), t.TempDir(), t.TempDir()
	args := []string{"run", "--bucket", "file://" + photos, "--results", "file://" + out, "--state", state, "--job", "j", "--shard-keys", "1", "--out", "-"}
	first, errs, code := imgvetBulk(t, "", args...)
	require.Equal(t, cli.ExitRefused, code, errs)
	require.Len(t, lines(t, []byte(first)), 3)
	left, err := filepath.Glob(filepath.Join(state, "*"))
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(state, "lock")}, left, "nothing is left of the engine")

	// The bucket changes; the plan and the results stand.
	require.NoError(t, os.WriteFile(filepath.Join(photos, "a.png"), nil, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(photos, "new.png"), nil, 0o644))
	second, errs, code := imgvetBulk(t, "", args...)
	require.Equal(t, cli.ExitRefused, code, errs)
	require.Equal(t, first, second)
	require.Contains(t, errs, "the plan of ")

	// One part is lost, and one is torn: only what is named there is judged again.
	parts, err := filepath.Glob(filepath.Join(out, "parts/j/*/*"))
	require.NoError(t, err)
	require.Len(t, parts, 3)
	require.NoError(t, os.Remove(parts[0]))
	b, err := os.ReadFile(parts[1])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(parts[1], b[:len(b)-10], 0o644))
	third, errs, code := imgvetBulk(t, "", args...)
	require.Equal(t, cli.ExitRefused, code, errs)
	all := lines(t, []byte(third))
	require.Len(t, all, 3)
	require.Equal(t, validate.Empty, all[0].Reason, "a.png is empty by now")
	require.Equal(t, lines(t, []byte(first))[1:], all[1:])

	_, errs, code = imgvetBulk(t, "", append(args, "--strict")...)
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "other rules")
	args[2] = "file://" + t.TempDir()
	_, errs, code = imgvetBulk(t, "", args...)
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "another bucket")
}

// TestResultsInsideBucket: results are never taken for pictures.
func TestResultsInsideBucket(t *testing.T) {
	photos := tree(t)
	_, errs, code := imgvetBulk(t, "", "run", "--bucket", "file://"+photos, "--results", "file://"+photos, "--state", t.TempDir())
	require.Equal(t, cli.ExitUsage, code)
	require.Contains(t, errs, "among the pictures")
	for range 2 {
		out, errs, code := imgvetBulk(t, "", "run", "--bucket", "file://"+photos, "--results", "file://"+photos+"/sub/out", "--state", t.TempDir(), "--out", "-")
		require.Equal(t, cli.ExitRefused, code, errs)
		require.Len(t, lines(t, []byte(out)), 3)
	}
}

// TestRules: the plan fixes the rules for all workers, faces among them.
func TestRules(t *testing.T) {
	photos := tree(t)
	for options, reasons := range map[string][]string{
		"":                          {"", "truncated", "empty"},
		"--min-width=33":            {"too_small", "truncated", "empty"},
		"--max-bytes=20":            {"too_large", "too_large", "empty"},
		"--max-bytes=1KiB":          {"", "truncated", "empty"},
		"--formats=jpg,heic":        {"format_not_allowed", "format_not_allowed", "empty"},
		"--max-work=1":              {"too_much_work", "truncated", "empty"},
		"--face --tolerance=strict": {"no_face", "truncated", "empty"},
	} {
		results := "file://" + t.TempDir()
		_, errs, code := imgvetBulk(t, "", append([]string{"plan", "--bucket", "file://" + photos, "--results", results}, strings.Fields(options)...)...)
		require.Zero(t, code, errs)
		_, errs, code = imgvetBulk(t, "", "work", "--plan", results+"/plan.json", "--index", "0", "--of", "1")
		require.Zero(t, code, errs)
		out, _, _ := imgvetBulk(t, "", "collect", "--results", results, "--out", "-")
		var got []string
		for _, l := range lines(t, []byte(out)) {
			got = append(got, string(l.Reason))
		}
		require.Equal(t, reasons, got, options)
	}
}

// TestRuleFlags: a plan and a watcher have the rules of "imgvet check", each with its default and
// its help, and a plan that is made again has the same.
func TestRuleFlags(t *testing.T) {
	var check flags.Verdict
	all := pflag.NewFlagSet("check", pflag.ContinueOnError)
	check.Add(all, false)
	for _, name := range []string{"plan", "run", "watch"} {
		cmd, _, err := (program{}).root().Find([]string{name})
		require.NoError(t, err)
		all.VisitAll(func(f *pflag.Flag) {
			ours := cmd.Flags().Lookup(f.Name)
			require.NotNil(t, ours, "%s --%s", name, f.Name)
			require.Equal(t, f.DefValue, ours.DefValue)
			require.Equal(t, f.Usage, ours.Usage)
		})
	}
	plan := []string{"plan", "--bucket", "file://" + tree(t), "--results", "file://" + t.TempDir(), "--max-work", "9"}
	for formats, want := range map[string]int{"png,jpeg": 0, "jpg,png,jpeg": 0, "png": cli.ExitFailed} {
		_, _, _ = imgvetBulk(t, "", append(plan, "--formats", "jpeg,png")...)
		_, errs, code := imgvetBulk(t, "", append(plan, "--formats", formats)...)
		require.Equal(t, want, code, errs)
	}
	_, errs, code := imgvetBulk(t, "", append(plan[:5:5], "--formats", "jpeg,png")...)
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "planned by other rules")
}

// TestCollectFormats: the three kinds of files say the same.
func TestCollectFormats(t *testing.T) {
	photos, results, dir := t.TempDir(), "file://"+t.TempDir(), t.TempDir()
	want := objects(t, photos, 500, 60, 5)
	out, errs, code := imgvetBulk(t, "", "run", "--bucket", "file://"+photos, "--results", results, "--state", t.TempDir(), "--out", "-")
	require.Equal(t, cli.ExitRefused, code, errs)
	for _, name := range []string{"a.jsonl", "a.parquet", "a.sqlite"} {
		_, errs, code := imgvetBulk(t, "", "collect", "--results", results, "--out", filepath.Join(dir, name))
		require.Equal(t, cli.ExitRefused, code, errs)
		require.Contains(t, errs, "500 objects: 440 good, 60 refused, 0 could not be judged")
	}
	b, err := os.ReadFile(filepath.Join(dir, "a.jsonl"))
	require.NoError(t, err)
	require.Equal(t, out, string(b))
	checkLines(t, filepath.Join(dir, "a.jsonl"), want)

	type row struct {
		Key    string  `parquet:"key"`
		OK     bool    `parquet:"ok"`
		Code   *int32  `parquet:"code,optional"`
		Offset *int64  `parquet:"offset,optional"`
		Facts  *string `parquet:"facts,optional"`
		ETag   *string `parquet:"etag,optional"`
	}
	rows, err := parquet.ReadFile[row](filepath.Join(dir, "a.parquet"))
	require.NoError(t, err)
	db, err := sql.Open("sqlite", filepath.Join(dir, "a.sqlite"))
	require.NoError(t, err)
	defer db.Close()
	all := lines(t, b)
	require.Len(t, rows, len(all))
	for i, l := range all {
		var code, offset sql.NullInt64
		var ok bool
		var facts, etag sql.NullString
		err := db.QueryRowContext(t.Context(), `SELECT ok, code, "offset", facts, etag FROM verdicts WHERE key = ?`, l.Key).Scan(&ok, &code, &offset, &facts, &etag)
		require.NoError(t, err)
		r := rows[i]
		require.Equal(t, []any{l.Key, l.OK, l.OK, l.Error != nil, l.Error != nil, l.Offset != nil, l.Offset != nil, l.Facts != nil, l.ETag, l.ETag},
			[]any{r.Key, r.OK, ok, r.Code != nil, code.Valid, r.Offset != nil, offset.Valid, r.Facts != nil, *r.ETag, etag.String})
		if l.Offset != nil {
			require.Equal(t, []int64{*l.Offset, *l.Offset}, []int64{*r.Offset, offset.Int64})
		}
		if l.Facts != nil {
			text, err := json.Marshal(l.Facts)
			require.NoError(t, err)
			require.Equal(t, []string{string(text), string(text)}, []string{*r.Facts, facts.String})
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestCollectMissing: without all results there is no file, unless it is asked for.
func TestCollectMissing(t *testing.T) {
	photos, out := tree(t), t.TempDir()
	results, file := "file://"+out, filepath.Join(t.TempDir(), "a.jsonl")
	require.NoError(t, os.WriteFile(file, []byte("precious"), 0o644))
	_, errs, code := imgvetBulk(t, "", "collect", "--results", results, "--out", file)
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "there is no plan")
	_, errs, code = imgvetBulk(t, "", "plan", "--bucket", "file://"+photos, "--results", results, "--shard-keys", "2")
	require.Zero(t, code, errs)
	_, errs, code = imgvetBulk(t, "", "work", "--plan", results, "--index", "0", "--of", "2")
	require.Zero(t, code, errs)
	_, errs, code = imgvetBulk(t, "", "collect", "--results", results, "--out", file)
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, errs, "1 missing")
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "precious", string(b))
	text, _, code := imgvetBulk(t, "", "status", "--results", results, "--json")
	require.Equal(t, cli.ExitFailed, code)
	require.Contains(t, text, `"keys":3,"done":2,"shards":2,"shards_done":1`)
	_, _, code = imgvetBulk(t, "", "collect", "--results", results, "--out", file, "--partial")
	require.Equal(t, cli.ExitFailed, code)
	b, err = os.ReadFile(file)
	require.NoError(t, err)
	require.Len(t, lines(t, b), 2)
}

// TestKeys: a plan of what failed or was refused before, from the lines of collect.
func TestKeys(t *testing.T) {
	photos := tree(t)
	out, _, _ := imgvetBulk(t, "", "run", "--bucket", "file://"+photos, "--results", "file://"+t.TempDir(), "--state", t.TempDir(), "--out", "-")
	var refused strings.Builder
	for text := range strings.Lines(out) {
		if strings.Contains(text, `"ok":false`) {
			refused.WriteString(text + "\n")
		}
	}
	again, errs, code := imgvetBulk(t, refused.String(), "run", "--bucket", "file://"+photos, "--results", "file://"+t.TempDir(), "--state", t.TempDir(), "--keys", "-", "--out", "-")
	require.Equal(t, cli.ExitRefused, code, errs)
	require.Equal(t, strings.ReplaceAll(refused.String(), "\n\n", "\n"), again)
	for _, bad := range []string{"hello", `{"file":"a"}`, `{"key":"a","size":-1}`} {
		_, _, code := imgvetBulk(t, bad, "plan", "--bucket", "file://"+photos, "--results", "file://"+t.TempDir(), "--keys", "-")
		require.Equal(t, cli.ExitFailed, code, bad)
	}
}

func TestUsage(t *testing.T) {
	photos, results := "file://"+tree(t), "file://"+t.TempDir()
	for _, args := range [][]string{
		{}, {"run"}, {"rnu"}, {"run", "--bucket", photos}, {"run", "--bucket", photos, "--results", results, "--in-flight", "0"},
		{"run", "--bucket", photos, "--results", results, "--min-width", "-1"}, {"work"}, {"work", "--results", results},
		{"work", "--results", results, "--index", "1"}, {"work", "--results", results, "--index", "2", "--of", "2"},
		{"work", "--results", results, "--index", "0", "--of", "2", "--shards", "0"}, {"collect", "--results", results},
		{"watch", "--bucket", photos}, {"watch", "--bucket", photos, "--listen", ":0"}, {"watch", "--bucket", photos, "--subject", "a"},
		{"watch", "--bucket", photos, "--listen", "127.0.0.1:0", "--subject", "a"},
		{"run", "--bucket", photos, "--results", results, "--out", "x.csv"}, {"run", "--bucket", photos, "--results", results, "--job", "a/b"},
		{"plan", "--bucket", photos, "--results", results, "--job", "a/b"}, {"plan", "--bucket", photos, "--results", results, "--shard-keys", "-1"},
		{"plan", "--bucket", photos, "--results", results, "--shard-bytes", "-1"}, {"plan", "--bucket", photos, "--results", results, "--replicas", "0"},
		{"plan", "--bucket", photos, "--results", results, "--ack-wait", "0"}, {"status", "--results", results, "--replicas", "-1"},
		{"work", "--results", results, "--nats", "nats://127.0.0.1:1", "--ack-wait", "1ms"},
		{"collect", "--results", results, "--out", "x.csv"}, {"collect", "--results", results, "--out", "-", "--ack-wait", "-1s"},
		{"watch", "--bucket", photos, "--listen", "127.0.0.1:0"},
		{"watch", "--bucket", "file:///none/there", "--bucket-name", "a", "--listen", "127.0.0.1:0", "--refused", "burn"},
	} {
		_, errs, code := imgvetBulk(t, "", args...)
		require.Equal(t, cli.ExitUsage, code, "%q: %s", args, errs)
		require.NotEmpty(t, errs)
	}
	begun, err := os.ReadDir(strings.TrimPrefix(results, "file://"))
	require.NoError(t, err)
	require.Empty(t, begun, "no work is begun with a wrong command line")
	for _, args := range [][]string{
		{"run", "--bucket", "file:///none/there", "--results", results}, {"work", "--results", results, "--index", "0", "--of", "1"},
		{"status", "--results", results}, {"collect", "--results", results, "--out", "x.jsonl"},
		{"plan", "--bucket", photos, "--results", results, "--nats", "nats://127.0.0.1:1"},
	} {
		_, errs, code := imgvetBulk(t, "", args...)
		require.Equal(t, cli.ExitFailed, code, "%q: %s", args, errs)
	}
}

func TestHelp(t *testing.T) {
	for _, c := range (program{}).root().Commands() {
		out, _, code := imgvetBulk(t, "", c.Name(), "--help")
		require.Zero(t, code)
		require.Contains(t, out, "Examples:\n", c.Name())
		for word := range strings.FieldsSeq(c.Example) {
			if flag, ok := strings.CutPrefix(word, "--"); ok {
				require.NotNil(t, c.Flags().Lookup(flag), word)
			}
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cli.Interrupted{Signal: os.Interrupt})
	var out, errs bytes.Buffer
	code := run(ctx, program{}, []string{"run", "--bucket", "file://" + tree(t), "--results", "file://" + t.TempDir(), "--state", t.TempDir()}, strings.NewReader(""), &out, &errs)
	require.Equal(t, 130, code, fmt.Sprint(errs.String()))
}

// TestEdges: nothing to do, a file that can never be read and has no other beside it, and files of
// one byte.
func TestEdges(t *testing.T) {
	judge := func(photos string) (string, string, int) {
		return imgvetBulk(t, "", "run", "--bucket", "file://"+photos, "--results", "file://"+t.TempDir(), "--state", t.TempDir(), "--out", "-")
	}
	out, errs, code := judge(t.TempDir())
	require.Zero(t, code, errs)
	require.Empty(t, out)

	loop := t.TempDir()
	require.NoError(t, os.Symlink("loop.jpg", filepath.Join(loop, "loop.jpg")))
	out, errs, code = judge(loop)
	require.Equal(t, cli.ExitFailed, code, errs)
	require.Len(t, lines(t, []byte(out)), 1)
	require.Contains(t, out, `"failure":`)
	require.NotContains(t, errs, "the store cannot be read", "the file is to blame")

	small := t.TempDir()
	for i := range 300 {
		require.NoError(t, os.WriteFile(filepath.Join(small, fmt.Sprint(i)), []byte{byte(i)}, 0o600))
	}
	out, errs, code = judge(small)
	require.Equal(t, cli.ExitRefused, code, errs)
	require.Len(t, lines(t, []byte(out)), 300)
}

// TestHelpHidesPassword: --help shows the defaults of flags.
func TestHelpHidesPassword(t *testing.T) {
	t.Setenv("NATS_URL", "nats://me:hunter2@queue:4222")
	for _, c := range []string{"plan", "work", "collect", "status", "watch"} {
		out, errs, code := imgvetBulk(t, "", c, "--help")
		require.Zero(t, code)
		require.NotContains(t, out+errs, "hunter2")
	}
}
