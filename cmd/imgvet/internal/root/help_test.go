package root

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
	"github.com/imgvet/imgvet/internal/cli"
)

// imgvet runs the command.
func imgvet(args ...string) (stdout, stderr string, code int) {
	var out, errs strings.Builder
	code = Run(context.Background(), telemetry.Prometheus, args, strings.NewReader(""), &out, &errs)
	return out.String(), errs.String(), code
}

// TestHelp: every command says what it does, with an example that names it and
// flags that exist.
func TestHelp(t *testing.T) {
	for _, c := range documented(New(telemetry.Prometheus)) {
		out, _, code := imgvet(c.Name(), "--help")
		require.Equal(t, cli.ExitOK, code)
		require.Contains(t, out, "Examples:\n", c.Name())
		require.NotEmpty(t, c.Short)
		require.Contains(t, c.Example, "imgvet "+c.Name())
		require.Greater(t, len(c.Long), len(c.Short))
		for line := range strings.Lines(c.Example) {
			require.True(t, strings.HasPrefix(line, "  ") && len(line) < 100, line)
			for word := range strings.FieldsSeq(line) {
				flag, ok := strings.CutPrefix(word, "--")
				flag, _, _ = strings.Cut(flag, "=")
				if ok && strings.Contains(line, "imgvet "+c.Name()) && c.Name() != "man" {
					require.NotNil(t, c.Flags().Lookup(flag), line)
				}
			}
		}
	}
}

// TestHealthFails: where nobody answers, the exit code is the one that the help states.
func TestHealthFails(t *testing.T) {
	_, errs, code := imgvet("health", "--admin", "127.0.0.1:1")
	require.Equal(t, cli.ExitFailed, code, errs)
	out, _, _ := imgvet("health", "--help")
	require.Contains(t, out, "and 3 otherwise")
}

func TestVersion(t *testing.T) {
	out, errs, code := imgvet("--version")
	require.Equal(t, cli.ExitOK, code, errs)
	require.Equal(t, "imgvet "+cli.Build()+"\n", out)
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		out, errs, code := imgvet("completion", shell)
		require.Equal(t, cli.ExitOK, code, errs)
		require.Contains(t, out, "imgvet")
	}
	out, _, _ := imgvet("__complete", "check", "--sa")
	require.Contains(t, out, "--sarif")
}

func TestMan(t *testing.T) {
	out, errs, code := imgvet("man")
	require.Equal(t, cli.ExitOK, code, errs)
	for _, c := range documented(New(telemetry.Prometheus)) {
		require.Contains(t, out, ".SS \""+roff(c.Use)+"\"")
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" {
				require.Contains(t, out, roff("--"+f.Name), c.Name())
			}
		})
	}
	for line := range strings.Lines(out) {
		require.False(t, strings.HasPrefix(line, "'"), line)
		require.LessOrEqual(t, strings.Count(line, "(default"), 1, line)
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is not installed: the page is not set")
	}
	cmd := exec.CommandContext(t.Context(), groff, "-man", "-ww", "-Tascii")
	cmd.Stdin = strings.NewReader(out)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	page, err := cmd.Output()
	require.NoError(t, err)
	require.Empty(t, stderr.String(), "groff has nothing to warn of")
	require.Contains(t, string(page), "imgvet check")
}

// TestRoff: what a line of help holds comes out of groff as it was.
func TestRoff(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is not installed")
	}
	root := &cobra.Command{Use: "imgvet", Short: "Short", Long: "Some text:\n\n.not a macro\n  'neither' --this \\ a^b ~c `d` -- e\n\nMore."}
	var page strings.Builder
	require.NoError(t, manPage(&page, root))
	cmd := exec.CommandContext(t.Context(), groff, "-man", "-ww", "-Tascii")
	cmd.Stdin = strings.NewReader(page.String())
	out, err := cmd.CombinedOutput()
	require.NoError(t, err)
	require.Contains(t, string(out), ".not a macro")
	require.Contains(t, string(out), "'neither' --this \\ a^b ~c `d` -- e")
}
