package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/report"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/thumb"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/walk"
	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/internal/flags"
	"github.com/imgvet/imgvet/internal/settings"
)

// maxJobs bounds --jobs: each job holds one file in memory, and under --face a
// decoded picture.
const maxJobs = 256

// options are the flags of check.
type options struct {
	verdict            flags.Verdict
	jobs               int
	json, quiet        bool
	failFast           bool
	naming             naming
	sarif, junit, html string
}

// Command returns "imgvet check".
func Command() *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use:   "check [flags] PATH...|-",
		Short: "Check files, folders, patterns or standard input",
		Long: `Check reports on every file, a line each, whether it is one whole picture that
the API takes: PNG, JPEG, HEIC, BMP or WebP, less than 10 MB, decodable to its
last byte. The lines come in the order of the walk, however many files are
checked at once. The content alone decides, whatever a file is called, unless
--warn-type-mismatch or --refuse-type-mismatch asks for its name.

A folder is walked by name; what is hidden in it (a name that begins with a dot),
links to folders, pipes and devices are left out. A pattern that the shell did not
expand is expanded here: "*", "?" and "[a-z]" within a name, "**" for any number
of folders. "-" is standard input.

With --face a picture in which no face is found gets code 4. That decodes every
picture, in as many jobs at once as there are (see --jobs); 220 million pixels can
take up to 1.8 gigabytes.

With --json each line is a JSON object; a file that could not be read has a
"failure" in it and no "error". The reports of --sarif, --junit and --report are
written beside that, and whole even if the check ends early. The thumbnails in
--report are made by Go's own decoders, in limits, of at most ` + fmt.Sprint(thumb.Max) + ` refused files.

The exit code is 0 if all is good, 1 if a file was refused, 2 for a wrong command
line, 3 if a file could not be read or a report not be written, 130 after Ctrl-C.
"imgvet explain" tells what the codes and reasons of refusals mean.`,
		Example: `  imgvet check photo.heic
  imgvet check --json photos/ | jq -r 'select(.ok | not) | .file'
  imgvet check --strict 'photos/**/*.jpg' --report report.html
  imgvet check --face --json selfie.jpg
  imgvet check --min-width 600 --min-aspect 3:4 --max-aspect 4:3 --max-frames 1 avatars/
  imgvet check --fail-fast --sarif imgvet.sarif --junit imgvet.xml testdata/
  curl -s https://example.com/photo.png | imgvet check -`,
		Args: cli.Args(1, 0, "a file, a folder, a pattern, or - for standard input"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.problems(args); err != nil {
				return err
			}
			if err := o.verdict.Finish(); err != nil {
				return err
			}
			return run(cmd.Context(), args, o, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print JSON Lines")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print only what was refused or could not be read")
	o.verdict.Add(f, false)
	f.BoolVar(&o.naming.warn, "warn-type-mismatch", false, "warn of a good file that is named as another kind of file")
	f.BoolVar(&o.naming.refuse, "refuse-type-mismatch", false, "refuse a good file that is named as another kind of file, such as a PNG called a.jpg")
	f.BoolVar(&o.failFast, "fail-fast", false, "end at the first file that is refused or can't be read")
	f.IntVarP(&o.jobs, "jobs", "j", 0, "check this many files at once (default: as many as there are processors)")
	f.StringVar(&o.sarif, "sarif", "", "write refusals and warnings to this file as SARIF 2.1.0")
	f.StringVar(&o.junit, "junit", "", "write a test case a file to this file as JUnit XML")
	f.StringVar(&o.html, "report", "", "write what was refused, with thumbnails, to this file as one page of HTML")
	for flag, extension := range map[string]string{"sarif": "sarif", "junit": "xml", "report": "html"} {
		_ = cmd.MarkFlagFilename(flag, extension) // fails for a flag that is not there
	}
	settings.Enable(cmd)
	return cmd
}

// problems returns what is wrong with the command line.
func (o *options) problems(args []string) error {
	errs := []error{o.verdict.Options.Problems(), walk.CheckGlobs(args)}
	if o.jobs == 0 {
		o.jobs = min(runtime.GOMAXPROCS(0), maxJobs)
	}
	if o.jobs < 1 || o.jobs > maxJobs {
		errs = append(errs, fmt.Errorf("--jobs %d: between 1 and %d can be had", o.jobs, maxJobs))
	}
	stdin := 0
	for _, arg := range args {
		if arg == cli.Stdin {
			stdin++
		}
	}
	if stdin > 1 {
		errs = append(errs, errors.New("standard input can be checked once"))
	}
	return errors.Join(errs...)
}

// errFailedFast ends a check after the first file that is not good.
var errFailedFast = errors.New("ended at the first file that is not good")

// run judges every file and reports in the order of the walk. Memory does not
// grow with the number of files.
func run(ctx context.Context, args []string, o options, stdin io.Reader, stdout, stderr io.Writer) error {
	reports, ignore, err := report.Files{SARIF: o.sarif, JUnit: o.junit, HTML: o.html}.Create()
	if err != nil {
		return cli.Failure{Err: err}
	}
	w := walk.Walker{Ignore: ignore}
	screen := newScreen(stdout, stderr)
	screen.start(ctx, w.Files(args))
	if o.json {
		reports = append(reports, report.NewJSON(screen.out, o.quiet))
	} else {
		reports = append(reports, report.NewText(screen.out, screen.errs, o.quiet))
	}

	t := report.Tally{Start: time.Now()}
	p := pool{judge: judge{opts: o.verdict.Options, naming: o.naming, stdin: stdin}, jobs: o.jobs}
	if o.html != "" {
		p.judge.thumbs = thumb.NewMaker()
	}
	err = p.run(ctx, w.Files(args), func(v report.Verdict) error {
		t.Add(v)
		if err := reports.Report(v); err != nil {
			return err
		}
		screen.step()
		if o.failFast && v.Err != nil {
			return errFailedFast
		}
		return nil
	})
	if !errors.Is(err, errFailedFast) {
		t.Stopped = err
	}
	t.Took = time.Since(t.Start)
	err = errors.Join(screen.finish(t), reports.Finish(t))
	switch {
	case err != nil:
		return cli.Failure{Err: err}
	case t.Stopped != nil:
		return cli.Failure{Err: t.Stopped}
	case t.ExitCode() != cli.ExitOK:
		return cli.ExitError(t.ExitCode())
	}
	return nil
}
