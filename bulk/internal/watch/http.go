package watch

import (
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/imgvet/imgvet/bulk/internal/events"
)

// Handler takes events as POST requests. It answers when the objects are judged, so that a sender
// that gets no 2xx sends the event again. Requests must have the token, if there is one: as
// "Authorization: Bearer TOKEN" (MinIO, SNS through a proxy) or as the parameter token (Pub/Sub).
func (w *Watcher) Handler(token string) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("X-Content-Type-Options", "nosniff")
		if token != "" && !hasToken(r, token) {
			http.Error(rw, "no token, or a wrong one", http.StatusUnauthorized)
			return
		}
		if r.Method != http.MethodPost {
			rw.Header().Set("Allow", http.MethodPost)
			http.Error(rw, "events come as POST", http.StatusMethodNotAllowed)
			return
		}
		b, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, events.MaxBytes))
		if err != nil {
			http.Error(rw, "the event cannot be read", http.StatusBadRequest)
			return
		}
		w.answer(rw, w.Handle(r.Context(), b))
	})
}

func (w *Watcher) answer(rw http.ResponseWriter, err error) {
	var other *BucketError
	switch {
	case err == nil:
		rw.WriteHeader(http.StatusNoContent)
	case errors.Is(err, events.ErrNone):
		w.Log.Warn("a request is no event", "err", err)
		http.Error(rw, "no event of S3, MinIO or GCS", http.StatusBadRequest)
	case errors.As(err, &other):
		w.Log.Warn("an event of another bucket", "err", err)
		http.Error(rw, "another bucket is watched", http.StatusForbidden)
	default:
		w.Log.Warn("an event was not handled", "err", err)
		rw.Header().Set("Retry-After", "5")
		http.Error(rw, "try again", http.StatusServiceUnavailable)
	}
}

func hasToken(r *http.Request, token string) bool {
	got := r.URL.Query().Get("token")
	if header := r.Header.Get("Authorization"); header != "" {
		got = strings.TrimPrefix(header, "Bearer ")
	}
	return subtle.ConstantTimeCompare([]byte(got), []byte(token)) == 1
}
