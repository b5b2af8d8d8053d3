package explain

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/validate"
)

// Command returns "imgvet explain".
func Command() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE|REASON]...",
		Short: "Tell what a code or a reason means, and what to do about it",
		Long: `Explain tells what a documented code (0, 1, 3, 4, 5, 6) or a reason, such as
truncated, means: the HTTP status and body that a client gets, what to tell a
person, and how to see it. Without arguments it lists them all.`,
		Example: `  imgvet explain 5
  imgvet explain truncated trailing_data
  imgvet explain`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return explainable(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return explainAll(cmd.OutOrStdout())
			}
			var texts []string
			for _, arg := range args {
				text, err := explain(arg)
				if err != nil {
					return err
				}
				texts = append(texts, text)
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), strings.Join(texts, "\n"))
			return err
		},
	}
}

// explainable lists what explain takes.
func explainable() []string {
	var names []string
	for _, c := range Codes() {
		names = append(names, strconv.Itoa(int(c.Code)))
	}
	for _, r := range Reasons() {
		names = append(names, string(r.Reason))
	}
	return names
}

// explain returns the text about a code or a reason.
func explain(name string) (string, error) {
	if n, err := strconv.Atoi(name); err == nil {
		codes := Codes()
		if i := slices.IndexFunc(codes, func(c Code) bool { return int(c.Code) == n }); i >= 0 {
			return codes[i].text(), nil
		}
		return "", fmt.Errorf("%d is no code: the documented ones are 0, 1, 3, 4, 5 and 6", n)
	}
	name = strings.ReplaceAll(strings.ToLower(name), "-", "_")
	reasons := Reasons()
	if i := slices.IndexFunc(reasons, func(r Reason) bool { return string(r.Reason) == name }); i >= 0 {
		return reasons[i].text(), nil
	}
	return "", fmt.Errorf("%q is no code or reason%s (see \"imgvet explain\")", name, cli.DidYouMean(name, explainable()))
}

func (c Code) text() string {
	var s strings.Builder
	fmt.Fprintf(&s, "code %d: %s\n\n", c.Code, c.Code.Message())
	fmt.Fprintf(&s, "%s\n\n", c.meaning)
	refusal := &validate.Error{Code: c.Code, Offset: -1}
	row(&s, "HTTP status", strconv.Itoa(middleware.StatusOf(c.Code)))
	row(&s, "body", body(refusal))
	row(&s, "advice", refusal.Advice())
	row(&s, "reasons", strings.Join(reasonsOf(c.Code), ", "))
	row(&s, "to see it", c.Example)
	return s.String()
}

func (r Reason) text() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s: %s\n\n", r.Reason, r.Short)
	fmt.Fprintf(&s, "%s\n\n", r.meaning)
	refusal := &validate.Error{Code: r.Code, Reason: r.Reason, Offset: -1}
	switch r.kind {
	case advises:
		row(&s, "verdict", "good, with a warning from the face finder (--face), under --strict too")
		return s.String()
	case compares:
		row(&s, "verdict", "good, with a warning of the middleware, or under --warn-type-mismatch;\n               refused under --refuse-type-mismatch (middleware.Options.RefuseTypeMismatch)")
	case warns:
		row(&s, "verdict", "good, with a warning; refused under --strict")
	case forgives:
		row(&s, "verdict", "refused, as truncated or malformed; good, with this warning, under --lenient")
		return s.String()
	default:
		row(&s, "verdict", "refused")
	}
	row(&s, "code", fmt.Sprintf("%d (%s)", r.Code, r.Code.Message()))
	row(&s, "HTTP status", strconv.Itoa(middleware.StatusOf(r.Code)))
	row(&s, "body", body(refusal))
	row(&s, "advice", refusal.Advice())
	return s.String()
}

// row writes a named value.
func row(w io.Writer, name, value string) { fmt.Fprintf(w, "  %-12s %s\n", name, value) }

// body returns what a client is sent.
func body(refusal *validate.Error) string {
	b, err := refusal.MarshalJSON()
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// reasonsOf lists the reasons of refusals with this code.
func reasonsOf(code validate.Code) []string {
	var names []string
	for _, r := range Reasons() {
		if r.Code == code && r.kind == refuses {
			names = append(names, string(r.Reason))
		}
	}
	return names
}

// explainAll lists all codes and reasons.
func explainAll(w io.Writer) error {
	var s strings.Builder
	s.WriteString("Codes, with the HTTP status that goes with them:\n")
	for _, c := range Codes() {
		fmt.Fprintf(&s, "  %d  %d  %s\n", c.Code, middleware.StatusOf(c.Code), c.Code.Message())
	}
	s.WriteString("\nReasons of refusals:\n")
	for _, r := range Reasons() {
		if r.kind == refuses {
			fmt.Fprintf(&s, "  %-18s code %d  %s\n", r.Reason, r.Code, r.Short)
		}
	}
	s.WriteString("\nReasons of warnings, refused under --strict with code 5:\n")
	for _, r := range Reasons() {
		if r.kind == warns {
			fmt.Fprintf(&s, "  %-18s %s\n", r.Reason, r.Short)
		}
	}
	s.WriteString("\nReasons of warnings under --lenient alone:\n")
	for _, r := range Reasons() {
		if r.kind == forgives {
			fmt.Fprintf(&s, "  %-18s %s\n", r.Reason, r.Short)
		}
	}
	s.WriteString("\nReasons of warnings about names and declared types, by the middleware or with --warn-type-mismatch:\n")
	for _, r := range Reasons() {
		if r.kind == compares {
			fmt.Fprintf(&s, "  %-18s %s\n", r.Reason, r.Short)
		}
	}
	s.WriteString("\nReasons of warnings about faces, with --face:\n")
	for _, r := range Reasons() {
		if r.kind == advises {
			fmt.Fprintf(&s, "  %-18s %s\n", r.Reason, r.Short)
		}
	}
	_, err := io.WriteString(w, s.String())
	return err
}
