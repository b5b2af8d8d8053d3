package otel_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/observe/otel"
	"github.com/imgvet/imgvet/validate"
)

// TestTrace sends requests through the middleware, inside a span of their own. Its check and its
// access hook begin spans too.
func TestTrace(t *testing.T) {
	png, err := os.ReadFile("../../testdata/good/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	spans := tracetest.NewSpanRecorder()
	provider := sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))
	defer provider.Shutdown(context.Background())
	tracer := provider.Tracer("test")
	mw, err := middleware.New(middleware.Options{
		Trace:  otel.Trace(provider),
		Logger: slog.New(slog.DiscardHandler),
		Validate: validate.Options{Checks: []validate.Check{func(ctx context.Context, _ *validate.Picture) error {
			_, span := tracer.Start(ctx, "check of mine")
			span.End()
			return nil
		}}},
		Authorize: func(r *http.Request, token string) error {
			ctx, span := tracer.Start(r.Context(), "look up")
			defer span.End()
			*r = *r.WithContext(ctx) // handed on with its span
			if token == "broken" {
				return errors.New("database of tokens is gone")
			}
			return nil
		},
	})
	require.NoError(t, err)
	handler := mw.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))

	// send returns the spans of a request, by name, and each one's parent.
	send := func(body []byte, token string) (map[string]sdk.ReadOnlySpan, map[string]string) {
		before := len(spans.Ended())
		started := len(spans.Started())
		ctx, outer := tracer.Start(t.Context(), "request")
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", "image/png")
		r.Header.Set("Authorization", "Bearer "+token)
		handler.ServeHTTP(httptest.NewRecorder(), r)
		outer.End()
		ended := spans.Ended()[before:]
		require.Len(t, spans.Started()[started:], len(ended), "every span has ended")
		byName, names, parents := map[string]sdk.ReadOnlySpan{}, map[any]string{}, map[string]string{}
		for _, s := range ended {
			require.NotContains(t, byName, s.Name(), "once")
			byName[s.Name()], names[s.SpanContext().SpanID()] = s, s.Name()
			require.Equal(t, outer.SpanContext().TraceID(), s.SpanContext().TraceID())
		}
		for _, s := range ended {
			parents[s.Name()] = names[s.Parent().SpanID()]
		}
		return byName, parents
	}
	has := func(span sdk.ReadOnlySpan, wanted ...attribute.KeyValue) {
		t.Helper()
		for _, a := range wanted {
			require.Contains(t, span.Attributes(), a)
		}
	}

	all, parents := send(png, "x")
	require.Equal(t, map[string]string{
		"request": "", otel.SpanName: "request", "look up": "request",
		"imgvet receive": otel.SpanName, "imgvet authorize": otel.SpanName, "imgvet wait": otel.SpanName,
		"imgvet verify": otel.SpanName, "imgvet hooks": otel.SpanName, "check of mine": "imgvet hooks",
	}, parents)
	has(all[otel.SpanName], otel.Files.Int(1), otel.Received.Int(len(png)))
	has(all["imgvet verify"], otel.Format.String("png"), otel.Width.Int(32), otel.Height.Int(32), otel.Size.Int(len(png)))
	for _, s := range all {
		require.Equal(t, codes.Unset, s.Status().Code)
	}

	all, parents = send(png[:len(png)-8], "x")
	require.NotContains(t, parents, "imgvet hooks")
	for _, name := range []string{otel.SpanName, "imgvet verify"} {
		has(all[name], otel.Code.Int(5), otel.Reason.String("truncated"), otel.Status.Int(422))
		require.Equal(t, codes.Unset, all[name].Status().Code, "a refusal is no error of the service")
		require.NotContains(t, all[name].Attributes(), otel.ErrorType.String("truncated"))
	}

	all, parents = send(png, "broken")
	require.NotContains(t, parents, "imgvet receive")
	for _, name := range []string{otel.SpanName, "imgvet authorize"} {
		has(all[name], otel.Code.Int(-1), otel.Status.Int(500), otel.ErrorType.String("internal_error"))
		require.Equal(t, sdk.Status{Code: codes.Error, Description: "internal error"}, all[name].Status())
	}
	has(all[otel.SpanName], otel.Files.Int(0))
}
