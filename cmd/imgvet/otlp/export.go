package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"strings"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	bridge "go.opentelemetry.io/contrib/bridges/prometheus"
	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	global "go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/imgvet/imgvet/cmd/imgvet/internal/telemetry"
	"github.com/imgvet/imgvet/cmd/imgvet/internal/trust"
	"github.com/imgvet/imgvet/internal/cli"
	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/observe/otel"
	"github.com/imgvet/imgvet/observe/prometheus"
)

// exporter sends spans and metrics by OTLP, and answers scrapes.
type exporter struct {
	metrics  *prometheus.Collector
	registry *client.Registry
	tracer   trace.TracerProvider
	stop     []func(context.Context) error
}

// propagators are the standard's default (OTEL_PROPAGATORS).
func propagators() propagation.TextMapPropagator {
	return propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})
}

// export makes an exporter as the environment says.
func export(ctx context.Context, log *slog.Logger) (telemetry.Exporter, error) {
	e := &exporter{metrics: prometheus.New(), registry: client.NewRegistry(), tracer: noop.NewTracerProvider()}
	for _, c := range []client.Collector{
		e.metrics, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := e.registry.Register(c); err != nil {
			return nil, cli.Failure{Err: err}
		}
	}
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return e, nil
	}
	global.SetErrorHandler(global.ErrorHandlerFunc(func(err error) { log.Warn("telemetry could not be sent", "error", err) }))
	// What the environment says of the resource comes last, and goes before.
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(attribute.String("service.name", "imgvet")), resource.WithFromEnv())
	if err != nil {
		return nil, cli.Failure{Err: err}
	}
	spans, err := autoexport.NewSpanExporter(ctx)
	if err != nil {
		return nil, cli.Failure{Err: err}
	}
	tracer := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(about))
	e.tracer, e.stop = tracer, append(e.stop, tracer.Shutdown)

	// The library has one registry of producers for the process (OTEL_METRICS_PRODUCERS).
	autoexport.WithFallbackMetricProducer(func(context.Context) (sdkmetric.Producer, error) {
		return bridge.NewMetricProducer(bridge.WithGatherer(e.registry)), nil
	})
	reader, err := autoexport.NewMetricReader(ctx)
	if err != nil {
		return nil, errors.Join(cli.Failure{Err: err}, tracer.Shutdown(ctx))
	}
	meter := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithResource(about))
	e.stop = append(e.stop, meter.Shutdown)
	return e, nil
}

// Use is part of [telemetry.Exporter], and so are the others.
func (e *exporter) Use(opts *middleware.Options) {
	opts.Observe, opts.Trace = e.metrics.Observe, otel.Trace(e.tracer)
}

// Watch adds to the gauges.
func (e *exporter) Watch(m *middleware.Middleware) { e.metrics.Watch(m) }

// Wrap begins a span for each request. It is the child of the caller's only where the caller is
// a trusted proxy, and linked to it otherwise. The service behind gets it as its parent.
func (e *exporter) Wrap(next http.Handler) http.Handler {
	propagate := propagators()
	inside := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		propagate.Inject(r.Context(), propagation.HeaderCarrier(r.Header))
		next.ServeHTTP(w, r)
	})
	return otelhttp.NewHandler(inside, "imgvet request",
		otelhttp.WithTracerProvider(e.tracer), otelhttp.WithPropagators(propagate),
		otelhttp.WithPublicEndpointFn(func(r *http.Request) bool { return !trust.Of(r.Context()).Trusted }))
}

// Metrics answers a scrape.
func (e *exporter) Metrics() http.Handler {
	return promhttp.HandlerFor(e.registry, promhttp.HandlerOpts{})
}

// Shutdown sends what has not been sent.
func (e *exporter) Shutdown(ctx context.Context) error {
	var errs []error
	for _, stop := range e.stop {
		errs = append(errs, stop(ctx))
	}
	return errors.Join(errs...)
}
