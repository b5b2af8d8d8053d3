package root

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man",
		Short: "Print the manual page",
		Long: `Man prints imgvet(1), made of what --help says of every command, for man or for a
package. "imgvet completion --help" tells how to complete commands in a shell.`,
		Example: `  imgvet man | man -l -
  imgvet man > ~/.local/share/man/man1/imgvet.1`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return manPage(cmd.OutOrStdout(), cmd.Root())
		},
	}
}

// manPage writes imgvet(1) in the macros of man(7).
func manPage(w io.Writer, root *cobra.Command) error {
	var s strings.Builder
	s.WriteString(".TH IMGVET 1 \"\" \"imgvet\" \"User Commands\"\n")
	fmt.Fprintf(&s, ".SH NAME\nimgvet \\- %s\n", roff(lowerFirst(root.Short)))
	s.WriteString(".SH SYNOPSIS\n")
	commands := documented(root)
	for _, c := range commands {
		fmt.Fprintf(&s, ".B imgvet\n%s\n.br\n", roff(c.Use))
	}
	s.WriteString(".SH DESCRIPTION\n")
	manText(&s, root.Long)
	s.WriteString(".SH COMMANDS\n")
	for _, c := range commands {
		fmt.Fprintf(&s, ".SS \"%s\"\n", roff(c.Use))
		manText(&s, c.Long)
		c.LocalFlags().VisitAll(func(f *pflag.Flag) { manFlag(&s, f) })
		if c.Example != "" {
			s.WriteString(".PP\nExamples:\n.PP\n")
			manText(&s, c.Example)
		}
	}
	s.WriteString(".SH EXIT STATUS\n")
	for _, e := range []struct{ code, meaning string }{
		{"0", "all is good"},
		{"1", "a file was refused, or a service got a verdict wrong"},
		{"2", "the command line is wrong"},
		{"3", "a file could not be read, a report not be written, or a server failed or is not ready"},
		{"130, 143", "interrupted (SIGINT), terminated (SIGTERM)"},
	} {
		fmt.Fprintf(&s, ".TP\n.B %s\n%s\n", e.code, roff(e.meaning))
	}
	_, err := io.WriteString(w, s.String())
	return err
}

// documented lists the commands that --help lists, but for help itself and the
// scripts of completion.
func documented(root *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" && c.Name() != "completion" {
			all = append(all, c)
		}
	}
	return all
}

// manText writes paragraphs; indented lines stay as they are.
func manText(s *strings.Builder, text string) {
	code := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		indented := strings.HasPrefix(line, "  ")
		if indented != code {
			s.WriteString(map[bool]string{true: ".nf\n", false: ".fi\n"}[indented])
			code = indented
		}
		if line == "" {
			s.WriteString(".PP\n")
			continue
		}
		fmt.Fprintf(s, "%s\n", roff(line))
	}
	if code {
		s.WriteString(".fi\n")
	}
}

func manFlag(s *strings.Builder, f *pflag.Flag) {
	if f.Hidden || f.Name == "help" {
		return
	}
	name := "--" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", " + name
	}
	kind, usage := pflag.UnquoteUsage(f)
	if kind != "" {
		name += " " + kind
	}
	if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" && f.DefValue != "[]" {
		usage += " (default " + f.DefValue + ")"
	}
	fmt.Fprintf(s, ".TP\n.B %s\n%s\n", roff(name), roff(usage))
}

// roff escapes a line: a backslash is what escapes, a hyphen would be set as a
// typographic one that cannot be pasted into a shell, and a dot or an apostrophe at
// the beginning is a macro.
func roff(line string) string {
	line = strings.NewReplacer(`\`, `\e`, `-`, `\-`, `^`, `\(ha`, `~`, `\(ti`, "`", `\(ga`).Replace(line)
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		line = `\&` + line
	}
	return line
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
