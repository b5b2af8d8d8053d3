package uploads

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// finish parses flags, and completes the options.
func finish(args ...string) (*Flags, error) {
	var u Flags
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	u.Add(f, false)
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	return &u, u.Finish()
}

// TestTokens: of the flag and of the file together; a file without one would let everybody in.
func TestTokens(t *testing.T) {
	name := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(name, []byte("one\r\n\n two\n"), 0o600))
	u, err := finish("--token", "three", "--token-file", name)
	require.NoError(t, err)
	for token, want := range map[string]error{"one": nil, "two": nil, "three": nil, "": validate.ErrUnregisteredToken, "one\r": validate.ErrUnregisteredToken} {
		require.ErrorIs(t, u.Options.Authorize(nil, token), want, token)
	}
	u, err = finish()
	require.NoError(t, err)
	require.Nil(t, u.Options.Authorize)

	require.NoError(t, os.WriteFile(name, []byte("\n"), 0o600))
	_, err = finish("--token-file", name)
	require.ErrorContains(t, err, "no token in it")
	_, err = finish("--token-file", name+"x")
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = finish("--token", "")
	require.ErrorContains(t, err, "empty token")
}

// TestOptions: every flag reaches its option.
func TestOptions(t *testing.T) {
	u, err := finish("--max-request-bytes", "64MiB", "--memory-threshold", "2MiB", "--max-memory", "1GiB", "--max-temp-bytes", "3GiB", "--max-client-bytes", "1GiB",
		"--temp-dir", t.TempDir(), "--max-parts", "3", "--max-verifications", "2", "--max-wait", "3s", "--idle-timeout", "4s", "--min-rate", "2KiB",
		"--receive-timeout", "5m", "--retry-after", "6s", "--json-field", "image", "--decode-content", "--problem-json", "--refuse-type-mismatch", "--max-bytes", "1MiB")
	require.NoError(t, err)
	o := u.Options
	require.NoError(t, o.Problems())
	require.Equal(t, []any{
		int64(64 << 20), int64(2 << 20), int64(1 << 30), int64(3 << 30), int64(1 << 30), 3, 2, 3 * time.Second, 4 * time.Second, int64(2048),
		5 * time.Minute, 6 * time.Second, "image", true, true, true, int64(1 << 20),
	}, []any{
		o.MaxRequestBytes, o.MemoryThreshold, o.MaxMemory, o.MaxTempBytes, o.MaxClientBytes, o.MaxParts, o.MaxVerifications, o.MaxWait, o.IdleTimeout, o.MinRate,
		o.ReceiveTimeout, o.RetryAfter, o.JSONField, o.DecodeContent, o.ProblemJSON, o.RefuseTypeMismatch, o.Validate.MaxBytes,
	})
}
