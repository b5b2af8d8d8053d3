package main

import (
	"bufio"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/internal/testenv"
)

// shellCommand is a command of a document, and what the document says it prints.
type shellCommand struct {
	where string // file and line
	text  string
	shown []string
	sh    bool // of a block of plain commands
}

// shellCommands reads the commands of a document: of "sh" blocks every line, of
// "console" blocks the lines behind "$ ", and in the text `go run ...`, `go test ...`
// and `imgvet ...` between backticks, unless a word in capitals stands for a value.
func shellCommands(t *testing.T, name string) []shellCommand {
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	form := regexp.MustCompile(`(^| )[A-Z]+( |$)|\.\.\.( |$)|…|<`)
	span := regexp.MustCompile("`((?:[A-Z_]+=\\S+ )?(?:go (?:run|test|build|vet)|imgvet [a-z]+) [^`]+)`")
	var all []shellCommand
	block, n := "", 0
	for text := range strings.Lines(string(b)) {
		n++
		text = strings.TrimRight(text, "\r\n")
		c := shellCommand{where: fmt.Sprintf("%s:%d", filepath.Base(name), n)}
		fence, isFence := strings.CutPrefix(strings.TrimSpace(text), "```")
		switch {
		case isFence && block != "":
			block = ""
		case isFence:
			block = fence + " "
		case block == "":
			for _, m := range span.FindAllStringSubmatch(text, -1) {
				if c.text = m[1]; c.text == goTestAll || !form.MatchString(c.text) {
					all = append(all, c)
				}
			}
		case strings.HasPrefix(block, "console ") && strings.HasPrefix(text, "$ "):
			c.text = text[2:]
			all = append(all, c)
		case strings.HasPrefix(block, "console "):
			require.NotEmpty(t, all, "%s: output before a command", c.where)
			all[len(all)-1].shown = append(all[len(all)-1].shown, text)
		case strings.HasPrefix(block, "sh ") && text != "" && !strings.HasPrefix(text, "#"):
			c.text, c.sh = text, true
			if last := len(all) - 1; last >= 0 && strings.HasSuffix(all[last].text, "\\") {
				all[last].text += "\n" + text // a line that goes on
				continue
			}
			all = append(all, c)
		}
	}
	return all
}

// goTestAll is the command that runs this test.
const goTestAll = "go test ./..."

// instead says what is run in place of a command: one that would take minutes, run
// itself again, or change the source tree. Everything else is run as it stands.
func instead(text string) (other, why string) {
	text, _, _ = strings.Cut(text, " #") // a comment
	text = strings.TrimSpace(text)
	switch {
	case text == goTestAll:
		return "go list ./... | grep -q /cmd/imgvet", "it is what runs this test"
	case strings.HasPrefix(text, "go run ./cmd/imgvet "):
		return strings.TrimPrefix(text, "go run ./cmd/"), "built already"
	case strings.HasPrefix(text, "go run ./bench"):
		return "go vet ./bench", "measures for minutes"
	case strings.HasPrefix(text, "go run ./"):
		return "go vet " + strings.Fields(text)[2], "writes into the source tree, or runs for minutes"
	case strings.HasPrefix(text, "go build") || strings.HasPrefix(text, "go install"):
		return "go vet ./cmd/imgvet", "writes files"
	}
	// A long test: that there is one of this name.
	if m := regexp.MustCompile(`^(?:[A-Z_]+=\S+ )*go test .*-(?:run|fuzz|bench)[ =](\S+).* (\./\S+)$`).FindStringSubmatch(text); m != nil {
		return "grep -rq 'func [TBF].*" + m[1] + "' --include='*_test.go' " + m[2], "runs for minutes"
	}
	return text, ""
}

// session runs commands of a document as a reader would: in a folder of photos, with
// imgvet on the path, and the server where the document starts it.
type session struct {
	t       *testing.T
	root    string // of the source tree
	dir     string
	path    string
	address string // of the server; "" if none runs
	stop    []func()
}

func newSession(t *testing.T) *session {
	s := &session{t: t, root: filepath.Dir(filepath.Dir(must(os.Getwd()))), dir: t.TempDir()}
	require.FileExists(t, filepath.Join(s.root, "go.mod"))
	bin := t.TempDir()
	self, err := filepath.Abs(os.Args[0])
	require.NoError(t, err)
	script := "#!/bin/sh\n" + asCommand + "=1 exec '" + self + "' \"$@\"\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "imgvet"), []byte(script), 0o700))
	s.path = bin + string(filepath.ListSeparator) + os.Getenv("PATH")
	s.photos()
	return s
}

