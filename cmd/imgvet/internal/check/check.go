package check

import (
	"cmp"
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

	from       source
	filter     walk.Filter
	gitIgnore  bool
	everything bool // also what is no picture
	cache      string
	colour     string
	moveTo     string
	copyTo     string
	dryRun     bool
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
links to folders, pipes and devices are left out, and so is what claims to be a
picture neither by its content nor by its name, such as a README, unless --all is
given. A pattern that the shell did not expand is expanded here: "*", "?" and
"[a-z]" within a name, "**" for any number of folders, "{jpg,png}" for either. "-"
is standard input. What is named, one by one or in the list of --files-from, is
checked whatever it is.

--move-to and --copy-to put refused files into a folder, below which they keep
their path, and never write over a file. Beside what is moved lies ` + undoList + `,
which moves it back. --cache remembers which files were good: they are not read
again until their size or time, the options or the program change.

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
  imgvet check --strict 'photos/**/*.{jpg,png}' --report report.html
  imgvet check --exclude '*.tmp.jpg' --cache ~/.cache/imgvet photos/
  imgvet check --quiet --move-to broken/ photos/
  imgvet check --gitignore .
  git ls-files -z | imgvet check -0 --files-from -
  imgvet check --face --json selfie.jpg
  imgvet check --min-width 600 --min-aspect 3:4 --max-aspect 4:3 --max-frames 1 avatars/
  imgvet check --fail-fast --sarif imgvet.sarif --junit imgvet.xml testdata/
  curl -s https://example.com/photo.png | imgvet check -`,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.from.list != "" {
				return nil
			}
			return cli.Args(1, 0, "a file, a folder, a pattern, or - for standard input")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.problems(args); err != nil {
				return err
			}
			if err := o.verdict.Finish(); err != nil {
				return err
			}
			return run(cmd.Context(), o, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print JSON Lines")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "print only what was refused or could not be read")
	o.verdict.Add(f, false)
	f.BoolVar(&o.naming.warn, "warn-type-mismatch", false, "warn of a good file that is named as another kind of file")
	f.BoolVar(&o.naming.refuse, "refuse-type-mismatch", false, "refuse a good file that is named as another kind of file, such as a PNG called a.jpg")
	o.addFileFlags(f)
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
	if stdin == 1 && o.from.list == cli.Stdin {
		errs = append(errs, errors.New("standard input is either a picture or the list of files"))
	}
	o.from.args = args
	return errors.Join(append(errs, o.fileProblems()...)...)
}

// errFailedFast ends a check after the first file that is not good.
var errFailedFast = errors.New("ended at the first file that is not good")

// run judges every file and reports in the order of the walk. Memory does not
// grow with the number of files.
func run(ctx context.Context, o options, stdin io.Reader, stdout, stderr io.Writer) error {
	reports, ignore, err := report.Files{SARIF: o.sarif, JUnit: o.junit, HTML: o.html}.Create()
	if err != nil {
		return cli.Failure{Err: err}
	}
	screen := newScreen(stdout, stderr)
	sorted := sorter{to: cmp.Or(o.moveTo, o.copyTo), move: o.moveTo != "", dry: o.dryRun, out: screen.errs}
	folder, err := sorted.prepare()
	if err != nil {
		return cli.Failure{Err: err}
	}
	remembered, err := openCache(o.cache, o.verdict.Options, fmt.Sprint(o.naming))
	if err != nil {
		return cli.Failure{Err: err}
	}
	w := walk.Walker{Ignore: append(ignore, folder...), Filter: o.filter, GitIgnore: o.gitIgnore}
	files := o.from.files(w.Files, stdin)
	if o.from.once() {
		screen.start(ctx, nil)
	} else {
		screen.start(ctx, files)
	}
	if o.json {
		reports = append(reports, report.NewJSON(screen.out, o.quiet))
	} else {
		reports = append(reports, report.NewText(screen.out, screen.errs, o.quiet, o.coloured(stdout)))
	}

	t := report.Tally{Start: time.Now()}
	p := pool{judge: judge{opts: o.verdict.Options, naming: o.naming, all: o.everything, stdin: stdin, cache: remembered}, jobs: o.jobs}
	if o.html != "" {
		p.judge.thumbs = thumb.NewMaker()
	}
	stayed := false
	err = p.run(ctx, files, func(v report.Verdict) error {
		t.Add(v)
		screen.step()
		if v.Left != report.NotLeft {
			return nil
		}
		if err := reports.Report(v); err != nil {
			return err
		}
		if err := sorted.take(v); err != nil {
			fmt.Fprintf(screen.errs, "imgvet: %s stays where it is: %s\n", cli.Printable(v.File), cli.Plain(err))
			stayed = true
		}
		if o.failFast && v.Err != nil {
			return errFailedFast
		}
		return nil
	})
	if !errors.Is(err, errFailedFast) {
		t.Stopped = err
	}
	t.Took = time.Since(t.Start)
	err = errors.Join(screen.finish(t), reports.Finish(t), remembered.save())
	if t.Checked() == 0 && t.NoPicture > 0 && t.Stopped == nil {
		fmt.Fprintf(stderr, "imgvet: no pictures among %d files (--all checks them too)\n", t.NoPicture)
	}
	switch {
	case err != nil:
		return cli.Failure{Err: err}
	case t.Stopped != nil:
		return cli.Failure{Err: t.Stopped}
	case stayed:
		return cli.ExitError(cli.ExitFailed)
	case t.ExitCode() != cli.ExitOK:
		return cli.ExitError(t.ExitCode())
	}
	return nil
}
