package conform

import (
	"fmt"
	"iter"
	"net"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/cli"
)

// Command returns "imgvet conform".
func Command() *cobra.Command {
	var (
		opts fuzz.ConformOptions
		only string
	)
	cmd := &cobra.Command{
		Use:   "conform [flags] URL",
		Short: "Try every known good and bad picture on a running service",
		Long: `Conform posts hundreds of pictures that each deserve a known verdict, bombs and
an upload without an end among them, to a service in any language: as a form with
the token first and last, raw, chunked, with Expect: 100-continue, and over HTTP/2
where https speaks it. It prints what the service got wrong. If no good picture
passes, it stops at once and says what is probably wrong with the call.

A service that answers which files its handler was given is also sent hundreds of
forms that parsers read in two ways, byte for byte, and some 80 as real clients
send them: no file may arrive but those that were sent as files. The answer is
2xx and JSON such as
  {"files":[{"field":"image","name":"a.png","size":70,"sha256":"5891b5b5..."}]}
Let a test of the service answer this; --reports demands it.

The URL must be of this machine (localhost, 127.0.0.1, [::1]): what is sent would
be an attack on anybody else. A service elsewhere can be reached through a tunnel,
such as ssh -L.

The exit code is 0 if the service got all right, 1 if not, 2 for a wrong command
line, 3 if it could not be reached.`,
		Example: `  imgvet conform http://127.0.0.1:8080/face_recon/run_pipeline
  imgvet conform --field photo --token secret http://127.0.0.1:8080/upload
  imgvet conform --only png/ --headers http://127.0.0.1:8080/upload`,
		Args: cli.Args(1, 1, "the URL of a service, such as http://127.0.0.1:8080/upload"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needLoopback(args[0]); err != nil {
				return err
			}
			if only != "" {
				opts.Cases = named(only, fuzz.Cases())
				if !some(opts.Cases) {
					return fmt.Errorf("--only %q: no case has a name like this", only)
				}
			}
			if !cmd.Flags().Changed("field") {
				opts.Field = fieldOf(args[0])
			}
			report, hint, err := first(cmd.Context(), args[0], opts)
			if err != nil {
				return cli.Failure{Err: err}
			}
			if report != nil {
				fmt.Fprintf(cmd.OutOrStdout(), "No good picture passes, so that the others were not sent: %s\n%s", hint, report)
				return cli.ExitError(cli.ExitRefused)
			}
			bar := newProgress(cmd.ErrOrStderr(), &opts)
			report, err = fuzz.ConformURL(cmd.Context(), args[0], opts)
			bar.finish()
			if err != nil {
				return cli.Failure{Err: err}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s", report)
			if report.Readings == 0 && !opts.Reports {
				fmt.Fprintln(cmd.OutOrStdout(), "the service does not answer which files it was given: no request with two readings was sent")
			}
			if len(report.Faults) > 0 {
				return cli.ExitError(cli.ExitRefused)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&opts.Field, "field", "", "the multipart field of the file (default: \"image\", or \""+PipelineField+"\" at the API's path)")
	cmd.Flags().StringVar(&opts.Token, "token", "conform", "a token that the service takes")
	cmd.Flags().StringVar(&opts.UnknownToken, "unknown-token", "", "a token that the service must refuse with code 0")
	cmd.Flags().StringVar(&opts.DeniedToken, "denied-token", "", "a token that the service must refuse with code 1")
	cmd.Flags().BoolVar(&opts.Headers, "headers", false, "demand nosniff and no-store on refusals")
	cmd.Flags().BoolVar(&opts.Reports, "reports", false, "demand that the service answers which files it was given")
	cmd.Flags().StringVar(&only, "only", "", "send only the cases whose name contains this, such as png/")
	return cmd
}

// needLoopback refuses a URL of another machine. A name other than localhost is
// refused whatever it resolves to: it may resolve to something else next time.
func needLoopback(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return fmt.Errorf("%q is no URL such as http://127.0.0.1:8080/upload: %w", s, err)
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%q does not begin with http:// or https://", s)
	}
	host := u.Hostname()
	if ip := net.ParseIP(host); strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%q is not this machine: use localhost, 127.0.0.1 or [::1], through a tunnel if need be", s)
}

// named leaves only the cases whose name contains part.
func named(part string, cases iter.Seq[fuzz.Case]) iter.Seq[fuzz.Case] {
	return func(yield func(fuzz.Case) bool) {
		for c := range cases {
			if strings.Contains(c.Name, part) && !yield(c) {
				return
			}
		}
	}
}

// some reports whether there are cases.
func some(cases iter.Seq[fuzz.Case]) bool {
	for range cases {
		return true
	}
	return false
}
