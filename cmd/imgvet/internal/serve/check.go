package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/imgvet/imgvet/web"
)

// makeDelay is how long a server runs before it makes the browser's check, unless somebody
// asks for the page before: one that only starts and ends need not compile anything.
const makeDelay = 2 * time.Second

// browserCheck is where the files of the browser's check come from.
type browserCheck struct {
	// Files returns them, and waits until they are made; nil if there are none.
	Files func() fs.FS
	// Stop ends the making, and removes what was made.
	Stop func()
}

// builtIn is the check that this build has.
func builtIn() browserCheck {
	files := func() fs.FS { return nil }
	if web.Built() {
		files = web.FS
	}
	return browserCheck{files, func() {}}
}

// checkOf returns this build's check. A build without one, as of a fresh clone, makes it from
// the source code that it was itself built from, which says the same of every file. What
// happens is said in the log.
func checkOf(ctx context.Context, log *slog.Logger) browserCheck {
	if web.Built() {
		return builtIn()
	}
	source, err := sourceFolder()
	if err != nil {
		log.Warn("the page has no check for the browser: in a clone, go run ./web/build, and build imgvet again", "cause", err)
		return builtIn()
	}
	return makeCheck(ctx, log, source)
}

// makeCheck returns a check that is made from a clone in the background.
func makeCheck(ctx context.Context, log *slog.Logger, source string) browserCheck {
	ctx, cancel := context.WithCancel(ctx)
	var folder string
	files := sync.OnceValue(func() fs.FS {
		if ctx.Err() != nil {
			return nil
		}
		log.Info("making the browser's check for the page, which this build is without (go run ./web/build)")
		begin := time.Now()
		var err error
		if folder, err = os.MkdirTemp("", "imgvet-web"); err == nil {
			err = runBuild(ctx, source, folder)
		}
		if err != nil {
			if ctx.Err() == nil {
				log.Warn("the page has no check for the browser: it could not be made", "cause", err)
			}
			return nil
		}
		log.Info("made the browser's check", "seconds", time.Since(begin).Round(time.Second/10).Seconds())
		return os.DirFS(folder)
	})
	timer := time.AfterFunc(makeDelay, func() { files() })
	return browserCheck{files, func() {
		timer.Stop()
		cancel()
		files() // waits
		if folder != "" {
			_ = os.RemoveAll(folder)
		}
	}}
}

// runBuild runs web/build of a clone.
func runBuild(ctx context.Context, source, out string) error {
	cmd := exec.CommandContext(ctx, "go", "run", "-C", source, "./web/build", "-o", out)
	cmd.WaitDelay = time.Second // its compilers may still hold the pipe
	text, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go run ./web/build: %w: %s", err, bytes.TrimSpace(text))
	}
	return nil
}

// sourceFolder returns the clone that this program was compiled from. No other will do: the
// folder that it is started in may be a stranger's.
func sourceFolder() (string, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return "", err
	}
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return "", errors.New("this program was not built from a clone, or with -trimpath")
	}
	root := strings.TrimSuffix(filepath.ToSlash(file), "/cmd/imgvet/internal/serve/check.go")
	if _, err := os.Stat(filepath.Join(root, "web", "build", "main.go")); err != nil {
		return "", fmt.Errorf("the clone that this program was built from is gone: %w", err)
	}
	return root, nil
}
