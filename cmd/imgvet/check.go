package main

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/validate"
)

// stdinName is the argument that means standard input, and its name in reports.
const stdinName = "-"

func checkCommand() *cobra.Command {
	var (
		asJSON bool
		opts   validate.Options
	)
	cmd := &cobra.Command{
		Use:   "check [flags] PATH...|-",
		Short: "Check files, every file below folders, or standard input",
		Long: `Check reports on every file, a line each, whether it is one whole picture that
the API takes: PNG, JPEG, HEIC, BMP or WebP, less than 10 MB, decodable to its
last byte. Folders are walked; what is hidden in them (a name that begins with
a dot) is left out. "-" is standard input.

The exit code is 0 if all is good, 1 if a file was refused, 2 for a wrong
command line, 3 if a file could not be read.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			if err := opts.Problems(); err != nil {
				return err
			}
			var out reporter = textReporter{cmd.OutOrStdout(), cmd.ErrOrStderr()}
			if asJSON {
				out = newJSONReporter(cmd.OutOrStdout())
			}
			return check(cmd.Context(), paths, cmd.InOrStdin(), opts, out, startProgress(cmd.ErrOrStderr(), paths))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON Lines")
	cmd.Flags().BoolVar(&opts.Strict, "strict", false, "refuse what is otherwise only warned of, such as bytes after the picture")
	cmd.Flags().Int64Var(&opts.MaxBytes, "max-bytes", validate.MaxBytes, "refuse files of this many bytes or more")
	cmd.Flags().Int64Var(&opts.MaxPixels, "max-pixels", validate.DefaultMaxPixels, "refuse pictures of more pixels than this")
	return cmd
}

// verdict is what became of one file.
type verdict struct {
	file string
	res  *validate.Result
	err  error // nil, a *validate.Error, or what kept the file from being read
}

// refusal returns the verdict's refusal, or nil.
func (v verdict) refusal() *validate.Error {
	var refusal *validate.Error
	errors.As(v.err, &refusal)
	return refusal
}

// check judges every file and reports in the order of the walk. It holds as many
// files in memory as there are processors, however many there are to check.
func check(ctx context.Context, paths []string, stdin io.Reader, opts validate.Options, out reporter, bar progress) error {
	// Each file gets a channel of its own; the queue of these channels keeps the
	// order, and its length bounds how far the walk runs ahead.
	workers := runtime.GOMAXPROCS(0)
	type job struct {
		file string
		err  error
		done chan<- verdict
	}
	jobs := make(chan job)
	queue := make(chan (<-chan verdict), 4*workers)

	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for j := range jobs {
				if j.err != nil {
					j.done <- verdict{j.file, &validate.Result{}, j.err}
					continue
				}
				j.done <- judge(ctx, j.file, stdin, opts)
			}
		})
	}
	go func() {
		defer close(queue)
		defer close(jobs)
		walk(ctx, paths, func(file string, err error) {
			done := make(chan verdict, 1)
			queue <- done
			jobs <- job{file, err, done}
		})
	}()

	worst := exitOK
	for done := range queue {
		v := <-done
		switch {
		case v.err == nil:
		case v.refusal() != nil:
			worst = max(worst, exitRefused)
		default:
			worst = exitFailed
		}
		bar.pause()
		out.report(v)
		bar.step()
	}
	wg.Wait()
	bar.finish()
	if err := ctx.Err(); err != nil {
		return failure{err}
	}
	if worst != exitOK {
		return exitError(worst)
	}
	return nil
}

// judge validates one file.
func judge(ctx context.Context, file string, stdin io.Reader, opts validate.Options) verdict {
	v := verdict{file: file}
	if file == stdinName {
		v.res, v.err = validate.Validate(ctx, stdin, opts)
	} else {
		v.res, v.err = validate.File(ctx, file, opts)
	}
	return v
}
