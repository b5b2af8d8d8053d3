package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// command is a command with flags of each kind, and one beside it.
type command struct {
	*cobra.Command
	size            int
	name, tolerance string
	list            []string
	strict          bool
	file            string
}

func newCommand() *command {
	c := &command{Command: &cobra.Command{Use: "one"}}
	f := c.Flags()
	f.IntVar(&c.size, "max-size", 7, "")
	f.StringVar(&c.name, "name", "default", "")
	f.StringArrayVar(&c.list, "list", nil, "")
	f.StringVar(&c.file, "list-file", "", "")
	f.StringVar(&c.tolerance, "tolerance", "normal", "")
	f.BoolVar(&c.strict, "strict", false, "")
	Same(f, "list", "list-file")
	OneOf(f, "tolerance", "strict")
	Enable(c.Command)
	other := &cobra.Command{Use: "two"}
	other.Flags().Int("other", 0, "")
	Enable(other)
	root := &cobra.Command{Use: "imgvet"}
	root.AddCommand(c.Command, other, &cobra.Command{Use: "three"})
	return c
}

// file writes a file of settings.
func file(t *testing.T, text string) string {
	name := filepath.Join(t.TempDir(), "imgvet.yaml")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// set loads settings as the command would.
func (c *command) set(t *testing.T, args, environ []string) error {
	require.NoError(t, c.ParseFlags(args))
	return load(c.Command, environ)
}

// TestPrecedence: flag, environment, file, default.
func TestPrecedence(t *testing.T) {
	name := file(t, "max-size: 1\nname: file\nlist: [a, 'b,c']\nother: 5\n")
	c := newCommand()
	require.NoError(t, c.set(t, []string{"--config", name}, nil))
	require.Equal(t, 1, c.size)
	require.Equal(t, "file", c.name)
	require.Equal(t, []string{"a", "b,c"}, c.list)

	c = newCommand()
	require.NoError(t, c.set(t, nil, []string{"IMGVET_CONFIG=" + name, "IMGVET_NAME=env", "IMGVET_LIST=x,y", "HOME=/"}))
	require.Equal(t, 1, c.size)
	require.Equal(t, "env", c.name)
	require.Equal(t, []string{"x", "y"}, c.list, "in place of the file's")

	c = newCommand()
	require.NoError(t, c.set(t, []string{"--name=", "--list", "z", "--max-size", "3", "--config", name}, []string{"IMGVET_NAME=env", "IMGVET_MAX_SIZE=2", "IMGVET_LIST=x", "IMGVET_CONFIG=/none"}))
	require.Equal(t, 3, c.size)
	require.Empty(t, c.name, "an empty flag is a flag")
	require.Equal(t, []string{"z"}, c.list)

	c = newCommand()
	require.NoError(t, c.set(t, nil, nil))
	require.Equal(t, 7, c.size)
	require.Equal(t, "default", c.name)
}

// TestOneSetting: where several flags set one thing, the place of most precedence sets it alone.
func TestOneSetting(t *testing.T) {
	c := newCommand()
	require.NoError(t, c.set(t, []string{"--strict"}, []string{"IMGVET_TOLERANCE=lenient", "IMGVET_LIST_FILE=env", "IMGVET_CONFIG=" + file(t, "list: a")}))
	require.Equal(t, "normal", c.tolerance, "the flag --strict is about the same")
	require.True(t, c.strict)
	require.Equal(t, "env", c.file)
	require.Empty(t, c.list, "a token of the file must not be added to those of the environment")

	c = newCommand()
	err := c.set(t, nil, []string{"IMGVET_TOLERANCE=lenient", "IMGVET_STRICT=true", "IMGVET_LIST=a", "IMGVET_LIST_FILE=b"})
	require.EqualError(t, err, "IMGVET_STRICT and IMGVET_TOLERANCE are both set: one of them is possible")
	require.Equal(t, []string{"a"}, c.list)
	require.Equal(t, "b", c.file, "these two go together")
}

// TestFaults: everything that is wrong is told at once, with its place.
func TestFaults(t *testing.T) {
	name := file(t, "max-size: many\nnme: x\nname: a\nname: b\nconfig: x\nlist: []\nstrict:\ntolerance: {a: b}\nlist-file: [[a]]\nhelp: true\n")
	err := newCommand().set(t, nil, []string{"IMGVET_CONFIG=" + name, "IMGVET_NAME="})
	require.Error(t, err)
	for _, want := range []string{
		"IMGVET_NAME is empty: unset it, or give it a value", "max-size: ", `:2: "nme" is no setting`, ":4: name is set again", `:5: "config" is no setting`,
		":6: list is an empty list", ":7: strict has no value", ":8: tolerance is neither a value nor a list", ":9: list-file is no list of plain values",
		`:10: "help" is no setting`,
	} {
		require.ErrorContains(t, err, want)
	}
	for text, want := range map[string]string{
		"- a\n": ":1: not settings", "a: b: c": "mapping values", "name: a\n---\nname: b\n": "more than one document", "name: *x\n": "unknown anchor",
		"name: " + strings.Repeat("x", maxFile): "larger than",
	} {
		require.ErrorContains(t, newCommand().set(t, []string{"--config", file(t, text)}, nil), want)
	}
	require.NoError(t, newCommand().set(t, []string{"--config", file(t, "# nothing\n")}, nil))
	require.ErrorIs(t, newCommand().set(t, []string{"--config", "/none"}, nil), os.ErrNotExist)
}

// TestUnknown: a misspelt variable is found, and not what others set.
func TestUnknown(t *testing.T) {
	c := newCommand()
	require.Equal(t, []string{"IMGVET_MAXSIZE"}, Unknown(c.Command, []string{
		"IMGVET_MAXSIZE=1", "IMGVET_MAX_SIZE=1", "IMGVET_OTHER=1", "IMGVET_CONFIG=x", "PATH=/",
		"IMGVET_SERVICE_HOST=10.0.0.1", "IMGVET_SERVICE_PORT_HTTP=80", "IMGVET_PORT=tcp://10.0.0.1:80", "IMGVET_PORT_80_TCP_ADDR=10.0.0.1",
	}))
}
