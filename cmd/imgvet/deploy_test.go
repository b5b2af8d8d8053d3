package main

import (
	"context"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/root"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
)

// TestDeploy: what the files in deploy/ and the Dockerfile set is what the commands know, and
// the YAML can be read.
func TestDeploy(t *testing.T) {
	variable := regexp.MustCompile(`IMGVET_[A-Z_]+`)
	var help strings.Builder
	for _, command := range []string{"serve", "proxy"} {
		require.Zero(t, root.Run(context.Background(), telemetry.Prometheus, []string{command, "--help"}, strings.NewReader(""), &help, io.Discard))
	}
	seen := map[string]bool{}
	for _, name := range []string{"../../Dockerfile", "../../deploy/compose.yaml", "../../deploy/kubernetes.yaml"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, v := range variable.FindAllString(string(text), -1) {
			seen[v] = true
			flag := "--" + strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(v, "IMGVET_"), "_", "-")) + " "
			require.Contains(t, help.String(), flag, "%s sets %s", name, v)
		}
		if strings.HasSuffix(name, ".yaml") {
			require.NoError(t, yaml.Unmarshal(text, &map[string]any{}), name)
		}
	}
	require.Greater(t, len(slices.Collect(maps.Keys(seen))), 4)
}
