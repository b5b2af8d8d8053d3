package conform

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"

	"github.com/imgvet/imgvet/fuzz"
)

// The API's path and the field that holds the picture there.
const (
	PipelinePath  = "/face_recon/run_pipeline"
	PipelineField = "image_bytes"
)

// fieldOf returns the field to send files in, unless the user names one.
func fieldOf(address string) string {
	if u, err := url.Parse(address); err == nil && strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), PipelinePath) {
		return PipelineField
	}
	return "image"
}

// first sends a good picture of each format until one passes. If none does, the rest would
// say little: what comes back is the report of these few, and what is probably wrong.
func first(ctx context.Context, address string, opts fuzz.ConformOptions) (report *fuzz.Report, hint string, err error) {
	report = &fuzz.Report{}
	probe := opts
	probe.Modes = []fuzz.Mode{fuzz.TokenFirst}
	probe.UnknownToken, probe.DeniedToken, probe.Headers, probe.Reports = "", "", false, false
	probe.Readings = func(func(fuzz.Reading) bool) {}
	tried := map[string]bool{}
	for c := range fuzz.Cases() {
		format := string(c.Format)
		if !c.OK || tried[format] || len(c.Data) > 1<<20 {
			continue
		}
		tried[format] = true
		probe.Cases = one(c)
		got, err := fuzz.ConformURL(ctx, address, probe)
		if err != nil {
			return nil, "", err
		}
		passed := true
		for _, f := range got.Faults {
			if f.Case == c.Name && refused(f) {
				passed = false
				report.Faults = append(report.Faults, f)
			}
		}
		if report.Requests++; passed {
			return nil, "", nil
		}
	}
	return report, cause(report.Faults, opts), nil
}

// refused tells whether a good picture did not pass. Any other fault, such as a body that the
// handler did not get whole, is for the long run.
func refused(f fuzz.Fault) bool {
	switch f.Kind {
	case "a good file was refused", "not a canonical refusal", "no answer", "answer is cut":
		return true
	}
	return false
}

// one yields a single case.
func one(c fuzz.Case) iter.Seq[fuzz.Case] {
	return func(yield func(fuzz.Case) bool) { yield(c) }
}

// cause says why no good picture passes, as far as the first answer tells.
func cause(faults []fuzz.Fault, opts fuzz.ConformOptions) string {
	got := strings.ReplaceAll(faults[0].Got, `\`, "") // status, and the body in quotes
	says := func(code string) bool { return strings.Contains(got, `"code":`+code+`,`) }
	is := func(statuses ...string) bool {
		return slices.ContainsFunc(statuses, func(s string) bool { return strings.HasPrefix(got, s+" ") })
	}
	switch {
	case says("6") || strings.Contains(got, "unexpected field"):
		return fmt.Sprintf("the service found no file: is the field called %q? (--field)", opts.Field)
	case says("0") || says("1") || is("401", "403"):
		return "the service did not take the token: name one that it takes (--token)"
	case says("4"):
		return "the service looks for a face, and the pictures have none: switch that off while you try it"
	case is("404", "405"):
		return "the service has nothing at this address for a POST: is the path right?"
	case is("400", "415"):
		return fmt.Sprintf("the service did not take the form: does it want a form with the file in %q (--field) and a text field \"token\"?", opts.Field)
	}
	return "is this the address where pictures are uploaded?"
}
