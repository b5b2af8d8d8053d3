package validate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/detect"
	"github.com/imgvet/imgvet/validate"
)

// panics returns some bytes, and panics then, as the body of a request may.
type panics struct{ b []byte }

func (p *panics) Read(b []byte) (int, error) {
	if len(p.b) == 0 {
		panic("reader")
	}
	n := copy(b, p.b)
	p.b = p.b[n:]
	return n, nil
}

// A reader that panics leaves nothing counted: a server recovers, and goes on with the Limiter.
func TestLimiterAfterPanic(t *testing.T) {
	photo := good(t, detect.PNG)
	l := newLimiter(t, 1, 1) // the call is above the limit, for which others would wait
	require.PanicsWithValue(t, "reader", func() {
		_, _ = validate.Validate(t.Context(), &panics{photo[:100]}, validate.Options{Limiter: l})
	})
	requireFree(t, l)
}