func must(dir string, err error) string {
	if err != nil {
		panic(err)
	}
	return dir
}

// photos makes the files that documents talk of.
func (s *session) photos() {
	img := image.NewRGBA(image.Rect(0, 0, 800, 600))
	for i := range 800 * 600 {
		img.SetRGBA(i%800, i/800, color.RGBA{uint8(i * i >> 7), uint8(i >> 3), uint8(i % 251), 255})
	}
	create := func(name string, encode func(f *os.File) error) {
		path := filepath.Join(s.dir, name)
		require.NoError(s.t, os.MkdirAll(filepath.Dir(path), 0o700))
		f, err := os.Create(path)
		require.NoError(s.t, err)
		defer f.Close()
		require.NoError(s.t, encode(f))
	}
	asJPEG := func(f *os.File) error { return jpeg.Encode(f, img, &jpeg.Options{Quality: 95}) }
	asPNG := func(f *os.File) error { return png.Encode(f, img) }
	for _, name := range []string{"photo.jpg", "selfie.jpg", "photos/a.jpg", "photos/2026/b.jpg"} {
		create(name, asJPEG)
	}
	create("photo.png", asPNG)
	create("photos/c.png", asPNG)
	heics, err := filepath.Glob(filepath.Join(s.root, "testdata/good/heic/*.heic"))
	require.NoError(s.t, err)
	require.NotEmpty(s.t, heics)
	heic, err := os.ReadFile(heics[0])
	require.NoError(s.t, err)
	create("photo.heic", func(f *os.File) error { _, err := f.Write(heic); return err })
	create("photos/cut.heic", func(f *os.File) error { _, err := f.Write(heic[:len(heic)/2]); return err })
	info, err := os.Stat(filepath.Join(s.dir, "photo.jpg"))
	require.NoError(s.t, err)
	require.Greater(s.t, info.Size(), int64(100_000), "large enough to be cut")
}

// run runs one command.
func (s *session) run(c shellCommand) {
	text, why := instead(c.text)
	if why != "" {
		s.t.Logf("%s: %s: %s (%s)", c.where, c.text, text, why)
	}
	isGo := regexp.MustCompile(`^(?:[A-Z_]+=\S+ )*go `).MatchString(text)
	switch {
	case isGo && !testenv.Long():
		s.t.Logf("%s: not run in short mode: %s", c.where, c.text)
		return
	case regexp.MustCompile(`^imgvet (serve|proxy)\b`).MatchString(text) && !strings.Contains(text, "--help"):
		s.serve(c, text)
		return
	}
	if strings.Contains(text, ":8080") {
		if s.address == "" {
			s.serve(c, "imgvet serve --face=false") // the program that the document shows above
		}
		text = regexp.MustCompile(`(127\.0\.0\.1|localhost):8080`).ReplaceAllString(text, s.address)
	}
	for _, tool := range []string{"curl", "jq", "npm", "node", "man"} {
		if _, err := exec.LookPath(tool); err != nil && regexp.MustCompile(`(^|[|;&] *)`+tool+` `).MatchString(text) {
			s.t.Logf("%s: NOT RUN, %s is not installed: %s", c.where, tool, c.text)
			return
		}
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), testenv.Scale(2*time.Minute))
	defer cancel()
	cmd := s.command(ctx, text)
	if isGo || strings.Contains(text, "testdata") || strings.Contains(text, "./") {
		cmd.Dir = s.root
	}
	if isGo {
		cmd.Env = append(cmd.Env, "GOFLAGS=", "GOCACHE="+goEnv(s.t, "GOCACHE"), "GOMODCACHE="+goEnv(s.t, "GOMODCACHE"))
	}
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	code := cmd.ProcessState.ExitCode()
	refusedMaybe := strings.Contains(text, "imgvet check") && code == cli.ExitRefused
	require.True(s.t, err == nil || refusedMaybe, "%s: %s\n%v\n%s%s", c.where, text, err, stdout.String(), stderr.String())
	if len(c.shown) > 0 {
		require.Regexp(s.t, asPattern(c.shown), stdout.String(), "%s: %s", c.where, c.text)
	}
}

// command returns a command of the shell, in the folder of photos.
func (s *session) command(ctx context.Context, text string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "sh", "-c", text)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "PATH="+s.path, "HOME="+s.dir)
	return cmd
}

