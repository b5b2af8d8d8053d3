package explain

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// validatesReasons reads the constants of type Reason from validate's source.
func validatesReasons(t *testing.T) []string {
	files, err := filepath.Glob("../../../../validate/*.go")
	require.NoError(t, err)
	var reasons []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Reason" {
				value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				reasons = append(reasons, value)
			}
			return true
		})
	}
	return reasons
}

// TestEveryReasonIsExplained holds the table equal to the reasons there are.
func TestEveryReasonIsExplained(t *testing.T) {
	want := validatesReasons(t)
	require.Greater(t, len(want), 20)
	var got []string
	for _, r := range Reasons() {
		got = append(got, string(r.Reason))
		require.NotEmpty(t, r.Short)
		require.NotEmpty(t, r.meaning)
		require.NotEmpty(t, r.advice())
		require.NotEmpty(t, r.Code.Message())
	}
	require.ElementsMatch(t, want, got)
}
