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
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/observe/otel"
)

// TestObserve sends requests through the middleware, inside a span of their own.
func TestObserve(t *testing.T) {
	png, err := os.ReadFile("../../testdata/good/png/pngsuite-basn2c08.png")
	require.NoError(t, err)
	spans := tracetest.NewSpanRecorder()
	provider := sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))
	defer provider.Shutdown(context.Background())
	mw, err := middleware.New(middleware.Options{
		Observe: otel.Observe(provider),
		Logger:  slog.New(slog.DiscardHandler),
		Authorize: func(_ *http.Request, token string) error {
			if token == "broken" {
				return errors.New("database of tokens is gone")
			}
			return nil
		},
	})
	require.NoError(t, err)
	handler := mw.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))

	send := func(body []byte, token string) sdk.ReadOnlySpan {
		before := len(spans.Ended())
		ctx, outer := provider.Tracer("test").Start(t.Context(), "request")
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", "image/png")
		r.Header.Set("Authorization", "Bearer "+token)
		start := time.Now()
		handler.ServeHTTP(httptest.NewRecorder(), r)
		ended := spans.Ended()[before:]
		require.Len(t, ended, 1, "one span a file")
		outer.End()
		span := ended[0]
		require.Equal(t, otel.SpanName, span.Name())
		require.Equal(t, outer.SpanContext().SpanID(), span.Parent().SpanID())
		require.Equal(t, outer.SpanContext().TraceID(), span.SpanContext().TraceID())
		require.WithinDuration(t, start, span.StartTime(), time.Second)
		require.False(t, span.EndTime().Before(span.StartTime()))
		return span
	}
	has := func(span sdk.ReadOnlySpan, wanted ...attribute.KeyValue) {
		t.Helper()
		for _, a := range wanted {
			require.Contains(t, span.Attributes(), a)
		}
	}

	span := send(png, "x")
	has(span, otel.Outcome.String("passed"), otel.Format.String("png"), otel.Width.Int(32), otel.Height.Int(32),
		otel.Size.Int(len(png)), otel.Received.Int(len(png)))
	require.Equal(t, codes.Unset, span.Status().Code)

	span = send(png[:len(png)-8], "x")
	has(span, otel.Outcome.String("refused"), otel.Code.Int(5), otel.Reason.String("truncated"), otel.Status.Int(422))
	require.Equal(t, codes.Unset, span.Status().Code, "a refusal is no error of the service")

	span = send(png, "broken")
	has(span, otel.Outcome.String("failed"), otel.Code.Int(-1), otel.Status.Int(500), otel.Size.Int(0))
	require.Equal(t, sdk.Status{Code: codes.Error, Description: "internal error"}, span.Status())
}
