package corrupt

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/imgvet/imgvet/fuzz"
	"github.com/imgvet/imgvet/internal/cli"
)

// Command returns "imgvet corrupt".
func Command() *cobra.Command {
	var (
		names []string
		seed  uint64
	)
	cmd := &cobra.Command{
		Use:   "corrupt [flags] IN|- OUT|-",
		Short: "Write a damaged copy of a picture, to try a service with",
		Long: `Corrupt damages a copy of a file in a way that can be repeated: the same seed,
file and operations give the same bytes everywhere. Operations are applied in
their order; without any, the seed chooses one. "-" is standard input or output.

Operations:
` + operationHelp() + `
A damaged file is not always a bad one: a bit flipped in a comment harms nobody.
"imgvet check" knows.`,
		Example: `  imgvet corrupt photo.jpg broken.jpg
  imgvet corrupt --op truncate --seed 7 photo.jpg - | imgvet check -`,
		Args: cli.Args(2, 2, "a good picture and the name of the file to write"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ops, err := operations(names)
			if err != nil {
				return err
			}
			return run(args[0], args[1], cmd.InOrStdin(), cmd.OutOrStdout(), func(b []byte) []byte {
				return fuzz.Corrupt(seed, b, ops...)
			})
		},
	}
	cmd.Flags().StringArrayVar(&names, "op", nil, "apply this operation; may be given more than once")
	_ = cmd.RegisterFlagCompletionFunc("op", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var all []string
		for _, op := range fuzz.AllOps() {
			all = append(all, op.Name+"\t"+op.For)
		}
		return all, cobra.ShellCompDirectiveNoFileComp
	})
	cmd.Flags().Uint64Var(&seed, "seed", 1, "start of the random numbers")
	return cmd
}

// operationHelp lists the operations, a line each.
func operationHelp() string {
	var s strings.Builder
	for _, op := range fuzz.AllOps() {
		fmt.Fprintf(&s, "  %-16s %s\n", op.Name, op.For)
	}
	return s.String()
}

// operations returns the operations of these names, in their order.
func operations(names []string) ([]fuzz.Op, error) {
	var known []string
	byName := map[string]fuzz.Op{}
	for _, op := range fuzz.AllOps() {
		known = append(known, op.Name)
		byName[op.Name] = op.Op
	}
	var ops []fuzz.Op
	for _, name := range names {
		op := byName[name]
		if op == nil {
			return nil, fmt.Errorf("--op %q is none of: %s", name, strings.Join(known, ", "))
		}
		ops = append(ops, op)
	}
	return ops, nil
}

// run writes what damage makes of in to out.
func run(in, out string, stdin io.Reader, stdout io.Writer, damage func([]byte) []byte) error {
	if in != cli.Stdin && out != cli.Stdin && sameFile(in, out) {
		return fmt.Errorf("%s would be overwritten with its own damaged copy", in)
	}
	var b []byte
	var err error
	if in == cli.Stdin {
		b, err = io.ReadAll(stdin)
	} else {
		b, err = os.ReadFile(in)
	}
	if err != nil {
		return cli.Failure{Err: err}
	}
	if b = damage(b); out == cli.Stdin {
		_, err = stdout.Write(b)
	} else {
		err = os.WriteFile(out, b, 0o666)
	}
	if err != nil {
		return cli.Failure{Err: err}
	}
	return nil
}

// sameFile reports whether both names are of one file.
func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
