package uploads

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/internal/flags"
	"github.com/imgvet/imgvet/internal/settings"
	"github.com/imgvet/imgvet/middleware"
)

// Flags are the flags about uploads. Its Options and Denied may have flags of the command's own.
type Flags struct {
	Options middleware.Options
	Denied  []string // tokens

	verdict   flags.Verdict
	tokens    []string
	tokenFile string
}

// Add adds the flags. face says whether faces are looked for by default.
func (u *Flags) Add(f *pflag.FlagSet, face bool) {
	o := &u.Options
	f.StringArrayVar(&u.tokens, "token", nil, "take only this token; may be given more than once (default: take any). Other users of the machine see it in the list of processes: rather use IMGVET_TOKEN or --token-file")
	f.StringVar(&u.tokenFile, "token-file", "", "take only the tokens in this `file`, one a line")
	settings.Same(f, "token", "token-file")
	u.verdict.Add(f, face)
	f.BoolVar(&o.RefuseTypeMismatch, "refuse-type-mismatch", false, "refuse a good file that is declared or named as another kind of file, such as a PNG called a.jpg")
	f.StringVar(&o.JSONField, "json-field", "", "check the base64 picture in this member of JSON bodies")
	f.BoolVar(&o.DecodeContent, "decode-content", false, "take bodies with Content-Encoding: gzip, and hand them on decoded")
	f.BoolVar(&o.ProblemJSON, "problem-json", false, "answer clients that accept application/problem+json with RFC 9457 problem details")

	size := func(p *int64, name, usage string) { f.Var((*flags.Bytes)(p), name, usage) }
	size(&o.MaxRequestBytes, "max-request-bytes", "refuse requests of a larger `size` (default: the larger of 32 MiB and twice --max-bytes)")
	size(&o.MemoryThreshold, "memory-threshold", "keep bodies up to this `size` in memory (default: a quarter of what --max-memory leaves for bodies)")
	size(&o.MaxMemory, "max-memory", "the memory of all bodies and files under verification (default: 128 MiB and --max-bytes a verification)")
	size(&o.MaxTempBytes, "max-temp-bytes", "the `size` of all temporary files (default: 2 GiB)")
	size(&o.MaxClientBytes, "max-client-bytes", "the `size` of all bodies of one client (default: half of --max-temp-bytes)")
	f.StringVar(&o.TempDir, "temp-dir", "", "the `directory` of temporary files (default: the system's)")
	f.IntVar(&o.MaxParts, "max-parts", 0, "how many parts a form may have (default: 32)")
	f.IntVar(&o.MaxVerifications, "max-verifications", 0, "how many requests are verified at a time (default: as many as there are processors)")
	f.DurationVar(&o.MaxWait, "max-wait", 0, "how long a request waits for its verification before it is answered 503 (default: 10s)")
	f.DurationVar(&o.IdleTimeout, "idle-timeout", 0, "how long a client may send nothing of an upload (default: 20s)")
	size(&o.MinRate, "min-rate", "the slowest upload, in bytes a second (default: 1 KiB)")
	f.DurationVar(&o.ReceiveTimeout, "receive-timeout", 0, "how long a whole upload may take (default: 10m)")
	f.DurationVar(&o.RetryAfter, "retry-after", 0, "when a client that got 503 may come back (default: 2s)")
}

// Finish reads the tokens, loads the face finder, and completes Options.
func (u *Flags) Finish() error {
	tokens := u.tokens
	if u.tokenFile != "" {
		more, err := readTokens(u.tokenFile)
		if err != nil {
			return err
		}
		tokens = append(tokens, more...)
	}
	for _, t := range append(tokens, u.Denied...) {
		if t == "" {
			return errors.New("an empty token: every client without one would have it")
		}
	}
	if err := u.verdict.Finish(); err != nil {
		return err
	}
	u.Options.Validate = u.verdict.Options
	u.Options.Authorize = Authorizer(tokens, u.Denied...)
	return nil
}

// maxTokens is how many bytes a file of tokens may have.
const maxTokens = 1 << 20

// readTokens reads a token from each line that is not blank.
func readTokens(name string) ([]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, cli.Failure{Err: err}
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxTokens+1))
	if err != nil {
		return nil, cli.Failure{Err: err}
	}
	if len(b) > maxTokens {
		return nil, fmt.Errorf("--token-file %s: larger than %d bytes", name, maxTokens)
	}
	var tokens []string
	for line := range strings.Lines(string(b)) {
		if t := strings.TrimSpace(line); t != "" {
			tokens = append(tokens, t)
		}
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("--token-file %s: no token in it", name)
	}
	return tokens, nil
}
