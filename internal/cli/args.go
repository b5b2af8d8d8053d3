package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// Args demands at least least arguments, and at most most of them unless most is 0. what
// says what they are, as in "conform needs the URL of a service, such as http://...".
func Args(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < least {
			return fmt.Errorf("%s needs %s (see \"%s --help\")", cmd.Name(), what, cmd.CommandPath())
		}
		if most > 0 && len(args) > most {
			return fmt.Errorf("%s needs %s, and nothing more: what is %q?", cmd.Name(), what, args[most])
		}
		return nil
	}
}

// KnownCommand demands that there is no argument: it would be a command that does not exist.
// The error names those that may be meant.
func KnownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var known []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			known = append(known, c.Name())
		}
	}
	text := fmt.Sprintf("there is no command %q", args[0]) + DidYouMean(args[0], known)
	return fmt.Errorf("%s (see %q)", text, cmd.Name()+" --help")
}
