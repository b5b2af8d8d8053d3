package otel_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/observe/otel"
)

func ExampleTrace() {
	spans := tracetest.NewSpanRecorder() // in a service, an exporter
	provider := sdk.NewTracerProvider(sdk.WithSpanProcessor(spans))
	vet, err := middleware.New(middleware.Options{
		Trace:  otel.Trace(provider),
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("GIF89a"))
	r.Header.Set("Content-Type", "image/png")
	vet.Wrap(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), r)

	for _, span := range spans.Ended() {
		fmt.Println(span.Name())
		for _, a := range span.Attributes() {
			if a.Key == otel.Code || a.Key == otel.Reason {
				fmt.Println(" ", a.Key, a.Value.String())
			}
		}
	}
	// Output:
	// imgvet receive
	//   imgvet.code 5
	//   imgvet.reason unknown_format
	// imgvet check
	//   imgvet.code 5
	//   imgvet.reason unknown_format
}
