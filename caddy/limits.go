package imgvetcaddy

import (
	"errors"
	"sync"

	"github.com/caddyserver/caddy/v2"
	registry "github.com/prometheus/client_golang/prometheus"

	"github.com/imgvet/imgvet/middleware"
	"github.com/imgvet/imgvet/observe/prometheus"
)

// limits are the settings that make budgets. Handlers of which all are equal share one.
type limits struct {
	maxSize, maxRequest, maxMemory, maxTemp, maxClient int64
	tempDir                                            string
	verifications                                      int
}

// budgets is a Middleware whose With makes those of the handlers.
type budgets struct{ *middleware.Middleware }

// Destruct implements caddy.Destructor: the collector of garbage does the rest.
func (budgets) Destruct() error { return nil }

// pool holds the budgets in use by their limits. It belongs to the program and to no
// configuration, so that a configuration hands its budgets on to the next.
var pool = caddy.NewUsagePool()

func limitsOf(o middleware.Options) limits {
	return limits{
		o.Validate.MaxBytes, o.MaxRequestBytes, o.MaxMemory, o.MaxTempBytes, o.MaxClientBytes,
		o.TempDir, o.MaxVerifications,
	}
}

// take returns the budgets of l. Each call needs a release.
func (l limits) take() (*middleware.Middleware, error) {
	v, _, err := pool.LoadOrNew(l, func() (caddy.Destructor, error) {
		o := middleware.Options{
			MaxRequestBytes: l.maxRequest, MaxMemory: l.maxMemory, MaxTempBytes: l.maxTemp, MaxClientBytes: l.maxClient,
			TempDir: l.tempDir, MaxVerifications: l.verifications,
		}
		o.Validate.MaxBytes = l.maxSize
		m, err := middleware.New(o)
		return budgets{m}, err
	})
	if err != nil {
		return nil, err
	}
	return v.(budgets).Middleware, nil
}

func (l limits) release() error {
	_, err := pool.Delete(l)
	return err
}

// keep gives to what with has of the shared budgets, which With lets nobody change.
func (limits) keep(with, to *middleware.Options) {
	to.MemoryThreshold, to.MaxMemory, to.MaxTempBytes = with.MemoryThreshold, with.MaxMemory, with.MaxTempBytes
	to.MaxClientBytes, to.MaxVerifications, to.TempDir = with.MaxClientBytes, with.MaxVerifications, with.TempDir
	to.Validate.MaxBytes, to.MaxRequestBytes = with.Validate.MaxBytes, with.MaxRequestBytes
}

// metrics are those of all handlers of a configuration.
type metrics struct {
	*prometheus.Collector

	mu      sync.Mutex
	watched map[*middleware.Middleware]bool
}

// metricsOf returns the metrics that are registered with r. The first call registers them.
func metricsOf(r *registry.Registry) (*metrics, error) {
	m := &metrics{Collector: prometheus.New(), watched: map[*middleware.Middleware]bool{}}
	err := r.Register(m)
	if already, ok := errors.AsType[registry.AlreadyRegisteredError](err); ok {
		if first, ok := already.ExistingCollector.(*metrics); ok {
			return first, nil
		}
	}
	return m, err
}

// watch adds the gauges of shared budgets, once.
func (m *metrics) watch(all *middleware.Middleware) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.watched[all] {
		m.watched[all] = true
		m.Watch(all)
	}
}
