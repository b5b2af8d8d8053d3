package prometheus_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"

	client "github.com/prometheus/client_golang/prometheus"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/observe/prometheus"
)

func ExampleNew() {
	metrics := prometheus.New()
	registry := client.NewRegistry()
	registry.MustRegister(metrics)
	vet, err := middleware.New(middleware.Options{
		Observe: metrics.Observe,
		Logger:  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	metrics.Watch(vet) // for the gauges

	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("GIF89a"))
	r.Header.Set("Content-Type", "image/png")
	vet.Wrap(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), r)

	families, err := registry.Gather()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, family := range families {
		if family.GetName() != "imgvet_files_total" {
			continue
		}
		for _, m := range family.GetMetric() {
			fmt.Println(family.GetName(), m.GetCounter().GetValue())
			for _, l := range m.GetLabel() {
				fmt.Printf("  %s=%q\n", l.GetName(), l.GetValue())
			}
		}
	}
	// Output:
	// imgvet_files_total 1
	//   code="5"
	//   format=""
	//   outcome="refused"
	//   reason="unknown_format"
	//   status="422"
}
