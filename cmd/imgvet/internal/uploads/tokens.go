package uploads

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"

	"github.com/imgvet/imgvet/validate"
)

// Authorizer returns an access hook that takes the given tokens, or all if there
// are none, but for those that are known and denied. It is nil if nothing is
// refused.
func Authorizer(tokens []string, denied ...string) func(*http.Request, string) error {
	if len(tokens)+len(denied) == 0 {
		return nil
	}
	return func(_ *http.Request, token string) error {
		switch {
		case holdsToken(denied, token):
			return validate.ErrFailAuthorization
		case len(tokens) > 0 && !holdsToken(tokens, token):
			return validate.ErrUnregisteredToken
		}
		return nil
	}
}

// holdsToken reports whether token is one of tokens. How long it takes tells nothing of
// them: neither how far one is right nor how long it is.
func holdsToken(tokens []string, token string) bool {
	got := sha256.Sum256([]byte(token))
	found := 0
	for _, t := range tokens {
		want := sha256.Sum256([]byte(t))
		found |= subtle.ConstantTimeCompare(got[:], want[:])
	}
	return found == 1
}