func goEnv(t *testing.T, name string) string {
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

// asPattern makes a pattern of what a document shows. The canonical body must come
// byte for byte; else numbers and the width of gaps may differ, and "..." is anything.
func asPattern(shown []string) *regexp.Regexp {
	var lines []string
	for _, line := range shown {
		switch {
		case strings.TrimSpace(line) == "...":
			line = "(?s:.*)"
		case strings.HasPrefix(line, `{"error"`):
			line = regexp.QuoteMeta(line)
		default:
			line = regexp.MustCompile(`\d+`).ReplaceAllString(regexp.QuoteMeta(line), `\d+`)
			line = regexp.MustCompile(` +`).ReplaceAllString(line, ` +`)
			line = strings.ReplaceAll(line, `\.\.\.`, `.*`)
		}
		lines = append(lines, line)
	}
	return regexp.MustCompile(`^` + strings.Join(lines, `\n`) + `\s*$`)
}

// serve starts a server on a free port and lets it run to the end of the test.
func (s *session) serve(c shellCommand, text string) {
	args := strings.Fields(strings.TrimPrefix(strings.TrimSuffix(strings.TrimSpace(text), "&"), "imgvet "))
	for i := 0; i < len(args); i++ {
		if args[i] == "--addr" {
			args = append(args[:i], args[i+2:]...)
		} else if strings.HasPrefix(args[i], "--addr=") {
			args = append(args[:i], args[i+1:]...)
		}
	}
	cmd := process(s.t, append(args, "--addr", "127.0.0.1:0")...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	require.NoError(s.t, err)
	require.NoError(s.t, cmd.Start())
	s.stop = append(s.stop, func() {
		require.NoError(s.t, cmd.Process.Signal(os.Interrupt))
		require.NoError(s.t, cmd.Wait(), "a server that is told to stop ends well")
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(s.t, err, "%s: %s\n%s", c.where, text, stderr.String())
	m := regexp.MustCompile(`listening on http://(\S+)`).FindStringSubmatch(line)
	require.NotNil(s.t, m, "%s: %s", c.where, line)
	s.address = m[1]
	res, err := http.Get("http://" + s.address + "/")
	require.NoError(s.t, err)
	require.NoError(s.t, res.Body.Close())
	if strings.HasPrefix(text, "imgvet serve") {
		require.Equal(s.t, http.StatusOK, res.StatusCode, "%s: its page", c.where)
	}
}

// TestCommandsOfDocuments runs every command that the README and the page on check
// show.
func TestCommandsOfDocuments(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are for sh")
	}
	if testenv.Race {
		t.Skip("dozens of processes, which the race detector makes slow and has nothing to see in")
	}
	for _, name := range []string{"README.md", "docs/check.md"} {
		t.Run(name, func(t *testing.T) {
			s := newSession(t)
			commands := shellCommands(t, filepath.Join(s.root, name))
			require.Greater(t, len(commands), 4, "the commands were found")
			for _, c := range commands {
				s.run(c)
			}
			for _, stop := range s.stop {
				stop()
			}
		})
	}
}

// TestDocumentCommandsCanFail: the test above notices what does not work.
func TestDocumentCommandsCanFail(t *testing.T) {
	name := filepath.Join(t.TempDir(), "x.md")
	require.NoError(t, os.WriteFile(name, []byte("Run `go run ./cmd/x`, not `imgvet conform URL` or `code`.\n```sh\na \\\n  b\n# no\nc\n```\n```go\nd\n```\n```console\n$ e f\nout\n...\n```\n"), 0o600))
	var got []string
	for _, c := range shellCommands(t, name) {
		got = append(got, c.text+"|"+strings.Join(c.shown, "/"))
	}
	require.Equal(t, []string{"go run ./cmd/x|", "a \\\n  b|", "c|", "e f|out/..."}, got)
	require.Regexp(t, asPattern([]string{"ok  jpeg  12x3  a.jpg"}), "ok      jpeg  4032x3024  a.jpg\n")
	require.NotRegexp(t, asPattern([]string{"ok  jpeg  12x3  a.jpg"}), "ok  png  1x1  a.jpg\n")
	require.NotRegexp(t, asPattern([]string{`{"error":{"code":5,"message":"file corrupted"}}`}), `{"error":{"code":6,"message":"file corrupted"}}`)
}
