package validate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// The three settings are tried on a good file, one that Normal warns of, one that lost its end,
// and one that lost pixels.
func TestTolerance(t *testing.T) {
	good := encodePNG(t, image.NewNRGBA(image.Rect(0, 0, 90, 70)))
	for _, c := range []struct {
		name string
		b    []byte
		want [3]validate.Reason // Normal, Strict, Lenient: the reason of the refusal, "" for none
	}{
		{"good", good, [3]validate.Reason{}},
		{"warned", append(bytes.Clone(good), 1), [3]validate.Reason{"", validate.TrailingData, ""}},
		{"end lost", good[:len(good)-12], [3]validate.Reason{validate.Truncated, validate.Truncated, ""}},
		{"pixels lost", good[:len(good)/2], [3]validate.Reason{validate.Truncated, validate.Truncated, validate.Truncated}},
	} {
		for i, want := range c.want {
			tolerance := validate.Tolerance(i)
			res, err := validate.Bytes(context.Background(), c.b, validate.Options{Tolerance: tolerance})
			if want == "" {
				require.NoError(t, err, "%s, %v", c.name, tolerance)
				continue
			}
			var refusal *validate.Error
			require.ErrorAs(t, err, &refusal, "%s, %v: %v", c.name, tolerance, res.Warnings)
			require.Equal(t, want, refusal.Reason, "%s, %v", c.name, tolerance)
			require.Equal(t, validate.CodeCorrupted, refusal.Code)
		}
	}
}

func TestToleranceText(t *testing.T) {
	var zero validate.Tolerance
	require.Equal(t, validate.Normal, zero)
	for want, tolerance := range map[string]validate.Tolerance{"normal": validate.Normal, "strict": validate.Strict, "lenient": validate.Lenient} {
		require.Equal(t, want, tolerance.String())
		b, err := json.Marshal(struct{ T validate.Tolerance }{tolerance})
		require.NoError(t, err)
		require.Equal(t, `{"T":"`+want+`"}`, string(b))
		var back struct{ T validate.Tolerance }
		require.NoError(t, json.Unmarshal(b, &back))
		require.Equal(t, tolerance, back.T)
	}
	for _, bad := range []string{"", "Strict", "loose", "0"} {
		var v validate.Tolerance
		require.Error(t, v.UnmarshalText([]byte(bad)), "%q", bad)
	}
	for _, bad := range []validate.Tolerance{-1, 3} {
		_, err := bad.MarshalText()
		require.Error(t, err)
		require.Contains(t, bad.String(), "Tolerance(")
		require.Error(t, validate.Options{Tolerance: bad}.Problems())
	}
}
