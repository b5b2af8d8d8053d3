package validate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imgvet/imgvet/validate"
)

// documented is the API's documentation, byte for byte.
var documented = map[validate.Code]string{
	0: `{"error":{"code":0,"message":"unregistered token"}}`,
	1: `{"error":{"code":1,"message":"fail authorization"}}`,
	3: `{"error":{"code":3,"message":"file must be less than 10mb"}}`,
	4: `{"error":{"code":4,"message":"face not found"}}`,
	5: `{"error":{"code":5,"message":"file corrupted"}}`,
	6: `{"error":{"code":6,"message":"empty input image"}}`,
}

func TestCanonicalBodies(t *testing.T) {
	for code, want := range documented {
		e := &validate.Error{Code: code, Reason: "x", Offset: 12, Limit: 3, Got: 4}
		got, err := json.Marshal(e)
		require.NoError(t, err)
		require.Equal(t, want, string(got))

		var back validate.Error
		require.NoError(t, json.Unmarshal(got, &back))
		require.Equal(t, code, back.Code)
		require.EqualValues(t, -1, back.Offset)
	}
	for _, code := range []validate.Code{-1, 2, 7} {
		_, err := json.Marshal(&validate.Error{Code: code})
		require.Error(t, err, "code %d is not documented", code)
	}
}

func TestUnmarshalTellsZeroFromMissing(t *testing.T) {
	for _, bad := range []string{
		`{}`, `{"error":null}`, `{"error":{}}`, `{"error":{"message":"unregistered token"}}`,
		`{"error":{"code":null}}`, `{"error":{"code":2}}`, `{"error":{"code":-1,"message":"x"}}`, `[]`, `{"error":{"code":"0"}}`,
	} {
		e := validate.Error{Code: validate.CodeEmpty}
		require.Error(t, json.Unmarshal([]byte(bad), &e), bad)
		require.Equal(t, validate.CodeEmpty, e.Code, "%s: left as it was", bad)
	}
	var e validate.Error
	require.NoError(t, json.Unmarshal([]byte(`{"error":{"code":0}}`), &e))
	require.ErrorIs(t, &e, validate.ErrUnregisteredToken)
}

func TestErrorIs(t *testing.T) {
	e := &validate.Error{Code: validate.CodeCorrupted, Reason: validate.Truncated, Offset: 7}
	require.ErrorIs(t, e, validate.ErrCorrupted)
	require.ErrorIs(t, fmt.Errorf("wrapped: %w", e), validate.ErrCorrupted)
	require.ErrorIs(t, e, &validate.Error{Code: validate.CodeCorrupted, Reason: validate.Truncated})
	require.NotErrorIs(t, e, &validate.Error{Code: validate.CodeCorrupted, Reason: validate.Malformed})
	require.NotErrorIs(t, e, validate.ErrEmpty)
	require.NotErrorIs(t, validate.ErrCorrupted, e, "a target's reason must be met")
	require.NotErrorIs(t, errors.New("other"), validate.ErrUnregisteredToken)
}

func TestAdviceForEveryCode(t *testing.T) {
	seen := map[string]validate.Code{}
	for code := range documented {
		advice := (&validate.Error{Code: code}).Advice()
		require.NotEmpty(t, advice)
		require.NotContains(t, seen, advice)
		seen[advice] = code
	}
	cut := (&validate.Error{Code: validate.CodeCorrupted, Reason: validate.Truncated}).Advice()
	require.NotContains(t, seen, cut, "a reason makes the advice more precise")
}

func TestLogValueHoldsEverything(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("refused", "error", &validate.Error{Code: validate.CodeTooLarge, Reason: validate.TooLarge, Format: "png", Offset: -1, Limit: 10, Got: 11})
	var line struct {
		Error map[string]any `json:"error"`
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	require.Equal(t, map[string]any{
		"code": 3.0, "message": "file must be less than 10mb", "reason": "too_large",
		"format": "png", "offset": -1.0, "limit": 10.0, "got": 11.0,
	}, line.Error)
}

func TestNilErrorDoesNotPanic(t *testing.T) {
	var e *validate.Error
	require.NotEmpty(t, e.Error())
	require.NoError(t, errors.Unwrap(e))
	require.NotErrorIs(t, e, validate.ErrUnregisteredToken)
	require.Empty(t, e.Advice())
	_, err := json.Marshal(e)
	require.NoError(t, err)
	require.NotPanics(t, func() { _ = e.LogValue() })
}
